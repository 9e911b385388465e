"""Agreement statistics against scipy, known numbers and their own laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

stats = pytest.importorskip("scipy.stats", reason="needs scipy (the test extra)")

from facefidelity.assessor.benchmark.evaluation.correlation import (  # noqa: E402
    fit_curve,
    krcc,
    outlier_ratio,
    plcc,
    rmse,
    srcc,
)
from facefidelity.core.errors import InvalidInput  # noqa: E402


def pair(seed: int = 0, count: int = 300, noise: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 100, count)
    y = 90 / (1 + np.exp(-(x - 50) / 12)) + 5 + rng.normal(0, noise, count)
    return x, y


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlations_are_scipys(ties):
    x, y = pair()
    if ties:
        x, y = np.round(x / 10), np.round(y / 10)
    assert srcc(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert krcc(x, y) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)


def test_known_numbers():
    x, y = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 2, 3, 5, 4])
    assert srcc(x, y) == pytest.approx(0.9)
    assert krcc(x, y) == pytest.approx(0.8)


def test_the_logistic_is_found_again():
    x, y = pair(noise=0.0)
    curve = fit_curve(x, y)
    assert curve.kind == "logistic"
    b1, b2, b3, b4 = curve.parameters
    assert (max(b1, b2), min(b1, b2), b3, b4) == pytest.approx((95, 5, 50, 12), rel=1e-3)
    assert plcc(x, y) == pytest.approx(1.0, abs=1e-9)
    assert rmse(x, y) == pytest.approx(0.0, abs=1e-3)


def test_the_curve_lifts_plcc_over_the_raw_one_and_no_fit_is_worse_than_a_line():
    x, y = pair()
    assert plcc(x, y) > np.corrcoef(x, y)[0, 1] + 0.005
    line = np.polyval(np.polyfit(x, y, 1), x)
    assert rmse(x, y) <= np.sqrt(np.mean((line - y) ** 2))


def test_a_falling_relation_is_fitted_and_shows_its_sign_in_srcc():
    x, y = pair(noise=1.0)
    assert srcc(-x, y) < -0.95
    assert plcc(-x, y) > 0.99


def test_few_pictures_get_a_line():
    x, y = np.arange(5.0), np.array([0.0, 2, 3, 6, 8])
    curve = fit_curve(x, y)
    assert curve.kind == "linear"
    assert curve(x) == pytest.approx(np.polyval(np.polyfit(x, y, 1), x))


@pytest.mark.parametrize("side", [0, 1])
def test_a_constant_side_has_no_correlation(side):
    sides = list(pair(count=50))
    sides[side] = np.full(50, 3.0)
    assert all(np.isnan(f(*sides)) for f in (srcc, krcc, plcc))
    curve = fit_curve(*sides)
    assert curve.kind == "none"
    assert rmse(*sides) == pytest.approx(np.std(sides[1]))


def test_outliers_lie_outside_the_interval_of_their_mos():
    mapped, rated = np.array([1.0, 5.0, 9.0]), np.array([1.5, 5.0, 5.0])
    assert outlier_ratio(mapped, rated, np.array([0.4, 1.0, 3.9])) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "values", [np.array([1.0, np.nan, 2.0]), np.array([1.0, np.inf, 2.0]), np.ones((3, 1))]
)
def test_what_is_no_finite_vector_is_refused(values):
    with pytest.raises(InvalidInput, match="expected"):
        srcc(values, np.arange(3.0))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=4, max_size=40),
    st.floats(0.1, 5.0),
)
def test_a_monotone_map_changes_no_rank_correlation(points, power):
    x, y = (np.array(side, np.float64) for side in zip(*points, strict=True))
    bent = np.sign(x) * np.abs(x) ** power * 3 + 7
    for statistic in (srcc, krcc):
        assert statistic(bent, y) == pytest.approx(statistic(x, y), nan_ok=True)
        assert statistic(-x, y) == pytest.approx(-statistic(x, y), nan_ok=True)
