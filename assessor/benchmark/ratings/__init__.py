"""From pictures to mean opinion scores: asking people, reading, screening, averaging."""

from __future__ import annotations

from .collecting import RatingsFile
from .mos import MosTable, average_ratings
from .plan import Presentation, StudyPlan, rater_name
from .reading import read_ratings
from .screening import RaterCheck, RaterConsistency, Screening, check_consistency, screen_raters
from .study import RatingStudy, open_study
from .table import SCALES, RatingTable

__all__ = [
    "SCALES",
    "MosTable",
    "Presentation",
    "RaterCheck",
    "RaterConsistency",
    "RatingStudy",
    "RatingTable",
    "RatingsFile",
    "Screening",
    "StudyPlan",
    "average_ratings",
    "check_consistency",
    "open_study",
    "rater_name",
    "read_ratings",
    "screen_raters",
]
