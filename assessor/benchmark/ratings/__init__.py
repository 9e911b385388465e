"""From the scores that people gave to mean opinion scores: reading, screening, averaging."""

from __future__ import annotations

from .mos import MosTable, average_ratings
from .reading import read_ratings
from .screening import RaterCheck, RaterConsistency, Screening, check_consistency, screen_raters
from .table import SCALES, RatingTable

__all__ = [
    "SCALES",
    "MosTable",
    "RaterCheck",
    "RaterConsistency",
    "RatingTable",
    "Screening",
    "average_ratings",
    "check_consistency",
    "read_ratings",
    "screen_raters",
]
