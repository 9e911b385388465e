"""Is one predictor better than another on the same pictures? In the manner of ITU-T P.1401.

Both predictors are correlated with the same ratings, so their correlations depend on each other:
correlations are compared by the test of Meng, Rosenthal and Rubin (1992) for dependent,
overlapping correlations, which works on Fisher's z; for ranks the variance is 1.06 / (n - 3)
(Fieller et al.). RMSE is compared by the F ratio of the two mean squared errors with n - 4 degrees
of freedom, outlier ratios by the z test of two shares. All assume independent pictures: the
reports call a difference significant only if the interval over persons agrees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from scipy import stats

from ....core.errors import InvalidInput

__all__ = ["compare_correlations", "compare_outlier_ratios", "compare_rmse", "holm"]

_RANK_VARIANCE: Final = 1.06
_CURVE_PARAMETERS: Final = 4
_LARGEST: Final = 1 - 1e-12


def compare_correlations(
    first: float, second: float, between: float, count: int, *, ranks: bool = True
) -> float:
    """Two-sided p value that two correlations with one criterion are equal.

    Args:
        first: Correlation of the first predictor with the ratings.
        second: Correlation of the second predictor with the ratings.
        between: Correlation of the two predictors with each other.
        count: How many pictures.
        ranks: Whether they are rank correlations.

    Returns:
        In [0, 1]; NaN where a correlation is NaN or there are fewer than 5 pictures.
    """
    values = [first, second, between]
    if count < 5 or not all(map(math.isfinite, values)):
        return float("nan")
    a, b, r = (max(-_LARGEST, min(_LARGEST, value)) for value in values)
    mean_square = (a * a + b * b) / 2
    f = min((1 - r) / (2 * (1 - mean_square)), 1.0)
    h = (1 - f * mean_square) / (1 - mean_square)
    variance = 2 * (1 - r) * h * (_RANK_VARIANCE if ranks else 1.0) / (count - 3)
    if variance <= 0:
        return 1.0
    z = (math.atanh(a) - math.atanh(b)) / math.sqrt(variance)
    return float(2 * stats.norm.sf(abs(z)))


def compare_rmse(first: float, second: float, count: int) -> float:
    """Two-sided p value that two RMSE after a four-parameter curve are equal (F ratio).

    Returns:
        In [0, 1]; NaN where one is NaN or there are fewer than 6 pictures; 1 where both are 0.
    """
    freedom = count - _CURVE_PARAMETERS
    if freedom < 2 or not (math.isfinite(first) and math.isfinite(second)):
        return float("nan")
    high, low = max(first, second), min(first, second)
    if high == low:
        return 1.0
    if low == 0:
        return 0.0
    return float(min(1.0, 2 * stats.f.sf((high / low) ** 2, freedom, freedom)))


def compare_outlier_ratios(first: float, second: float, count: int) -> float:
    """Two-sided p value that two outlier ratios are equal (z test of two shares)."""
    if count < 2 or not (math.isfinite(first) and math.isfinite(second)):
        return float("nan")
    share = (first + second) / 2
    error = math.sqrt(2 * share * (1 - share) / count)
    if error == 0:
        return 1.0
    return float(2 * stats.norm.sf(abs(first - second) / error))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction over several comparisons; NaN stays NaN and counts for nothing.

    Args:
        p_values: Each in [0, 1], or NaN.

    Returns:
        Corrected values in the given order.

    Raises:
        InvalidInput: If a value is outside 0..1.
    """
    tested = [i for i, p in enumerate(p_values) if not math.isnan(p)]
    if any(not 0 <= p_values[i] <= 1 for i in tested):
        raise InvalidInput(f"expected p values in 0..1, got {list(p_values)}")
    corrected = list(p_values)
    largest = 0.0
    for step, i in enumerate(sorted(tested, key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(tested) - step) * p_values[i]))
        corrected[i] = largest
    return corrected
