"""Examines the whole guard on simulated pairs whose truth is known, beside simpler rules."""
