"""Landmark shift: in inter-ocular distances, whatever the scale and place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces.alignment import TEMPLATES, LandmarkScheme
from facefidelity.guards.geometry import landmark_shift

POINTS = TEMPLATES[LandmarkScheme.DLIB5]
EYES_PX = np.linalg.norm(POINTS[:2].mean(axis=0) - POINTS[2:4].mean(axis=0))


def test_the_same_landmarks_did_not_move():
    assert landmark_shift(POINTS, POINTS.copy()) == 0.0


def test_all_points_moved_by_one_eye_distance_is_one():
    assert landmark_shift(POINTS, POINTS + np.array([EYES_PX, 0])) == pytest.approx(1.0)


def test_one_of_five_points_counts_a_fifth():
    moved = POINTS.copy()
    moved[4] += [0, EYES_PX]
    assert landmark_shift(POINTS, moved) == pytest.approx(0.2)


@given(st.floats(0.1, 10), st.floats(-500, 500), st.integers(0, 1000))
def test_size_and_place_of_the_frame_do_not_matter(scale, offset, seed):
    moved = POINTS + np.random.default_rng(seed).normal(0, 9, (5, 2))
    expected = landmark_shift(POINTS, moved)
    assert landmark_shift(POINTS * scale + offset, moved * scale + offset) == pytest.approx(
        expected
    )


@given(st.integers(0, 1000), st.floats(0, 3), st.floats(0, 3))
def test_moving_further_along_is_more(seed, a, b):
    near, far = sorted((a, b))
    way = np.random.default_rng(seed).normal(0, 5, (5, 2))
    assert landmark_shift(POINTS, POINTS + near * way) <= (
        landmark_shift(POINTS, POINTS + far * way) + 1e-12
    )


@pytest.mark.parametrize(
    ("lq", "hq", "told"),
    [
        (POINTS[:4], POINTS, r"shape \(5, 2\)"),
        (POINTS, np.zeros((68, 2)), r"shape \(5, 2\)"),
        (np.full((5, 2), 3.0), POINTS, "one spot"),
        (np.full((5, 2), np.nan), POINTS, "finite"),
        (POINTS, np.full((5, 2), np.inf), "finite"),
    ],
)
def test_what_are_no_landmarks_is_refused(lq, hq, told):
    with pytest.raises(InvalidInput, match=told):
        landmark_shift(lq, hq)
