"""One capture: every fault does something, no fault does nothing, a seed is a picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.assessor.benchmark.simulate import optics, sensor
from facefidelity.assessor.benchmark.simulate.analogue import AnalogueLine
from facefidelity.assessor.benchmark.simulate.camera import FACE_SHARE, VirtualCamera
from facefidelity.assessor.benchmark.simulate.random_camera import draw_camera
from facefidelity.core.errors import InvalidInput

SEEDS = st.integers(0, 2**32 - 1)
NEUTRAL = VirtualCamera(face_px=1000.0)


@pytest.fixture(scope="module")
def pristine(astronaut_face) -> np.ndarray:
    return cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)


@settings(deadline=None, max_examples=15)
@given(SEEDS)
def test_a_capture_keeps_shape_repeats_with_its_seed_and_leaves_the_face_alone(pristine, seed):
    camera = replace(draw_camera(np.random.default_rng(seed)), codec="jpeg")
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
        noisy = sensor.add_noise(image, kind, 12.0, camera.grey, rng)
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
        {"gamma": 1.5},
        {"motion_px": 8.0},
        {"defocus_px": 2.0},
        {"analogue": AnalogueLine(luma_sigma_px=1.0)},
        {"overlay": True},
        {"quality": (30,)},
        {"quality": (30, 30), "codec": "webp"},
        *({"demosaic": method} for method in sensor.DEMOSAIC),
        *({"noise": ((kind, 12.0),)} for kind in sensor.NOISE_KINDS),
        *(
            {"processing": ((step, strength),)}
            for step in sensor.PROCESSING
            for strength in (0.3, 1.0)
        ),
    ],
    ids=str,
)
def test_every_single_fault_does_something(pristine, fault):
    captured = replace(NEUTRAL, **fault).capture(pristine, np.random.default_rng(0)).astype(int)
    assert 0.05 < np.abs(captured - pristine).mean() < 60


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"noise": (("hiss", 3.0),)}, "noise: expected one of white, .*, got 'hiss'"),
        ({"processing": (("sparkle", 0.5),)}, "processing: expected one of .*, got 'sparkle'"),
        ({"demosaic": "vng"}, "demosaic: expected one of bilinear, edge_aware, got 'vng'"),
        ({"codec": "gif"}, "codec: expected one of jpeg, webp, h264, hevc, got 'gif'"),
    ],
)
def test_what_the_simulator_does_not_know_is_refused(asked, told):
    with pytest.raises(InvalidInput, match=told):
        replace(NEUTRAL, **asked)


def test_a_face_gets_the_pixels_that_were_asked_for():
    """A checkerboard finer than the sensor is grey, a coarser one is not."""
    board = np.kron(np.indices((64, 64)).sum(axis=0) % 2, np.ones((4, 4)))[..., None] * 255
    board = np.repeat(board, 3, axis=2).astype(np.uint8)
    enough, few = 128 * FACE_SHARE, 32 * FACE_SHARE
    spread = [
        replace(NEUTRAL, face_px=px).capture(board, np.random.default_rng(0)).std()
        for px in (enough, few)
    ]
    assert spread[0] > 60
    assert spread[1] < 5


def test_a_grey_camera_gives_no_colour(pristine):
    camera = replace(NEUTRAL, grey=True, white_balance=(1.3, 0.8), noise=(("sensor", 9.0),))
    captured = camera.capture(pristine, np.random.default_rng(0))
    assert np.ptp(captured.astype(int), axis=2).max() == 0


def test_the_spot_light_falls_off_towards_the_border():
    white = np.full((64, 64, 3), 200, np.float32)
    lit = optics.light(white, 0.8, 1.0, 0.0, np.random.default_rng(0))[..., 0]
    corners = lit[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert lit.max() > 195
    assert corners.min() < 0.6 * lit.max()


def test_gamma_keeps_black_and_white_and_bends_the_middle():
    ramp = np.arange(256, dtype=np.float32)[None, :, None].repeat(3, axis=2)
    dark, light = (sensor.read_out(ramp, gamma)[0, :, 0].astype(int) for gamma in (1.5, 0.7))
    assert dark[[0, -1]].tolist() == light[[0, -1]].tolist() == [0, 255]
    assert dark[128] < 100
    assert light[128] > 150


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


def test_noise_kinds_are_what_they_are_called():
    level = np.repeat(np.linspace(10, 240, 128, dtype=np.float32)[:, None, None], 128, 1)
    image = np.repeat(level, 3, axis=2)

    def field(kind):
        return sensor.add_noise(image, kind, 10.0, False, np.random.default_rng(0)) - image

    for kind in ("poisson", "sensor"):
        assert field(kind)[-32:].std() > 1.3 * field(kind)[:32].std()
    for kind in ("chroma", "sensor"):
        assert np.ptp(field(kind), axis=2).mean() > 5
    assert field("rows").mean(axis=1).std() > 3 * field("white").mean(axis=1).std()
    white, smooth = (field(kind)[..., 0] for kind in ("white", "correlated"))
    assert np.abs(np.diff(smooth)).mean() < 0.8 * np.abs(np.diff(white)).mean()


def test_no_noise_is_the_same_picture():
    flat = np.full((8, 8, 3), 110, np.float32)
    assert sensor.add_noise(flat, "white", 0.0, False, np.random.default_rng(0)) is flat
    with pytest.raises(InvalidInput, match="expected a noise of white, .*, got 'hiss'"):
        sensor.add_noise(flat, "hiss", 1.0, False, np.random.default_rng(0))


def test_a_bayer_sensor_keeps_flat_colour_and_frays_a_fine_pattern():
    flat = np.full((32, 32, 3), (200, 100, 50), np.uint8)
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2] = 255
    for method in sensor.DEMOSAIC:
        assert np.abs(sensor.demosaic(flat, method).astype(int) - flat)[2:-2, 2:-2].max() == 0
        colour = np.ptp(sensor.demosaic(stripes, method).astype(int), axis=2)[2:-2, 2:-2]
        assert colour.mean() > 50
