"""Screens raters after the experiment, as ITU-R BT.500-15 says, and shows how consistent each is.

The procedure is that of Part 1, Annex 1, clause A1-2.3.1 (kurtosis test, counts P and Q). It runs
once per dimension and is never iterated, which the recommendation forbids. It finds raters who
scatter to both sides; a rater who always gives the same score or reads the scale upside down may
pass, so the consistency table shows what it cannot see. Nothing here drops a rating.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .table import RatingTable

__all__ = ["RaterCheck", "RaterConsistency", "Screening", "check_consistency", "screen_raters"]

LEAST_RATERS: Final = 6
"""With fewer on a picture no rating can lie two deviations off: (N - 1) / sqrt(N) < 2."""
_NORMAL_KURTOSIS: Final = (2.0, 4.0)
_NORMAL_WIDTH: Final = 2.0
_OTHER_WIDTH: Final = float(np.sqrt(20.0))
_MOST_OUTSIDE: Final = 0.05
_LEAST_ONE_SIDED: Final = 0.3
_LEAST_PICTURES: Final = 3

_Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RaterCheck:
    """What the screening found for one rater and one dimension.

    Attributes:
        rater: Name.
        head: One of `HEADS`.
        high: P, how many of the rater's scores lie on or above the upper limit.
        low: Q, how many lie on or below the lower limit.
        presentations: How many scores the rater gave (J K R of the recommendation, where some are
            missing).
        rejected: Whether (P + Q) / presentations > 0.05 and |P - Q| / (P + Q) < 0.3.
    """

    rater: str
    head: str
    high: int
    low: int
    presentations: int
    rejected: bool

    def reason(self) -> str:
        """The counts in words, for a report."""
        outside = self.high + self.low
        return (
            f"{outside} of {self.presentations} scores far from the others' "
            f"({self.high} above, {self.low} below)"
        )


@dataclass(frozen=True, slots=True)
class Screening:
    """The screening of a whole table.

    Attributes:
        checks: One per dimension and rater who rated it.
        unscreened: Dimensions in which no picture had the six raters that the test needs.
    """

    checks: tuple[RaterCheck, ...]
    unscreened: tuple[str, ...]

    def rejected(self, head: str) -> frozenset[str]:
        """Names of the raters whose scores of this dimension are to be left out."""
        return frozenset(one.rater for one in self.checks if one.head == head and one.rejected)


@dataclass(frozen=True, slots=True)
class RaterConsistency:
    """How far one rater agrees with the others and with himself, in one dimension.

    Attributes:
        rater: Name.
        head: One of `HEADS`.
        pictures: How many pictures the rater rated.
        repeated: How many of them more than once.
        repeat_deviation: Standard deviation between the scores of a repeated picture, pooled, in
            points of 0..100; None without repeats.
        bias: Mean difference to the mean of the others, in points of 0..100; None alone.
        correlation: Pearson's, with the mean of the others; None below three shared pictures or
            where one side is constant.
    """

    rater: str
    head: str
    pictures: int
    repeated: int
    repeat_deviation: float | None
    bias: float | None
    correlation: float | None


def screen_raters(table: RatingTable) -> Screening:
    """Screen every dimension by itself (ITU-R BT.500-15, A1-2.3.1).

    For each presentation (a picture, and each repetition of it) with mean u and deviation S over
    the raters: the scores count as normally distributed where 2 <= m4 / m2^2 <= 4, and the limits
    are u ± 2 S, else u ± sqrt(20) S. Presentations with fewer than six raters or without any
    spread have no limits; they count as presentations only.

    Args:
        table: The raw ratings.

    Returns:
        The counts of every rater and who is to be rejected; nothing is removed from the table.
    """
    checks: list[RaterCheck] = []
    unscreened: list[str] = []
    for head in table.heads:
        cube = table.cube(head)
        scores = cube.reshape(len(table.raters), -1)
        lower, upper = _limits(scores)
        if not np.isfinite(upper).any():
            unscreened.append(head)
        high = (scores >= upper).sum(axis=1)
        low = (scores <= lower).sum(axis=1)
        given = np.isfinite(scores).sum(axis=1)
        checks += [
            RaterCheck(rater, head, int(p), int(q), int(n), _is_rejected(int(p), int(q), int(n)))
            for rater, p, q, n in zip(table.raters, high, low, given, strict=True)
            if n
        ]
    return Screening(tuple(checks), tuple(unscreened))


def _limits(scores: _Scores) -> tuple[_Scores, _Scores]:
    """Lower and upper limit of every presentation, NaN where it has none; scores are (R, JK)."""
    count = np.isfinite(scores).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # columns without ratings are NaN
        mean = np.nanmean(scores, axis=0)
        centred = scores - mean
        second = np.nanmean(centred**2, axis=0)
        kurtosis = np.nanmean(centred**4, axis=0) / second**2
        deviation = np.nanstd(scores, axis=0, ddof=1)
    usable = (count >= LEAST_RATERS) & (second > 1e-12)
    normal = (kurtosis >= _NORMAL_KURTOSIS[0]) & (kurtosis <= _NORMAL_KURTOSIS[1])
    width = np.where(normal, _NORMAL_WIDTH, _OTHER_WIDTH) * deviation
    return np.where(usable, mean - width, np.nan), np.where(usable, mean + width, np.nan)


def _is_rejected(high: int, low: int, presentations: int) -> bool:
    outside = high + low
    if not outside or outside / presentations <= _MOST_OUTSIDE:
        return False
    return abs(high - low) / outside < _LEAST_ONE_SIDED


def check_consistency(table: RatingTable) -> tuple[RaterConsistency, ...]:
    """Compare every rater with the others and with the rater's own hidden repeats.

    Args:
        table: The raw ratings.

    Returns:
        One row per dimension and rater who rated it.
    """
    rows: list[RaterConsistency] = []
    for head in table.heads:
        cube = table.scale.to_hundred(table.cube(head))
        means, repeats = _means_and_repeats(cube)
        total, count = np.nansum(means, axis=0), np.isfinite(means).sum(axis=0)
        for position, rater in enumerate(table.raters):
            own = means[position]
            if not np.isfinite(own).any():
                continue
            shared = np.isfinite(own) & (count > 1)
            others = (total[shared] - own[shared]) / (count[shared] - 1)
            spread = repeats[position][np.isfinite(repeats[position])]
            rows.append(
                RaterConsistency(
                    rater,
                    head,
                    pictures=int(np.isfinite(own).sum()),
                    repeated=len(spread),
                    repeat_deviation=float(np.sqrt(spread.mean())) if len(spread) else None,
                    bias=float(np.mean(own[shared] - others)) if shared.any() else None,
                    correlation=_correlation(own[shared], others),
                )
            )
    return tuple(rows)


def _means_and_repeats(cube: _Scores) -> tuple[_Scores, _Scores]:
    """Per rater and picture the mean and the variance between repetitions, NaN where unknown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # pictures without ratings are NaN
        return np.nanmean(cube, axis=2), np.nanvar(cube, axis=2, ddof=1)


def _correlation(own: _Scores, others: _Scores) -> float | None:
    if len(own) < _LEAST_PICTURES or np.ptp(own) < 1e-9 or np.ptp(others) < 1e-9:
        return None
    return float(np.corrcoef(own, others)[0, 1])
