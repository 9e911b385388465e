"""Confidence intervals by resampling persons, not pictures.

Pictures of one person are alike; resampling pictures would make every interval too narrow.
A resample draws as many persons as there are, with replacement, and takes all pictures of each.
Statistics are not recomputed from copied rows: a resample is a vector of counts, and ranks,
concordances and moments are formed from counts, which gives the same numbers hundreds of times
faster (the tests compare them with plain resampling).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ....core.errors import InvalidInput
from .correlation import Vector

__all__ = ["MOST_ROWS_FOR_KRCC", "Interval", "PersonBootstrap", "with_interval"]

Interval = tuple[float, float]

MOST_ROWS_FOR_KRCC: Final = 6000
"""Above it KRCC goes without an interval: its cost grows with the square."""
_BLOCK_ROWS: Final = 512


class PersonBootstrap:
    """Resamples of one set of pictures, drawn once and used for every statistic.

    Args:
        person: (N,) whose picture each row is; None when unknown, then each row is its own person.
        resamples: How many.
        seed: Of the draws.
        level: Of the percentile intervals.

    Raises:
        InvalidInput: If there is no row, resamples is below 2 or the level is not inside 0..1.
    """

    def __init__(
        self,
        person: Sequence[object] | npt.NDArray[np.generic] | None,
        rows: int,
        *,
        resamples: int = 1000,
        seed: int = 0,
        level: float = 0.95,
    ) -> None:
        if rows < 1 or resamples < 2 or not 0 < level < 1:
            raise InvalidInput(
                "expected at least 1 row, 2 resamples and a level inside 0..1, got "
                f"{rows}, {resamples}, {level}"
            )
        if person is None:
            owner = np.arange(rows)
        else:
            _, owner = np.unique(np.asarray(person), return_inverse=True)
        if owner.shape != (rows,):
            raise InvalidInput(f"expected one person a row, {rows}, got {owner.shape}")
        self._owner = owner
        self._level = level
        self.people = int(owner.max()) + 1
        """How many persons (or rows, where persons are unknown) are resampled."""
        rng = np.random.default_rng(seed)
        draws = rng.integers(0, self.people, (resamples, self.people))
        self._counts = np.stack([np.bincount(d, minlength=self.people) for d in draws])

    def percentile(self, values: Vector) -> Interval:
        """The percentile interval of a statistic's resampled values; NaN values are left out."""
        finite = values[np.isfinite(values)]
        if not len(finite):
            return float("nan"), float("nan")
        tail = (1 - self._level) / 2
        low, high = np.quantile(finite, [tail, 1 - tail])
        return float(low), float(high)

    def srcc(self, predicted: Vector, rated: Vector) -> Vector:
        """SRCC of every resample, (R,); NaN where a resample is constant."""
        x, y = _TieGroups(predicted), _TieGroups(rated)
        found = np.empty(len(self._counts))
        for index, counts in enumerate(self._counts):
            weights = counts[self._owner].astype(np.float64)
            found[index] = _weighted_pearson(x.ranks(weights), y.ranks(weights), weights)
        return found

    def krcc(self, predicted: Vector, rated: Vector) -> Vector:
        """Kendall's tau-b of every resample, (R,).

        Copies of one picture tie with themselves. With C the sums of concordance signs and X, Y
        the numbers of ties between persons, counts w and n pictures in the resample,
        tau-b = w'Cw / sqrt((n^2 - w'Xw)(n^2 - w'Yw)).
        """
        order = np.argsort(self._owner, kind="stable")
        x, y, owner = predicted[order], rated[order], self._owner[order]
        starts = np.flatnonzero(np.r_[True, np.diff(owner) > 0])
        w = self._counts.astype(np.float64)
        sums = np.zeros((3, len(w)))
        for begin in range(0, len(x), _BLOCK_ROWS):
            rows = slice(begin, begin + _BLOCK_ROWS)
            dx, dy = np.sign(x[rows, None] - x), np.sign(y[rows, None] - y)
            for index, pairs in enumerate((dx * dy, dx == 0, dy == 0)):
                by_person = np.add.reduceat(pairs.astype(np.float64), starts, axis=1)
                sums[index] += np.einsum("rb,rb->r", w[:, owner[rows]], w @ by_person.T)
        n_squared = (w @ np.bincount(owner).astype(np.float64)) ** 2
        scale = np.sqrt((n_squared - sums[1]) * (n_squared - sums[2]))
        return _divide(sums[0], scale)

    def plcc(self, mapped: Vector, rated: Vector) -> Vector:
        """Pearson's correlation of every resample, (R,); the curve is held as it was fitted."""
        n, a, b, aa, bb, ab = self._moments(mapped - mapped.mean(), rated - rated.mean())
        scale = np.sqrt(np.maximum(n * aa - a * a, 0) * np.maximum(n * bb - b * b, 0))
        return _divide(n * ab - a * b, scale)

    def rmse(self, mapped: Vector, rated: Vector) -> Vector:
        """RMSE of every resample, (R,); the curve is held as it was fitted."""
        n, _, _, squares, _, _ = self._moments(mapped - rated, rated)
        return np.asarray(np.sqrt(squares / n), np.float64)

    def mean(self, values: Vector) -> Vector:
        """Mean of every resample, (R,)."""
        n, total, *_ = self._moments(values, values)
        return np.asarray(total / n, np.float64)

    def _moments(self, a: Vector, b: Vector) -> npt.NDArray[np.float64]:
        """Sums of 1, a, b, aa, bb, ab in every resample, (6, R)."""
        columns = (np.ones(len(a)), a, b, a * a, b * b, a * b)
        by_person = np.stack([np.bincount(self._owner, column, self.people) for column in columns])
        return np.asarray(by_person @ self._counts.T, np.float64)


