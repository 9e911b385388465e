from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.likeness import check_likeness, ks_distance, ks_p_value, least_faces
from facefidelity.guards.profile import stored_sample

VALUES = st.lists(st.integers(0, 12).map(float), min_size=2, max_size=30)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_distance_and_probability_are_scipy_s_exact_ones(first, second):
    with warnings.catch_warnings(record=True) as given_up:
        warnings.simplefilter("always")
        wanted = ks_2samp(first, second, method="exact")
    assume(not given_up)  # scipy itself falls back on an approximation now and then
    distance = ks_distance(sorted(first), second, len(first))
    assert distance == pytest.approx(wanted.statistic, abs=1e-9)
    p_value = ks_p_value(distance, len(first), len(second))
    assert p_value == pytest.approx(wanted.pvalue, abs=1e-7)


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=40, max_size=150), VALUES, st.integers(5, 30))
def test_quantiles_never_overstate_the_distance(before, today, most):
    kept = stored_sample(before, most)
    rounded = [round(value, 4) for value in before]
    assert ks_distance(kept, today, len(before)) <= ks_2samp(rounded, today).statistic + 1e-9


@pytest.mark.parametrize("most", [60, 21])
def test_alike_faces_raise_an_alarm_no_more_often_than_stated(most):
    rate, runs, alarms = 0.1, 300, 0
    rng = np.random.default_rng(5)
    for _ in range(runs):
        before = {name: stored_sample(rng.normal(size=60), most) for name in "abcd"}
        today = {name: rng.normal(size=25) for name in "abcd"}
        alarms += not check_likeness(before, today, 60, rate).alike
    assert alarms / runs <= rate + 0.02
    assert most == 21 or alarms / runs > 0.02  # and it is a test, not silence


def test_what_moved_is_named_and_what_did_not_is_not():
    rng = np.random.default_rng(1)
    before = {name: stored_sample(rng.normal(50, 5, 100)) for name in ("sharpness", "noise")}
    today = {"sharpness": rng.normal(40, 5, 60), "noise": rng.normal(50, 5, 60)}
    found = check_likeness(before, today, 100)
    assert not found.alike
    assert found.enough
    assert [(one.name, one.moved) for one in found.shifts] == [
        ("sharpness", True),
        ("noise", False),
    ]
    assert found.shifts[0].before - found.shifts[0].today == pytest.approx(10, abs=2)


def test_the_very_same_values_are_alike_and_constants_too():
    values = [1.00004, 1.00004, 1.00004, 2.5]
    found = check_likeness({"a": stored_sample(values)}, {"a": values}, 4)
    assert found.shifts[0].distance == 0
    assert found.shifts[0].p_value == 1


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(1, 11), st.floats(0.001, 0.3))
def test_fewer_faces_than_the_least_cannot_raise_an_alarm(kept, measures, rate):
    least = least_faces(kept, measures, rate)
    assert ks_p_value(1.0, kept, least) <= rate / measures * (1 + 1e-9)
    assert least == 1 or ks_p_value(1.0, kept, least - 1) > rate / measures * (1 - 1e-9)


def test_nothing_to_compare_is_said():
    with pytest.raises(InvalidInput, match="of a measure"):
        check_likeness({"a": (1.0, 2.0)}, {"b": [1.0, 2.0]}, 2)
    with pytest.raises(InvalidInput, match="alarm rate"):
        check_likeness({"a": (1.0, 2.0)}, {"a": [1.0, 2.0]}, 2, 0.0)
