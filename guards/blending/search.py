"""Which mixtures the guard searches: a fixed number, so that the search has a bound on its time."""

from __future__ import annotations

from typing import Final

from .agreement import Agreement
from .giveback import GiveBack
from .pair import Blend, FacePair
from .plain import Mixture
from .projection import Projection

__all__ = ["MIXTURES", "blends_of"]

MIXTURES: Final[tuple[Projection | Mixture | GiveBack | Agreement, ...]] = (
    Agreement(power=8.0),
    Mixture(1.0, cutoff_px=8.0),
    Mixture(0.5, cutoff_px=4.0),
    GiveBack(3, projected=True),
    Agreement(8.0, projected=False),
    Agreement(8.0, power=4.0),
    Agreement(8.0, power=8.0, projected=False),
    Projection(0.6),
    Agreement(power=32.0, projected=False),
    Agreement(4.0, projected=False),
    Agreement(power=32.0),
    Mixture(0.45),
)
"""Twelve at most, chosen by measurement (docs/results/mixtures.md); all of them in one batch."""


def blends_of(pair: FacePair) -> tuple[Blend, ...]:
    """Make every mixture that is searched, in the order of `MIXTURES`."""
    return tuple(mixture.blend(pair) for mixture in MIXTURES)
