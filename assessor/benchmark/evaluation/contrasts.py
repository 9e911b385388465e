"""The assessor against another predictor on the same pictures: which differences hold?

A difference counts as significant when its p value, corrected by Holm over all comparisons of its
group, is below 0.05 and the interval of the difference over persons leaves out zero: the test
takes pictures for independent, the interval knows that pictures of one person are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from .agreement import Estimate, Group, rows_with
from .bootstrap import PersonBootstrap
from .correlation import Vector, fit_curve, outlier_ratio, srcc
from .examination import Examined
from .significance import compare_correlations, compare_outlier_ratios, compare_rmse, holm

__all__ = ["Contrast", "contrast", "correct"]

_LEVEL: Final = 0.05
_LEAST_ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class Contrast:
    """The assessor minus another predictor: one head, one group, one statistic.

    Attributes:
        kind: "all", or what it is grouped by.
        group: The group.
        head: Whose ratings.
        other: The other predictor.
        statistic: "srcc", "rmse" or "outlier_ratio".
        pictures: How many pictures both could score.
        ours: The assessor's value.
        theirs: The other's value.
        difference: Ours minus theirs, with its interval over persons.
        p: Of the test, uncorrected.
        p_corrected: By Holm over the group; NaN until `correct` was called.
    """

    kind: str
    group: str
    head: str
    other: str
    statistic: str
    pictures: int
    ours: float
    theirs: float
    difference: Estimate
    p: float
    p_corrected: float = math.nan

    @property
    def verdict(self) -> str:
        """Whether the assessor is "better" or "worse", or "same" where the difference fails."""
        low, high = self.difference.interval
        if not self.p_corrected < _LEVEL or math.isnan(low) or low <= 0 <= high:
            return "same"
        rises = self.difference.value > 0
        return "better" if rises == (self.statistic == "srcc") else "worse"

    def as_row(self) -> dict[str, Any]:
        """Flat and JSON-ready: NaN becomes None."""
        low, high = self.difference.interval
        numbers = {
            "ours": self.ours,
            "theirs": self.theirs,
            "difference": self.difference.value,
            "difference_low": low,
            "difference_high": high,
            "p": self.p,
            "p_corrected": self.p_corrected,
        }
        return {
            "group_by": self.kind,
            "group": self.group,
            "head": self.head,
            "other": self.other,
            "statistic": self.statistic,
            "pictures": self.pictures,
            **{name: v if math.isfinite(v) else None for name, v in numbers.items()},
            "verdict": self.verdict,
        }


def contrast(
    group: Group,
    head: str,
    other: str,
    ours: Vector,
    theirs: Vector,
    examined: Examined,
    resamples: int,
) -> list[Contrast]:
    """Compare SRCC, RMSE and, where the MOS has intervals, the outlier ratio.

    Args:
        group: Which rows.
        head: Whose ratings.
        other: The other predictor's name.
        ours: (N,) by the assessor, over the whole set.
        theirs: (N,) by the other; rows where it is NaN are left out for both.
        examined: The examined set.
        resamples: Of the bootstrap over persons.
    """
    rows = rows_with(group.rows, theirs, examined.ratings(head))
    if len(rows) < _LEAST_ROWS:
        return []
    a, b, y = ours[rows], theirs[rows], examined.ratings(head)[rows]
    bootstrap = PersonBootstrap(examined.owners(rows), len(rows), resamples=resamples)
    found = [_of_ranks(bootstrap, a, b, y)]
    mapped = fit_curve(a, y)(a), fit_curve(b, y)(b)
    found.append(_of_errors(bootstrap, *mapped, y))
    widths = examined.half_widths(head)[rows]
    if np.isfinite(widths).all():
        found.append(_of_outliers(bootstrap, *mapped, y, widths))
    return [
        Contrast(
            kind=group.kind,
            group=group.name,
            head=head,
            other=other,
            statistic=one.statistic,
            pictures=len(rows),
            ours=one.ours,
            theirs=one.theirs,
            difference=Estimate(one.ours - one.theirs, bootstrap.percentile(one.draws)),
            p=one.p,
        )
        for one in found
    ]


class _Found(NamedTuple):
    statistic: str
    ours: float
    theirs: float
    draws: Vector
    """Resampled differences."""
    p: float


def _of_ranks(bootstrap: PersonBootstrap, a: Vector, b: Vector, y: Vector) -> _Found:
    ours, theirs = srcc(a, y), srcc(b, y)
    draws = bootstrap.srcc(a, y) - bootstrap.srcc(b, y)
    return _Found(
        "srcc", ours, theirs, draws, compare_correlations(ours, theirs, srcc(a, b), len(y))
    )


def _of_errors(bootstrap: PersonBootstrap, a: Vector, b: Vector, y: Vector) -> _Found:
    ours, theirs = (float(np.sqrt(np.mean((mapped - y) ** 2))) for mapped in (a, b))
    draws = bootstrap.rmse(a, y) - bootstrap.rmse(b, y)
    return _Found("rmse", ours, theirs, draws, compare_rmse(ours, theirs, len(y)))


def _of_outliers(
    bootstrap: PersonBootstrap, a: Vector, b: Vector, y: Vector, widths: Vector
) -> _Found:
    ours, theirs = (outlier_ratio(mapped, y, widths) for mapped in (a, b))
    outside = [(np.abs(mapped - y) > widths).astype(np.float64) for mapped in (a, b)]
    draws = bootstrap.mean(outside[0]) - bootstrap.mean(outside[1])
    p = compare_outlier_ratios(ours, theirs, len(y))
    return _Found("outlier_ratio", ours, theirs, draws, p)


def correct(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """Correct the p values by Holm, all comparisons of one group together."""
    corrected = list(contrasts)
    for place in {(one.kind, one.group) for one in contrasts}:
        where = [i for i, one in enumerate(contrasts) if (one.kind, one.group) == place]
        for i, p in zip(where, holm([contrasts[i].p for i in where]), strict=True):
            corrected[i] = replace(contrasts[i], p_corrected=p)
    return corrected
