"""Virtual cameras: every draw in range, and the same seed gives the same bytes."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.assessor.benchmark import optics, sensor
from facefidelity.assessor.benchmark.camera import VirtualCamera, draw_camera
from facefidelity.assessor.benchmark.dataset import provenance_text

SEEDS = st.integers(0, 2**32 - 1)
NEUTRAL = VirtualCamera(
    face_px=1000.0,
    resampler=cv2.INTER_AREA,
    grey=False,
    saturation=1.0,
    white_balance=(1.0, 1.0),
    falloff=0.0,
    contrast=1.0,
    exposure=0.0,
    motion_px=0.0,
    motion_degrees=0.0,
    defocus_px=0.0,
    noise_kind="white",
    noise_sigma=0.0,
    processing=(),
    overlay=False,
    codec="jpeg",
    quality=(),
    upsampler=cv2.INTER_LINEAR,
)


def changed(**parameters: object) -> VirtualCamera:
    return VirtualCamera(
        **({name: getattr(NEUTRAL, name) for name in NEUTRAL.__slots__} | parameters)
    )


@pytest.fixture(scope="module")
def pristine(astronaut_face) -> np.ndarray:
    return cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)


@given(SEEDS)
def test_every_parameter_of_a_drawn_camera_is_in_range(seed):
    camera = draw_camera(np.random.default_rng(seed))
    assert 18 <= camera.face_px <= 270
    assert camera.resampler in {cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC}
    assert camera.upsampler in {cv2.INTER_LINEAR, cv2.INTER_CUBIC}
    assert 0.3 <= camera.saturation <= 1.35
    assert all(0.5 < gain < 2.0 for gain in camera.white_balance)
    assert 0 <= camera.falloff <= 0.8
    assert 0.35 <= camera.contrast <= 1.35
    assert -255 < camera.exposure < 255
    assert 0 <= camera.motion_px <= 6 * 270 / 50
    assert 0 <= camera.motion_degrees <= 180
    assert 0 <= camera.defocus_px < 100
    assert camera.noise_kind in sensor.NOISE_KINDS
    assert 0 <= camera.noise_sigma < 200
    assert len(camera.processing) == len(set(camera.processing)) <= 3
    assert set(camera.processing) <= set(sensor.PROCESSING)
    assert camera.codec in {"jpeg", "webp"}
    assert 1 <= len(camera.quality) <= 2
    assert all(22 <= quality <= 96 for quality in camera.quality)


@given(SEEDS)
def test_a_seed_is_a_camera_and_its_provenance_is_plain_data(seed):
    first, second = (draw_camera(np.random.default_rng(seed)) for _ in range(2))
    assert first == second
    assert json.loads(provenance_text(first.provenance()))["face_px"] == first.face_px


def test_draws_cover_every_kind():
    cameras = [draw_camera(np.random.default_rng(seed)) for seed in range(300)]
    assert {camera.noise_kind for camera in cameras} == set(sensor.NOISE_KINDS)
    assert {step for camera in cameras for step in camera.processing} == set(sensor.PROCESSING)
    assert {camera.codec for camera in cameras} == {"jpeg", "webp"}
    assert 0.1 < np.mean([camera.grey for camera in cameras]) < 0.3
    assert any(camera.overlay for camera in cameras)


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_a_capture_keeps_shape_repeats_with_its_seed_and_leaves_the_face_alone(pristine, seed):
    camera = draw_camera(np.random.default_rng(seed))
    before = pristine.copy()
    first = camera.capture(pristine, np.random.default_rng(seed))
    assert first.shape == pristine.shape
    assert first.dtype == np.uint8
    assert first.tobytes() == camera.capture(pristine, np.random.default_rng(seed)).tobytes()
    np.testing.assert_array_equal(pristine, before)


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.sampled_from([0, 255]))
def test_no_stage_makes_what_is_no_number(seed, level):
    rng = np.random.default_rng(seed)
    camera = draw_camera(rng)
    image = np.full((64, 64, 3), level, np.float32)
    image = optics.tint(image, camera.grey, camera.saturation, camera.white_balance)
    image = optics.light(image, camera.falloff, camera.contrast, camera.exposure, rng)
    image = optics.blur(image, camera.motion_px, camera.motion_degrees, camera.defocus_px)
    for kind in sensor.NOISE_KINDS:
        noisy = sensor.add_noise(image, kind, camera.noise_sigma, camera.grey, rng)
        assert noisy.shape == image.shape
        assert np.isfinite(noisy).all()


def test_a_camera_without_a_fault_changes_nothing(pristine):
    assert NEUTRAL.capture(pristine, np.random.default_rng(0)).tobytes() == pristine.tobytes()


@pytest.mark.parametrize(
    "fault",
    [
        {"face_px": 30.0},
        {"grey": True},
        {"saturation": 0.4},
        {"white_balance": (1.2, 0.9)},
        {"falloff": 0.6},
        {"contrast": 0.5},
        {"exposure": 25.0},
        {"motion_px": 8.0},
        {"defocus_px": 2.0},
        {"noise_sigma": 12.0},
        {"overlay": True},
        {"quality": (30,)},
        {"quality": (30,), "codec": "webp"},
        *({"processing": (step,)} for step in sensor.PROCESSING),
    ],
    ids=str,
)
def test_every_single_fault_does_something(pristine, fault):
    captured = changed(**fault).capture(pristine, np.random.default_rng(0)).astype(int)
    assert 0.05 < np.abs(captured - pristine).mean() < 60


def test_a_grey_camera_gives_no_colour(pristine):
    captured = changed(grey=True, white_balance=(1.3, 0.8)).capture(
        pristine, np.random.default_rng(0)
    )
    assert np.ptp(captured.astype(int), axis=2).max() == 0


def test_motion_blurs_along_its_direction_only():
    rows = np.zeros((64, 64, 3), np.float32)
    rows[::8] = 255
    along, across = optics.blur(rows, 9.0, 0.0, 0.0), optics.blur(rows, 9.0, 90.0, 0.0)
    assert np.abs(along - rows)[8:-8, 8:-8].max() < 1
    assert across[16:-16].std() < 0.3 * rows.std()


@pytest.mark.parametrize("kind", sensor.NOISE_KINDS)
def test_noise_has_about_the_deviation_that_was_asked_for(kind):
    flat = np.full((128, 128, 3), 110, np.float32)
    field = sensor.add_noise(flat, kind, 10.0, False, np.random.default_rng(0)) - flat
    assert 8 < field.std() < 14
    assert abs(field.mean()) < 2.5
    grey = sensor.add_noise(flat, kind, 10.0, True, np.random.default_rng(0))
    assert np.ptp(grey, axis=2).max() == 0


def test_no_noise_is_the_same_picture():
    flat = np.full((8, 8, 3), 110, np.float32)
    assert sensor.add_noise(flat, "white", 0.0, False, np.random.default_rng(0)) is flat


@pytest.mark.parametrize("codec", ["jpeg", "webp"])
def test_a_codec_keeps_the_colour_order_and_loses_more_at_low_quality(pristine, codec):
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    assert np.abs(sensor.compress(red, codec, 95).astype(int) - red).max() < 12
    loss = [
        np.abs(sensor.compress(pristine, codec, quality).astype(int) - pristine).mean()
        for quality in (95, 60, 25)
    ]
    assert loss == sorted(loss)
