"""Says in every written picture what was done to its faces, and reads it back.

By default in words that any program can read and anybody can change (XMP); on demand in a signed
C2PA manifest, in which a later change shows.
"""

from __future__ import annotations

from .labelling import Labelling
from .labels import FaceLabel, PictureLabel, label_of_pair, label_of_restoration
from .verification import Provenance, verify_picture

__all__ = [
    "FaceLabel",
    "Labelling",
    "PictureLabel",
    "Provenance",
    "label_of_pair",
    "label_of_restoration",
    "verify_picture",
]
