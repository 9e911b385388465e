"""Random cameras: every draw in range, every kind comes up, a seed is a camera."""

from __future__ import annotations

import json

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.assessor.benchmark.dataset import provenance_text
from facefidelity.assessor.benchmark.simulate.random_camera import (
    RANDOM_STEPS,
    RandomCamera,
    draw_camera,
)
from facefidelity.assessor.benchmark.simulate.sensor import DEMOSAIC, NOISE_KINDS

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_every_parameter_of_a_drawn_camera_is_in_range(seed):
    camera = draw_camera(np.random.default_rng(seed))
    assert 18 <= camera.face_px <= 270
    assert camera.resampler in {cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC}
    assert camera.upsampler in {cv2.INTER_LINEAR, cv2.INTER_CUBIC}
    assert 0.2 <= camera.saturation <= 1.5
    assert all(0.5 < gain < 2.0 for gain in camera.white_balance)
    assert 0 <= camera.falloff <= 0.8
    assert 0.35 <= camera.contrast <= 1.45
    assert -255 < camera.exposure < 255
    assert 0.2 < camera.gamma < 5
    assert 0 <= camera.motion_px <= 6 * 270 / 50
    assert 0 <= camera.motion_degrees <= 180
    assert 0 <= camera.defocus_px < 100
    assert len(camera.noise) <= 2
    assert all(kind in NOISE_KINDS and 0 <= sigma < 200 for kind, sigma in camera.noise)
    steps = [step for step, _ in camera.processing]
    assert len(steps) == len(set(steps)) <= 3
    assert set(steps) <= set(RANDOM_STEPS)
    assert all(0 <= strength <= 1 for _, strength in camera.processing)
    assert camera.demosaic in {"", *DEMOSAIC}
    assert not (camera.grey and camera.demosaic)
    assert camera.codec in RandomCamera().codecs
    assert 1 <= len(camera.quality) <= 2
    assert all(22 <= quality <= 96 for quality in camera.quality)


@given(SEEDS)
def test_a_seed_is_a_camera_and_its_provenance_is_plain_data(seed):
    first, second = (draw_camera(np.random.default_rng(seed)) for _ in range(2))
    assert first == second == RandomCamera().draw(np.random.default_rng(seed))
    assert json.loads(provenance_text(first.provenance()))["face_px"] == first.face_px


def test_draws_cover_every_kind():
    cameras = [draw_camera(np.random.default_rng(seed)) for seed in range(400)]
    assert {kind for camera in cameras for kind, _ in camera.noise} == set(NOISE_KINDS)
    assert {step for camera in cameras for step, _ in camera.processing} == set(RANDOM_STEPS)
    assert {camera.codec for camera in cameras} == {"jpeg", "webp", "h264"}
    assert {camera.demosaic for camera in cameras} == {"", *DEMOSAIC}
    assert 0.1 < np.mean([camera.grey for camera in cameras]) < 0.3
    assert any(camera.overlay for camera in cameras)
    assert any(camera.analogue.ringing > 0 for camera in cameras)