class _TieGroups:
    """Mid-ranks of a vector whose rows count several times."""

    def __init__(self, values: Vector) -> None:
        _, self._group = np.unique(values, return_inverse=True)
        self._groups = int(self._group.max()) + 1

    def ranks(self, weights: Vector) -> Vector:
        sizes = np.bincount(self._group, weights, self._groups)
        return np.asarray((np.cumsum(sizes) - (sizes - 1) / 2)[self._group], np.float64)


def _divide(values: Vector, scale: Vector) -> Vector:
    """Quotients; NaN where the scale is 0."""
    quotients = np.full(len(scale), np.nan)
    np.divide(values, scale, out=quotients, where=scale > 0)
    return quotients


def _weighted_pearson(a: Vector, b: Vector, weights: Vector) -> float:
    total = weights.sum()
    a = a - (weights @ a) / total
    b = b - (weights @ b) / total
    scale = np.sqrt((weights @ (a * a)) * (weights @ (b * b)))
    return float((weights @ (a * b)) / scale) if scale > 0 else float("nan")


def with_interval(
    statistic: Callable[[Vector, Vector], float],
    a: Vector,
    b: Vector,
    person: npt.NDArray[np.generic],
    resamples: int = 200,
) -> str:
    """``statistic(a, b)`` and its 95 % interval over persons, as text, for any statistic.

    Args:
        statistic: Of two vectors of one length.
        a: (N,) values.
        b: (N,) values.
        person: (N,) whose each row is.
        resamples: How often persons are drawn.

    Returns:
        "0.912 [0.890, 0.931]", or "-" where no resample has a value.
    """
    rng, people = np.random.default_rng(0), np.unique(person)
    rows = {p: np.flatnonzero(person == p) for p in people}
    found = []
    for _ in range(resamples):
        take = np.concatenate([rows[p] for p in rng.choice(people, len(people))])
        found.append(statistic(a[take], b[take]))
    if not np.isfinite(found).any():
        return "-"
    low, high = np.nanquantile(found, [0.025, 0.975])
    return f"{statistic(a, b):.3f} [{low:.3f}, {high:.3f}]"
