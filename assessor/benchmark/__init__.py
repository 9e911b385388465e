"""SFIQA-Sim: random cameras, restorations and pseudo-MOS with known truth."""
