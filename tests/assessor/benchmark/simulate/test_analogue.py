"""The composite line: each of its faults alone, and what it must leave alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.analogue import AnalogueLine, transmit


def sent(image: np.ndarray, **faults: float) -> np.ndarray:
    return transmit(image, AnalogueLine(**faults), np.random.default_rng(0)).astype(int)


@pytest.fixture
def edge() -> np.ndarray:
    """Dark left, light right, without colour."""
    image = np.full((32, 64, 3), 60, np.uint8)
    image[:, 32:] = 190
    return image


def test_a_line_without_faults_is_the_picture_itself(edge):
    assert transmit(edge, AnalogueLine(), np.random.default_rng(0)) is edge


def test_a_band_limit_softens_across_and_never_down(edge):
    soft = sent(edge, luma_sigma_px=2.0)
    assert np.abs(np.diff(soft[..., 0], axis=1)).max() < 40
    turned = np.ascontiguousarray(edge.transpose(1, 0, 2))
    assert np.abs(sent(turned, luma_sigma_px=2.0) - turned).max() == 0


def test_colour_is_softened_alone():
    image = np.full((32, 64, 3), (200, 60, 60), np.uint8)
    image[:, 32:] = (60, 110, 200)
    planes = [
        cv2.cvtColor(np.asarray(one, np.uint8), cv2.COLOR_RGB2YCrCb).astype(int)
        for one in (image, sent(image, chroma_sigma_px=2.0))
    ]
    steps = [np.abs(np.diff(plane, axis=1)).max(axis=(0, 1)) for plane in planes]
    assert steps[1][1] < 0.4 * steps[0][1]
    assert abs(steps[1][0] - steps[0][0]) <= 8  # uint8 RGB cannot hold every colour


def test_ringing_overshoots_after_an_edge(edge):
    rung = sent(edge, ringing=0.8)
    assert rung.max() > 200
    assert rung.min() < 50
    assert np.abs(rung[:, 8:16] - 60).max() <= 1


def test_crawl_needs_colour(edge):
    assert np.abs(sent(edge, crawl=0.3) - edge).max() <= 1
    red = np.full((32, 64, 3), (200, 50, 50), np.uint8)
    luma = sent(red, crawl=0.3) @ [0.299, 0.587, 0.114]
    assert luma.std() > 8


def test_a_ghost_stands_to_the_right():
    line = np.full((16, 64, 3), 40, np.uint8)
    line[:, 20] = 240
    found = sent(line, ghost=0.5, ghost_px=6)[8, :, 0]
    assert found[26] > found[[14, 23, 29]].max() + 30
    assert found[20] > found[26]


def test_the_second_field_is_shifted(edge):
    combed = sent(edge, comb_px=2)
    np.testing.assert_array_equal(combed[::2], edge[::2])
    assert combed[1, 33, 0] == 60
    assert combed[0, 33, 0] == 190
