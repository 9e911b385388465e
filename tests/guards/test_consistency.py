"""Consistency: blind to what the camera could not see, alert to what it did."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.consistency import CameraView, measure_consistency
from facefidelity.guards.policy import load_policy


@pytest.fixture(scope="module")
def hq(astronaut_face) -> np.ndarray:
    return astronaut_face.pixels


def tiny(face: np.ndarray, side: int) -> np.ndarray:
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, face.shape[1::-1], interpolation=cv2.INTER_CUBIC)


def noisy(face: np.ndarray, sigma: float) -> np.ndarray:
    field = np.random.default_rng(0).normal(0, sigma, face.shape)
    return np.clip(np.rint(face + field), 0, 255).astype(np.uint8)


def luma_changed(face: np.ndarray, gain: float, offset: float) -> np.ndarray:
    planes = cv2.cvtColor(face, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    luma = planes[..., 0]
    planes[..., 0] = (luma - luma.mean()) * gain + luma.mean() + offset
    whole = np.clip(np.rint(planes), 0, 255).astype(np.uint8)
    return cv2.cvtColor(whole, cv2.COLOR_YCrCb2RGB)


def test_a_face_agrees_wholly_with_itself(hq):
    assert measure_consistency(hq, hq) == 1.0


DEGRADED = {
    "blur 4": lambda face: cv2.GaussianBlur(face, (0, 0), 4),
    "blur 12": lambda face: cv2.GaussianBlur(face, (0, 0), 12),
    "48 px": lambda face: tiny(face, 48),
    "96 px": lambda face: tiny(face, 96),
    "noise 20": lambda face: noisy(face, 20),
    "blur 6, noise 12": lambda face: noisy(cv2.GaussianBlur(face, (0, 0), 6), 12),
}


@pytest.mark.parametrize("degrade", DEGRADED.values(), ids=DEGRADED)
def test_the_true_face_agrees_with_its_degraded_capture(hq, degrade):
    assert measure_consistency(degrade(hq), hq) > 0.75


CONTRADICTIONS = {
    "red and green swapped": lambda face: face[..., [1, 0, 2]],
    "warm tint": lambda face: np.clip(face * [1.25, 1.0, 0.8], 0, 255),
    "grey": lambda face: np.repeat(face.mean(axis=2, keepdims=True), 3, axis=2),
    "mirrored": lambda face: face[:, ::-1],
    "upside down": lambda face: face[::-1],
    "negative": lambda face: 255 - face,
    "moved 24 px": lambda face: np.roll(face, 24, axis=1),
}


@pytest.mark.parametrize("degrade", DEGRADED.values(), ids=DEGRADED)
@pytest.mark.parametrize("change", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_the_camera_falls_below_every_honest_restoration(hq, degrade, change):
    lq = degrade(hq)
    wrong = np.ascontiguousarray(change(hq).astype(np.uint8))
    assert measure_consistency(lq, wrong) < measure_consistency(lq, hq) - 0.2


def test_the_policies_limits_part_honest_from_contradicting(hq):
    lq = DEGRADED["blur 6, noise 12"](hq)
    assert measure_consistency(lq, hq) > load_policy("strict").min_consistency
    mirrored = np.ascontiguousarray(hq[:, ::-1])
    assert measure_consistency(lq, mirrored) < load_policy("lenient").min_consistency


@settings(deadline=None, max_examples=25)
@given(st.floats(0.7, 1.3), st.floats(-20, 20))
def test_gain_and_offset_of_luma_are_no_contradiction(gain, offset):
    rng = np.random.default_rng(3)
    coarse = rng.integers(70, 180, (12, 12, 3), dtype=np.uint8)
    face = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC)
    changed = luma_changed(face, gain, offset)
    assert measure_consistency(face, changed) > 0.85
    assert measure_consistency(changed, face) > 0.85


def test_a_local_change_counts_the_more_the_stronger_it_is(hq):
    lq = cv2.GaussianBlur(hq, (0, 0), 4)
    found = []
    for strength in (0, 20, 40, 80):
        wrong = hq.astype(int)
        wrong[220:270, 150:360] += strength
        found.append(measure_consistency(lq, np.clip(wrong, 0, 255).astype(np.uint8)))
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1] + 0.2


def test_the_two_faces_may_differ_in_size(hq):
    small = cv2.resize(hq, (256, 256), interpolation=cv2.INTER_AREA)
    assert measure_consistency(small, hq) > 0.97


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_it_is_a_repeatable_number_in_0_to_1(a, b):
    lq, hq = (
        np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8) for seed in (a, b)
    )
    found = measure_consistency(lq, hq)
    assert 0.0 <= found <= 1.0
    assert found == measure_consistency(lq, hq)


@pytest.mark.parametrize("level", [0, 255])
def test_flat_faces_do_not_divide_by_nothing(level):
    flat = np.full((64, 64, 3), level, np.uint8)
    assert measure_consistency(flat, flat) == 1.0


@pytest.mark.parametrize("shape", [(64, 64), (64, 65, 3), (64, 64, 4)])
def test_what_is_no_square_picture_is_refused_by_its_name(shape):
    good, bad = np.zeros((64, 64, 3), np.uint8), np.zeros(shape, np.uint8)
    with pytest.raises(InvalidInput, match="expected lq"):
        measure_consistency(bad, good)
    with pytest.raises(InvalidInput, match="expected hq"):
        measure_consistency(good, bad)


def eyes_recoloured(face: np.ndarray) -> np.ndarray:
    planes = cv2.cvtColor(face, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    mask = np.zeros(face.shape[:2], np.float32)
    for x in (195, 317):
        cv2.circle(mask, (x, 243), 12, 1, -1)
    planes += cv2.GaussianBlur(mask, (0, 0), 2)[..., None] * np.float32([0, -30, 30])
    whole = np.clip(np.rint(planes), 0, 255).astype(np.uint8)
    return cv2.cvtColor(whole, cv2.COLOR_YCrCb2RGB)


def mouth_moved(face: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    weight = np.exp(-((((x - 256) / 70) ** 2 + ((y - 372) / 30) ** 2) ** 2))
    return cv2.remap(face, x, (y - 10 * weight).astype(np.float32), cv2.INTER_LINEAR)


def sharpened(face: np.ndarray) -> np.ndarray:
    return cv2.addWeighted(face, 1.7, cv2.GaussianBlur(face, (0, 0), 2), -0.7, 0)


@pytest.mark.parametrize("change", [eyes_recoloured, mouth_moved])
@pytest.mark.parametrize("blur", [1, 3])
def test_one_changed_feature_is_not_averaged_away(hq, change, blur):
    lq = noisy(cv2.GaussianBlur(hq, (0, 0), blur), 5)
    assert measure_consistency(lq, change(hq)) < measure_consistency(lq, hq) - 0.15


@pytest.mark.parametrize("gain", [sharpened, lambda face: cv2.bilateralFilter(face, 9, 40, 5)])
@pytest.mark.parametrize("degrade", DEGRADED.values(), ids=DEGRADED)
def test_sharpening_and_denoising_contradict_nothing(hq, degrade, gain):
    lq = degrade(hq)
    assert measure_consistency(lq, gain(hq)) > measure_consistency(lq, hq) - 0.04


def test_blur_and_size_are_estimated_from_the_pair(hq):
    blurred = CameraView(cv2.GaussianBlur(hq, (0, 0), 10.4)).compare(hq)
    small = CameraView(tiny(hq, 32)).compare(hq)
    sharp = CameraView(hq).compare(hq)
    assert blurred.blur_px == pytest.approx(10.4, abs=3)
    assert small.size_px <= 48
    assert (sharp.size_px, sharp.blur_px, sharp.gain, sharp.offset) == (128, 0, 1, 0)


def test_gain_and_offset_are_reported(hq):
    found = CameraView(luma_changed(hq, 0.8, 10)).compare(hq)
    assert found.gain == pytest.approx(0.8, abs=0.06)
    assert found.offset == pytest.approx(10, abs=3)


def test_residual_maps_show_where(hq):
    maps = CameraView(cv2.GaussianBlur(hq, (0, 0), 3)).compare(eyes_recoloured(hq)).maps
    assert maps.luma.shape == maps.chroma.shape == (64, 64)
    row, column = np.unravel_index(maps.chroma.argmax(), maps.chroma.shape)
    assert abs(row * 8 - 243) < 24
    assert min(abs(column * 8 - 195), abs(column * 8 - 317)) < 24
    assert maps.chroma.max() > 2 * maps.luma.max()
