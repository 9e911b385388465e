"""Error versus discard: does leaving out the faces that a score calls bad leave fewer errors?

The error is the false non-match rate (FNMR) of a recogniser at a fixed threshold. Comparisons are
discarded in the order of their quality, worst first, and the share of false non-matches among the
kept ones is drawn against the share discarded (arXiv 2303.13294). The recogniser must be one that
the score was not made from. Arrays in, arrays out; no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ....core.errors import InvalidInput
from .correlation import Vector

__all__ = ["PARTIAL_DISCARD", "DiscardCurve", "discard_curve", "ideal_curve", "threshold_at_fmr"]

PARTIAL_DISCARD: Final = 0.2
"""Share discarded up to which the partial area is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class DiscardCurve:
    """FNMR against the share discarded, a step function.

    Attributes:
        discarded: (K,) shares in [0, 1), rising, the first 0.
        fnmr: (K,) FNMR of what is kept from that share on.
    """

    discarded: Vector
    fnmr: Vector

    def area(self, limit: float = 1.0) -> float:
        """Mean FNMR over shares from 0 to `limit`: the area divided by the limit.

        Raises:
            InvalidInput: If the limit is not inside 0..1.
        """
        if not 0 < limit <= 1:
            raise InvalidInput(f"expected a discard limit in (0, 1], got {limit}")
        edges = np.minimum(np.append(self.discarded, 1.0), limit)
        return float(np.sum(np.diff(edges) * self.fnmr) / limit)


def threshold_at_fmr(impostor: Vector, fmr: float = 0.01) -> float:
    """The lowest similarity threshold at which at most `fmr` of the impostors match (>=).

    Args:
        impostor: (M,) similarities of different persons.
        fmr: Wanted false match rate, inside 0..1.

    Raises:
        InvalidInput: If there are fewer impostors than the rate needs, or the rate is not inside
            0..1.
    """
    if not 0 < fmr < 1:
        raise InvalidInput(f"expected a false match rate inside 0..1, got {fmr}")
    if len(impostor) * fmr < 1 or not np.isfinite(impostor).all():
        raise InvalidInput(
            f"expected at least {int(np.ceil(1 / fmr))} finite impostor similarities for a false "
            f"match rate of {fmr:g}, got {len(impostor)}"
        )
    allowed = int(np.floor(len(impostor) * fmr))
    first_refused = np.sort(impostor)[::-1][allowed]
    return float(np.nextafter(first_refused, np.inf))


def discard_curve(genuine: Vector, quality: Vector, threshold: float) -> DiscardCurve:
    """FNMR while the comparisons of lowest quality are discarded.

    Comparisons of equal quality go together; the order of the input never matters.

    Args:
        genuine: (N,) similarities of pairs of one person.
        quality: (N,) of each pair, higher is better: the lower of its two pictures.
        threshold: Similarity from which a pair matches.

    Raises:
        InvalidInput: If the two are not finite vectors of one length, or empty.
    """
    if genuine.ndim != 1 or genuine.shape != quality.shape or not len(genuine):
        raise InvalidInput(
            f"expected similarities and quality as (N,) and (N,), got {genuine.shape}, "
            f"{quality.shape}"
        )
    if not (np.isfinite(genuine).all() and np.isfinite(quality).all()):
        raise InvalidInput("expected finite similarities and quality, got NaN or infinity")
    order = np.argsort(quality, kind="stable")
    missed = (genuine < threshold)[order]
    count = len(missed)
    kept_missed = np.cumsum(missed[::-1])[::-1]
    kept = count - np.arange(count)
    starts = np.flatnonzero(np.r_[True, np.diff(quality[order]) > 0])
    return DiscardCurve(starts / count, (kept_missed / kept)[starts])


def ideal_curve(fnmr: float, count: int) -> DiscardCurve:
    """The best that any score can do: every discarded comparison was a false non-match.

    Args:
        fnmr: Share of false non-matches before anything is discarded.
        count: How many comparisons.
    """
    discarded = np.arange(count) / count
    return DiscardCurve(discarded, np.maximum(fnmr - discarded, 0.0) / (1.0 - discarded))
