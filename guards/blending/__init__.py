"""Mixtures of LQ and HQ for faces that may not be replaced whole.

Each keeps of HQ what the evidence allows and takes the rest from LQ; none is judged here.
"""

from .agreement import Agreement
from .giveback import GiveBack
from .pair import Blend, FacePair
from .plain import Mixture, delivered_share, mix
from .projection import Projection
from .search import MIXTURES, blends_of

__all__ = [
    "MIXTURES",
    "Agreement",
    "Blend",
    "FacePair",
    "GiveBack",
    "Mixture",
    "Projection",
    "blends_of",
    "delivered_share",
    "mix",
]
