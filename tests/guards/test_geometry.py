"""Landmark shift: in inter-ocular distances, whatever the scale and place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces.alignment import TEMPLATES, LandmarkScheme
from facefidelity.guards.geometry import head_pose, landmark_shift

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


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = points.mean(axis=0)
    return (points - centre) @ turn.T + centre


@given(st.floats(-170, 170), st.floats(0.2, 5))
def test_roll_is_the_angle_of_the_eyes_and_yaw_does_not_know_it(degrees, scale):
    still, rolled = head_pose(POINTS), head_pose(turned(POINTS, degrees) * scale)
    assert rolled.roll_degrees == pytest.approx(degrees, abs=1e-6)
    assert still.roll_change(rolled) == pytest.approx(abs(degrees), abs=1e-6)
    assert still.yaw_change(rolled) == pytest.approx(0, abs=1e-9)


def test_roll_changes_the_short_way_round():
    near, far = (head_pose(turned(POINTS, degrees)) for degrees in (175, -175))
    assert near.roll_change(far) == pytest.approx(10)


def test_a_nose_towards_one_eye_is_yaw_by_its_way():
    nose = POINTS.copy()
    nose[4] += [0.25 * EYES_PX, 0]
    front, side = head_pose(POINTS), head_pose(nose)
    assert abs(front.yaw_ratio) < 0.01
    assert front.yaw_change(side) == pytest.approx(0.25)
    assert side.yaw_ratio > 0
    assert front.roll_change(side) == 0


@pytest.mark.parametrize("points", [POINTS[:4], np.full((5, 2), 3.0), np.full((5, 2), np.nan)])
def test_no_pose_without_landmarks(points):
    with pytest.raises(InvalidInput):
        head_pose(points)
