"""Agreement of predictions with ratings: SRCC, KRCC, PLCC, RMSE, outlier ratio.

SRCC and KRCC (tau-b) take raw predictions. PLCC, RMSE and the outlier ratio are taken after a
monotone curve was fitted from predictions to ratings: the four-parameter logistic of VQEG,
``f(x) = b2 + (b1 - b2) / (1 + exp(-(x - b3) / |b4|))``, by least squares. Where that fit fails a
straight line takes its place; where a side is constant nothing can be fitted. `Curve.kind` says
which it was, and every report shows it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from ....core.errors import InvalidInput

__all__ = ["Curve", "Vector", "fit_curve", "krcc", "outlier_ratio", "plcc", "rmse", "srcc"]

Vector = npt.NDArray[np.float64]

_LEAST_FOR_LOGISTIC: Final = 8
_MOST_EVALUATIONS: Final = 5000


@dataclass(frozen=True, slots=True)
class Curve:
    """A fitted map from predictions to the ratings' scale.

    Attributes:
        kind: "logistic", "linear" (the logistic did not fit) or "none" (a side is constant).
        parameters: b1, b2, b3, b4 of the logistic; slope and intercept of the line; the ratings'
            mean for "none".
    """

    kind: str
    parameters: tuple[float, ...]

    def __call__(self, predicted: Vector) -> Vector:
        """Map predictions, (N,) float64, to the ratings' scale, (N,) float64."""
        if self.kind == "logistic":
            return _logistic(predicted, *self.parameters)
        if self.kind == "linear":
            slope, intercept = self.parameters
            return np.asarray(slope * predicted + intercept, np.float64)
        return np.full(len(predicted), self.parameters[0])


def srcc(predicted: Vector, rated: Vector) -> float:
    """Spearman's rank correlation of raw predictions, mid-ranks for ties.

    Args:
        predicted: (N,) finite.
        rated: (N,) finite.

    Returns:
        In [-1, 1]; NaN where a side is constant or N is below 3.

    Raises:
        InvalidInput: If the two are not finite vectors of one length.
    """
    if _is_degenerate(predicted, rated):
        return float("nan")
    return _pearson(stats.rankdata(predicted), stats.rankdata(rated))


def krcc(predicted: Vector, rated: Vector) -> float:
    """Kendall's tau-b of raw predictions; arguments, NaN and errors as for `srcc`."""
    if _is_degenerate(predicted, rated):
        return float("nan")
    return float(stats.kendalltau(predicted, rated).statistic)


def fit_curve(predicted: Vector, rated: Vector) -> Curve:
    """Fit the monotone curve after which PLCC, RMSE and the outlier ratio are taken.

    Args:
        predicted: (N,) finite.
        rated: (N,) finite, in the ratings' scale.

    Raises:
        InvalidInput: If the two are not finite vectors of one length.
    """
    if _is_degenerate(predicted, rated):
        return Curve("none", (float(np.mean(rated)) if len(rated) else float("nan"),))
    if len(rated) >= _LEAST_FOR_LOGISTIC:
        parameters = _fit_logistic(predicted, rated)
        if parameters is not None:
            return Curve("logistic", parameters)
    slope, intercept = np.polyfit(predicted, rated, 1)
    return Curve("linear", (float(slope), float(intercept)))


def plcc(predicted: Vector, rated: Vector, curve: Curve | None = None) -> float:
    """Pearson's correlation after the curve (fitted here when not given).

    The curve may fall as well as rise: the direction of the agreement shows in SRCC, not here.
    """
    if _is_degenerate(predicted, rated):
        return float("nan")
    mapped = (curve or fit_curve(predicted, rated))(predicted)
    return _pearson(mapped, rated)


def rmse(predicted: Vector, rated: Vector, curve: Curve | None = None) -> float:
    """Root of the mean squared error after the curve, in the ratings' scale; NaN for N = 0."""
    _require_pair(predicted, rated)
    if not len(rated):
        return float("nan")
    errors = (curve or fit_curve(predicted, rated))(predicted) - rated
    return float(np.sqrt(np.mean(errors**2)))


def outlier_ratio(mapped: Vector, rated: Vector, half_width: Vector) -> float:
    """Share of pictures whose mapped prediction lies outside the rating's own interval.

    Args:
        mapped: (N,) predictions after the curve.
        rated: (N,) MOS.
        half_width: (N,) half of the MOS' 95 % confidence interval (ITU-T P.1401, outlier ratio).
    """
    _require_pair(mapped, rated)
    _require_pair(half_width, rated)
    return float(np.mean(np.abs(mapped - rated) > half_width)) if len(rated) else float("nan")


def _logistic(x: Vector, b1: float, b2: float, b3: float, b4: float) -> Vector:
    slope = np.clip((x - b3) / max(abs(b4), 1e-12), -500.0, 500.0)
    return np.asarray(b2 + (b1 - b2) / (1.0 + np.exp(-slope)), np.float64)


def _fit_logistic(predicted: Vector, rated: Vector) -> tuple[float, ...] | None:
    """The logistic's parameters; None where it does not fit, or fits worse than a line."""
    centre, spread = float(np.mean(predicted)), float(np.std(predicted))
    scaled = (predicted - centre) / spread
    rises = _pearson(scaled, rated) >= 0
    high, low = float(np.max(rated)), float(np.min(rated))
    start = (high, low, 0.0, 1.0) if rises else (low, high, 0.0, 1.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optimize.OptimizeWarning)
            found, _ = optimize.curve_fit(
                _logistic, scaled, rated, p0=start, maxfev=_MOST_EVALUATIONS
            )
    except RuntimeError:  # no convergence
        return None
    b1, b2, b3, b4 = (float(value) for value in found)
    if not np.isfinite([b1, b2, b3, b4]).all():
        return None
    errors = np.sum((_logistic(scaled, b1, b2, b3, b4) - rated) ** 2)
    line = np.polyval(np.polyfit(scaled, rated, 1), scaled)
    if errors > np.sum((line - rated) ** 2) * (1 + 1e-6):
        return None
    return b1, b2, b3 * spread + centre, abs(b4) * spread


def _pearson(a: Vector, b: Vector) -> float:
    a, b = a - np.mean(a), b - np.mean(b)
    scale = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    return float(np.clip(np.sum(a * b) / scale, -1.0, 1.0)) if scale > 0 else float("nan")


def _is_degenerate(predicted: Vector, rated: Vector) -> bool:
    _require_pair(predicted, rated)
    return len(rated) < 3 or np.ptp(predicted) == 0 or np.ptp(rated) == 0


def _require_pair(a: Vector, b: Vector) -> None:
    """Refuse what is not a pair of finite vectors of one length."""
    if np.ndim(a) != 1 or np.shape(a) != np.shape(b):
        raise InvalidInput(
            f"expected predictions and ratings as (N,) and (N,), got {np.shape(a)}, {np.shape(b)}"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InvalidInput("expected finite predictions and ratings, got NaN or infinity")
