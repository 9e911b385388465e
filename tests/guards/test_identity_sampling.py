"""Geometry of the chips: exact similarity fits, no aliasing, no shift."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.identity.sampling import fit_similarity, sample_chip

POINTS = np.array([[170.3, 242.5], [219.6, 246.3], [292.2, 246.3], [341.5, 242.5], [255.9, 335.0]])


@settings(max_examples=50, deadline=None)
@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.05, 20),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
)
def test_fit_finds_the_similarity_that_was_applied(angle, scale, x, y):
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    applied = np.array([[cos, -sin, x], [sin, cos, y]])
    target = POINTS @ applied[:, :2].T + applied[:, 2]
    np.testing.assert_allclose(fit_similarity(POINTS, target), applied, atol=1e-6)


def test_fit_never_mirrors_and_refuses_what_has_no_answer():
    mirrored = POINTS * [-1, 1]
    assert np.linalg.det(fit_similarity(POINTS, mirrored)[:, :2]) >= 0
    with pytest.raises(InvalidInput, match="distinct"):
        fit_similarity(np.ones((5, 2)), POINTS)
    with pytest.raises(InvalidInput, match="point sets"):
        fit_similarity(POINTS[:4], POINTS)


@pytest.mark.parametrize("side", [32, 128, 512, 1000])
def test_whole_frame_keeps_its_ramp_at_any_size(side):
    """The middle of each chip pixel must show the middle of what it covers."""
    whole = np.array([[0.25, 0, -0.375], [0, 0.25, -0.375]])  # 512 -> 128, pixel centres kept
    ramp = ((np.arange(side) + 0.5) / side * 250).astype(np.float32)
    face = np.repeat(np.round(np.tile(ramp, (side, 1)))[..., None], 3, axis=2).astype(np.uint8)
    chip = sample_chip(face, whole, 128)
    expected = (np.arange(128) + 0.5) / 128 * 250
    error = np.abs(chip[64, 4:-4, 0].astype(float) - expected[4:-4])
    # A shift of half a chip pixel would be an error of one grey level everywhere.
    assert abs((chip[64, 4:-4, 0] - expected[4:-4]).mean()) < 0.3
    assert error.max() < (5 if side == 32 else 2)


def test_shrinking_does_not_alias():
    checker = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    face = np.repeat(checker[..., None], 3, axis=2)
    chip = sample_chip(face, np.array([[0.43, 0, -37.0], [0, 0.43, -59.0]]), 150)
    assert chip.std() < 20  # bilinear sampling alone leaves about 45
    assert abs(chip.mean() - 127.5) < 3


def test_outside_of_the_face_repeats_its_border():
    face = np.full((64, 64, 3), 200, np.uint8)
    chip = sample_chip(face, np.array([[0.1, 0, 0.0], [0, 0.1, 0.0]]), 112)
    assert chip.min() == 200
