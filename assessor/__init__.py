"""SFIQA-Assessor: six predicted quality scores of an aligned face (arXiv 2602.07403)."""
