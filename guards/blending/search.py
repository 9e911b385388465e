"""Which mixtures the guard searches: a fixed number, so that the search has a bound on its time."""

from __future__ import annotations

from typing import Final

from .giveback import GiveBack
from .pair import Blend, FacePair
from .plain import Mixture
from .projection import Projection

__all__ = ["MIXTURES", "blends_of"]

MIXTURES: Final[tuple[Projection | Mixture | GiveBack, ...]] = (
    Projection(),
    Projection(0.6),
    Mixture(0.5, cutoff_px=4.0),
    Mixture(1.0, cutoff_px=8.0),
    Mixture(0.7, cutoff_px=16.0, coarse_share=0.3),
    GiveBack(1, projected=True),
    GiveBack(2, projected=True),
    GiveBack(3, projected=True),
    GiveBack(1),
    GiveBack(5),
    Mixture(0.75),
    Mixture(0.45),
)
"""Twelve at most, chosen by measurement (docs/results/mixtures.md); all of them in one batch."""


def blends_of(pair: FacePair) -> tuple[Blend, ...]:
    """Make every mixture that is searched, in the order of `MIXTURES`."""
    return tuple(mixture.blend(pair) for mixture in MIXTURES)
