"""Tests of differences: known values, their error rate, and Holm's steps."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy (the test extra)")

from facefidelity.assessor.benchmark.evaluation.significance import (
    compare_correlations,
    compare_outlier_ratios,
    compare_rmse,
    holm,
)
from facefidelity.core.errors import InvalidInput


def test_an_example_worked_by_hand():
    """Correlations .63 and -.03, -.19 with each other, 15 pictures: Z = .7714 * 2.177 = 1.68."""
    p = compare_correlations(0.63, -0.03, -0.19, 15, ranks=False)
    assert p == pytest.approx(math.erfc(1.679 / math.sqrt(2)), abs=5e-4)
    assert compare_correlations(0.63, -0.03, -0.19, 15) > p  # ranks vary more


def test_correlated_predictors_are_told_apart_more_easily():
    far, near = (compare_correlations(0.80, 0.75, r, 300) for r in (0.5, 0.95))
    assert near < far
    assert compare_correlations(0.8, 0.8, 0.9, 300) == pytest.approx(1.0)


def test_equal_predictors_are_called_different_in_five_percent():
    rng, errors, runs = np.random.default_rng(0), 0, 600
    for _ in range(runs):
        y, both = rng.normal(size=100), rng.normal(size=100)
        a, b = (y + both + rng.normal(size=100) for _ in range(2))
        r = np.corrcoef([a, b, y])
        errors += compare_correlations(r[0, 2], r[1, 2], r[0, 1], 100, ranks=False) < 0.05
    assert 0.02 < errors / runs < 0.08


def test_rmse_by_the_f_ratio():
    assert compare_rmse(10.0, 10.0, 100) == 1.0
    # F(96, 96) at the two-sided 5 % point is 1.497
    assert compare_rmse(math.sqrt(1.497), 1.0, 100) == pytest.approx(0.05, abs=2e-3)
    assert compare_rmse(1.0, 0.0, 100) == 0.0


def test_outlier_ratios_by_the_z_of_two_shares():
    assert compare_outlier_ratios(0.2, 0.2, 50) == 1.0
    z = 0.1 / math.sqrt(2 * 0.25 * 0.75 / 200)
    expected = math.erfc(z / math.sqrt(2))
    assert compare_outlier_ratios(0.3, 0.2, 200) == pytest.approx(expected)


def test_no_number_where_there_is_none():
    assert math.isnan(compare_correlations(math.nan, 0.5, 0.5, 100))
    assert math.isnan(compare_correlations(0.5, 0.5, 0.5, 4))
    assert math.isnan(compare_rmse(math.nan, 1.0, 100))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, math.nan, 0.9])[0] == pytest.approx(1.0)
    assert math.isnan(holm([0.5, math.nan, 0.9])[1])
    with pytest.raises(InvalidInput, match=r"0\.\.1"):
        holm([1.2])
