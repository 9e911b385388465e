"""Simulated restorations: each does its own work, repeats with its seed, and a swap lies on top."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.restorations import (
    SIMULATED_RESTORATIONS,
    SIMULATED_SHARES,
    mix,
    restore_simulated,
    swap_detail,
)
from facefidelity.core.errors import InvalidInput


@pytest.fixture(scope="module")
def pristine(astronaut_face) -> np.ndarray:
    return cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)


def fine(image: np.ndarray) -> float:
    smooth = cv2.GaussianBlur(image, (0, 0), 1.5).astype(float)
    return float(np.abs(image - smooth).mean())


@pytest.mark.parametrize("kind", SIMULATED_RESTORATIONS)
def test_a_simulated_restoration_keeps_shape_and_repeats_with_its_seed(pristine, kind):
    lq, other = cv2.blur(pristine, (5, 5)), np.ascontiguousarray(pristine[:, ::-1])
    first = restore_simulated(kind, lq, other, np.random.default_rng(5))
    assert first.shape == lq.shape
    assert first.dtype == np.uint8
    again = restore_simulated(kind, lq, other, np.random.default_rng(5))
    assert first.tobytes() == again.tobytes() != lq.tobytes()


def test_a_swap_keeps_the_low_bands_that_the_camera_measured(pristine):
    other = np.ascontiguousarray(pristine[:, ::-1])
    swapped = swap_detail(pristine, other, 4.0, 1.0)

    def low(image):
        return cv2.GaussianBlur(image.astype(np.float32), (0, 0), 12)

    kept = np.abs(low(swapped) - low(pristine)).mean()
    assert kept < 0.1 * np.abs(low(swapped) - low(other)).mean()
    assert swap_detail(pristine, other, 4.0, 0.0).tobytes() == pristine.tobytes()


def test_a_mixture_of_a_restoration_is_a_weighted_mean():
    lq, hq = np.full((8, 8, 3), 100, np.uint8), np.full((8, 8, 3), 200, np.uint8)
    assert (mix(lq, hq, 0.3) == 130).all()


@pytest.mark.parametrize(
    ("kind", "sharper"),
    [("unsharp", True), ("swap", True), ("nlmeans", False), ("bilateral", False)],
)
def test_a_restoration_does_its_own_work(pristine, kind, sharper):
    grain = np.random.default_rng(0).normal(0, 6, pristine.shape)
    lq = np.clip(cv2.GaussianBlur(pristine, (0, 0), 2) + grain, 0, 255).astype(np.uint8)
    lq = cv2.GaussianBlur(lq, (0, 0), 1.2) if sharper else lq
    other = np.ascontiguousarray(pristine[:, ::-1])
    found = [fine(restore_simulated(kind, lq, other, np.random.default_rng(s))) for s in range(4)]
    assert (min(found) > fine(lq)) if sharper else (max(found) < fine(lq))


def test_only_a_swap_knows_the_other_face(pristine):
    one, two = (np.ascontiguousarray(pristine[:, ::-1]), np.ascontiguousarray(pristine[::-1]))
    for kind in SIMULATED_RESTORATIONS:
        first, second = (
            restore_simulated(kind, pristine, other, np.random.default_rng(1))
            for other in (one, two)
        )
        assert (first.tobytes() == second.tobytes()) == (kind != "swap")


def test_the_shares_are_a_distribution_and_another_kind_is_refused(pristine):
    assert len(SIMULATED_SHARES) == len(SIMULATED_RESTORATIONS)
    assert sum(SIMULATED_SHARES) == pytest.approx(1)
    with pytest.raises(InvalidInput, match="unsharp, .*, got 'magic'"):
        restore_simulated("magic", pristine, pristine, np.random.default_rng(0))
