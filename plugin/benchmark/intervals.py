"""Statistics of examined pairs, each with its interval over persons."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ...assessor.benchmark.evaluation.agreement import Estimate

__all__ = ["auc", "brier", "estimate", "reliability"]

Numbers = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

_LEAST_OF_A_KIND = 5


def auc(score: Numbers, truth: Truth) -> float:
    """Area under the ROC curve; NaN with fewer than five rows of a kind.

    Args:
        score: (N,) higher where the truth is likelier.
        truth: (N,) what happened.
    """
    hit, miss = score[truth], np.sort(score[~truth])
    if min(len(hit), len(miss)) < _LEAST_OF_A_KIND:
        return math.nan
    below = np.searchsorted(miss, hit, "left") + np.searchsorted(miss, hit, "right")
    return float(below.mean() / 2 / len(miss))


def brier(probability: Numbers, truth: Truth) -> float:
    """Mean squared difference of probability and truth; NaN without rows."""
    return float(np.mean((probability - truth) ** 2)) if len(truth) else math.nan


def estimate(
    statistic: Callable[[Rows], float],
    person: npt.NDArray[np.int64],
    rows: Rows,
    resamples: int,
) -> Estimate:
    """A statistic of some rows, with its 95 % interval over persons.

    Args:
        statistic: Takes row indices, possibly repeated.
        person: (N,) whose each row of the whole set is.
        rows: The rows that count.
        resamples: How often persons are drawn.
    """
    if not len(rows):
        return Estimate()
    value = statistic(rows)
    people, owner = np.unique(person[rows], return_inverse=True)
    of_person = np.split(rows[np.argsort(owner, kind="stable")], np.cumsum(np.bincount(owner))[:-1])
    rng = np.random.default_rng(0)
    found = [
        statistic(np.concatenate([of_person[i] for i in rng.integers(0, len(people), len(people))]))
        for _ in range(resamples)
    ]
    finite = np.array(found)[np.isfinite(found)]
    if math.isnan(value) or not len(finite):
        return Estimate(value)
    low, high = np.quantile(finite, [0.025, 0.975])
    return Estimate(value, (float(low), float(high)))


def reliability(probability: Numbers, truth: Truth) -> list[tuple[float, float, int]]:
    """Mean probability, share of truth and count in each filled tenth of 0..1."""
    tenth = np.minimum((probability * 10).astype(int), 9)
    return [
        (float(probability[tenth == k].mean()), float(truth[tenth == k].mean()), int(n))
        for k, n in enumerate(np.bincount(tenth, minlength=10))
        if n
    ]
