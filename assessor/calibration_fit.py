"""Fits the monotone maps of a calibration on pictures that people rated.

Isotonic regression (pool adjacent violators) gives the shape, a few knots smooth it, and
cross-validation decides how much of it the ratings can carry: from leaving the scores alone over a
straight line to a curve. No torch, and no network is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput, MissingExtra
from ..core.scores import HEADS
from .calibration import HeadMap, MonotoneMap

__all__ = ["LEAST_PICTURES", "MAX_KNOTS", "calibrate_heads"]

LEAST_PICTURES: Final = 10
"""A head with fewer rated pictures keeps its scores."""
MAX_KNOTS: Final = 12
"""A map has at most so many knots: eight of the curve, its ends, and two of the line."""
_IDENTITY_SHARE: Final = 0.02
"""Share of the unchanged score in every map: it keeps apart what isotonic regression would tie."""
_FOLDS: Final = 5
_ROUNDS: Final = 4
_SEED: Final = 20240607

_Values = npt.NDArray[np.float64]


class _Candidate(NamedTuple):
    """How much shape a map may take: knots of the curve, and its share beside the line."""

    method: Literal["identity", "line", "curve"]
    knots: int = 0
    share: float = 0.0

    def describe(self) -> str:
        if self.method != "curve":
            return self.method
        return f"curve of {self.knots} knots, {self.share:.0%} of it, the rest the line"


class _Trend(NamedTuple):
    """What all candidates of one fit share."""

    intercept: float
    slope: float
    x: _Values
    """Predicted scores, sorted."""
    level: _Values
    """Isotonic regression at these."""


# From the simplest to the freest: in doubt an earlier one wins.
_CANDIDATES: Final = (
    _Candidate("identity"),
    _Candidate("line"),
    *(_Candidate("curve", knots, share) for knots in (3, 5, 8) for share in (0.5, 1.0)),
)


def calibrate_heads(
    predicted: npt.ArrayLike,
    rated: npt.ArrayLike,
    known_mask: npt.ArrayLike,
    *,
    assessor: str,
) -> MonotoneMap:
    """Fit one monotone map a head from predicted to rated scores.

    Each head chooses among the identity, a line and isotonic curves of 3, 5 and 8 knots (whole or
    half shrunk to the line) by four rounds of 5-fold cross-validation: the simplest one whose
    squared error is within one standard error (paired over pictures) of the best one's. A head
    keeps its scores where fewer than `LEAST_PICTURES` pictures are rated, or where predicted and
    rated scores do not rise together.

    Args:
        predicted: (N, 6) uncalibrated scores, 0..100, in the order of `HEADS`.
        rated: (N, 6) MOS, 0..100; anything where unknown.
        known_mask: (N, 6) bool, where a MOS is known.
        assessor: Name of the assessor that predicted.

    Returns:
        A map for every head that has a known MOS. The result is the same for the same input.

    Raises:
        InvalidInput: If the shapes differ, a used value is off 0..100, or no head has enough.
        MissingExtra: If scipy is not installed.
    """
    scores, mos = np.asarray(predicted, np.float64), np.asarray(rated, np.float64)
    known = np.asarray(known_mask, bool)
    if not scores.shape == mos.shape == known.shape or scores.shape[1:] != (len(HEADS),):
        raise InvalidInput(
            f"expected three (N, {len(HEADS)}) arrays, got {scores.shape}, {mos.shape}, "
            f"{known.shape}"
        )
    used = np.stack([scores[known], mos[known]])
    if not np.all((used >= 0.0) & (used <= 100.0)):
        raise InvalidInput("expected predicted and rated scores as numbers in 0..100")
    counts = known.sum(axis=0)
    if counts.max(initial=0) < LEAST_PICTURES:
        raise InvalidInput(
            f"expected at least {LEAST_PICTURES} rated pictures of one head, got "
            f"{dict(zip(HEADS, counts.tolist(), strict=True))}; rate more pictures"
        )
    return MonotoneMap(
        assessor,
        {
            head: _calibrate_head(scores[known[:, i], i], mos[known[:, i], i])
            for i, head in enumerate(HEADS)
            if counts[i]
        },
    )


def _calibrate_head(x: _Values, y: _Values) -> HeadMap:
    """The map of one head; x and y are (n,)."""
    srcc = _rank_correlation(x, y)
    before = _rmse(x - y)
    if len(x) < LEAST_PICTURES:
        return _unchanged(f"fewer than {LEAST_PICTURES} rated pictures", len(x), before, srcc)
    if srcc is None or srcc <= 0.0:
        return _unchanged("predicted and rated scores do not rise together", len(x), before, srcc)
    errors = _held_out_errors(x, y)
    chosen = _choose(errors)
    candidate = _CANDIDATES[chosen]
    best = _CANDIDATES[int(errors.mean(axis=1).argmin())]
    knots_x, knots_y = _knots(candidate, _trend(x, y))
    return HeadMap(
        tuple(knots_x.tolist()),
        tuple(knots_y.tolist()),
        candidate.method,
        f"{candidate.describe()}: the simplest within one standard error of the best "
        f"({best.describe()}) in cross-validation",
        len(x),
        before,
        round(float(np.sqrt(errors[chosen].mean())), 3),
        srcc,
    )


def _unchanged(why: str, pictures: int, rmse: float, srcc: float | None) -> HeadMap:
    return HeadMap((0.0, 100.0), (0.0, 100.0), "identity", why, pictures, rmse, rmse, srcc)


def _held_out_errors(x: _Values, y: _Values) -> _Values:
    """Squared error of each picture under each candidate that did not see it, (C, n)."""
    rng = np.random.default_rng(_SEED)
    errors = np.zeros((len(_CANDIDATES), len(x)))
    for fold in _folds(len(x), rng):
        trend = _trend(np.delete(x, fold), np.delete(y, fold))
        for position, candidate in enumerate(_CANDIDATES):
            knots = _knots(candidate, trend)
            errors[position, fold] += (np.interp(x[fold], *knots) - y[fold]) ** 2
    return errors / _ROUNDS


def _folds(count: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
    for _ in range(_ROUNDS):
        yield from np.array_split(rng.permutation(count), _FOLDS)


def _choose(errors: _Values) -> int:
    """Position of the simplest candidate that is not clearly worse than the best."""
    excess = errors - errors[errors.mean(axis=1).argmin()]
    tolerance = excess.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    return int(np.flatnonzero(excess.mean(axis=1) <= tolerance)[0])


def _trend(x: _Values, y: _Values) -> _Trend:
    order = np.argsort(x, kind="stable")
    return _Trend(*_line(x, y), x[order], _isotonic(x[order], y[order]))


def _knots(candidate: _Candidate, trend: _Trend) -> tuple[_Values, _Values]:
    """Knots of one candidate, x from 0 to 100, y never falling within 0..100."""
    ends = np.array([0.0, 100.0])
    if candidate.method == "identity":
        return ends, ends
    crossings = (ends - trend.intercept) / trend.slope if trend.slope > 0 else ends
    knots_x = np.unique(np.r_[ends, crossings[(crossings > 0) & (crossings < 100)]])
    knots_y = np.clip(trend.intercept + trend.slope * knots_x, 0.0, 100.0)
    if candidate.method == "curve":
        curve_x, curve_y = _curve(trend, candidate.knots)
        union = np.unique(np.r_[knots_x, curve_x])
        straight = np.interp(union, knots_x, knots_y)
        bent = np.interp(union, curve_x, curve_y)
        knots_x, knots_y = union, straight + candidate.share * (bent - straight)
    mixed = (1.0 - _IDENTITY_SHARE) * knots_y + _IDENTITY_SHARE * knots_x
    return knots_x, np.maximum.accumulate(np.clip(mixed, 0.0, 100.0))


def _line(x: _Values, y: _Values) -> tuple[float, float]:
    """Least squares; a slope that cannot be told is 1, one that falls is 0."""
    spread = float(np.var(x))
    slope = 1.0 if spread < 1e-6 else max(0.0, float(np.cov(x, y, ddof=0)[0, 1]) / spread)
    return float(y.mean() - slope * x.mean()), slope


def _curve(trend: _Trend, knots: int) -> tuple[_Values, _Values]:
    """Isotonic regression, averaged in bins of equal size; beyond them it goes on as the line."""
    bins = np.array_split(np.arange(len(trend.x)), knots)
    centres = np.array([[trend.x[one].mean(), trend.level[one].mean()] for one in bins if len(one)])
    inner_x, first = np.unique(centres[:, 0], return_index=True)
    inner_y = np.maximum.accumulate(centres[first, 1])
    left = max(0.0, inner_y[0] - trend.slope * inner_x[0])
    right = min(100.0, inner_y[-1] + trend.slope * (100.0 - inner_x[-1]))
    inside = (inner_x > 0.0) & (inner_x < 100.0)
    curve_x = np.r_[0.0, inner_x[inside], 100.0]
    curve_y = np.r_[left, inner_y[inside], right]
    return curve_x, np.maximum.accumulate(curve_y)


def _isotonic(x: _Values, y: _Values) -> _Values:
    """Non-decreasing least squares of y, equal where x is equal; x is sorted."""
    try:
        from scipy.optimize import isotonic_regression
    except ImportError as error:
        raise MissingExtra("calibrating the heads", "bench") from error
    _, group, size = np.unique(x, return_inverse=True, return_counts=True)
    mean = np.bincount(group, weights=y) / size
    return np.asarray(isotonic_regression(mean, weights=size).x, np.float64)[group]


def _rank_correlation(x: _Values, y: _Values) -> float | None:
    """Spearman's; None where it is not defined."""
    try:
        from .benchmark.evaluation.correlation import srcc
    except ImportError as error:
        raise MissingExtra("calibrating the heads", "bench") from error
    value = srcc(x, y)
    return round(value, 4) if np.isfinite(value) else None


def _rmse(errors: _Values) -> float:
    return round(float(np.sqrt(np.mean(errors**2))), 3)
