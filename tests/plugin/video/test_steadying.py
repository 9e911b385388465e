"""Smoothing only ever takes away, moves slowly, and goes on where it was stopped."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.plugin.video.steadying import ShareHistory, steady_shares

shares = st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=60)
windows = st.integers(0, 8)


def smoothed(values: list[float], w: int) -> list[float]:
    judged = ((frame, {1: value}) for frame, value in enumerate(values))
    return [found[1] for _, found in steady_shares(judged, ShareHistory(w))]


@given(shares, windows)
def test_no_frame_gets_more_than_its_own_judgement_allows(values, w):
    assert all(got <= own for got, own in zip(smoothed(values, w), values, strict=True))


@given(shares, windows)
def test_a_share_moves_by_at_most_one_step_of_the_window(values, w):
    # At the run's two ends the window is cut off, and so is the promise.
    got = smoothed(values, w)[2 * w : max(2 * w, len(values) - 2 * w)]
    steps = [abs(one - other) for one, other in pairwise(got)]
    assert max(steps, default=0.0) <= 1 / (2 * w + 1) + 1e-9


@given(st.floats(0, 1), st.integers(1, 40), windows)
def test_what_is_steady_already_stays_to_the_last_digit(value, count, w):
    assert smoothed([value] * count, w) == pytest.approx([value] * count, abs=1e-15)


def test_a_hump_that_is_shorter_than_the_window_is_not_delivered():
    assert max(smoothed([0.0] * 10 + [1.0] * 6 + [0.0] * 10, 3)) == 0
    assert max(smoothed([0.0] * 10 + [1.0] * 7 + [0.0] * 10, 3)) > 0


def test_alternating_verdicts_do_not_flicker():
    values = [float(frame % 2) for frame in range(50)]
    assert set(smoothed(values, 2)) == {0.0}


def test_two_runs_do_not_touch_each_other():
    judged = ((frame, {1: 1.0, 2: 0.0}) for frame in range(30))
    found = [shares for _, shares in steady_shares(judged, ShareHistory(4))]
    assert found == [{1: 1.0, 2: 0.0}] * 30


@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=30, max_size=60), windows)
def test_it_goes_on_from_a_snapshot_as_if_it_had_never_stopped(values, w):
    whole = smoothed(values, w)
    history = ShareHistory(w)
    for frame in range(20):
        history.add(1, frame, values[frame])
    again = ShareHistory(w)
    for key, frame, share in history.snapshot():
        if frame >= 20 - 2 * w:
            again.add(key, frame, share)
    judged = ((frame, {1: values[frame]}) for frame in range(20, len(values)))
    assert [found[1] for _, found in steady_shares(judged, again)] == whole[20:]
