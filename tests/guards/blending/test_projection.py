"""A projection agrees with the camera, keeps what the camera could not see, and has no halo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.blending.backprojection import ENVELOPE_PX, project
from facefidelity.guards.blending.projection import Projection

FACES = hnp.arrays(np.uint8, (32, 32, 3))
EYES = np.s_[225:262, 170:342]


def projected(pair):
    return project(pair.lq, pair.hq, pair.view, pair.found)


def distance(one, other, where=np.s_[:]):
    return float(np.abs(one[where].astype(int) - other[where]).mean())


@settings(deadline=None, max_examples=30)
@given(FACES, FACES, st.floats(0.01, 1.0))
def test_no_value_leaves_the_range_of_both_faces_nearby(pair_of, lq, hq, share):
    window = np.ones((3, 3), np.uint8)
    blended = Projection(share).blend(pair_of(lq, hq)).pixels.astype(int)
    assert (blended >= cv2.erode(np.minimum(lq, hq), window).astype(int) - 1).all()
    assert (blended <= cv2.dilate(np.maximum(lq, hq), window).astype(int) + 1).all()


def test_the_range_is_that_of_a_few_px(pair_of):
    """A lone bright dot of LQ lends its brightness no farther than the envelope."""
    lq, hq = np.full((512, 512, 3), 80, np.uint8), np.full((512, 512, 3), 80, np.uint8)
    cv2.circle(lq, (256, 256), 12, (240, 240, 240), -1)
    reach = 12 + ENVELOPE_PX + 1
    blended = projected(pair_of(lq, hq))
    assert blended.max() > 100
    blended[256 - reach : 257 + reach, 256 - reach : 257 + reach] = 80
    assert (blended == 80).all()


def test_other_eyes_are_taken_back_and_the_detail_stays(blue_eyed, astronaut_face):
    truth, blended = astronaut_face.pixels, projected(blue_eyed)
    assert distance(blended, truth, EYES) < 0.5 * distance(blue_eyed.hq, truth, EYES)
    after = blue_eyed.view.compare(blended)
    assert after.score > blue_eyed.found.score + 0.1
    assert after.score > 0.8

    def detail(face):
        return cv2.Laplacian(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), cv2.CV_32F).std()

    assert detail(blended) > 0.9 * detail(blue_eyed.hq) > 2 * detail(blue_eyed.lq)


def test_what_agrees_stays_as_it_is(pair_of, camera, astronaut_face):
    truth = astronaut_face.pixels
    lq = camera(truth)
    assert distance(projected(pair_of(lq, truth)), truth) < 0.25 * distance(lq, truth)


def test_brightness_and_contrast_are_no_contradiction(pair_of, camera, astronaut_face):
    truth = np.clip(astronaut_face.pixels, 30, 200)
    brighter = np.clip(truth * 1.15 + 8, 0, 255).astype(np.uint8)
    blended = projected(pair_of(camera(truth), brighter))
    assert distance(blended, brighter) < 0.25 * distance(truth, brighter)


def test_a_moved_step_gets_no_halo(pair_of):
    lq, hq = (np.full((512, 512, 3), 60, np.uint8) for _ in range(2))
    lq[:, 256:], hq[:, 268:] = 190, 190
    lq = cv2.GaussianBlur(lq, (0, 0), 8)
    blended = projected(pair_of(lq, hq)).astype(int)
    assert blended.min() >= 59
    assert blended.max() <= 191
    assert np.abs(blended - hq)[:, :200].max() <= 3
    assert np.abs(blended - hq)[:, 324:].max() <= 3


def test_a_gradient_stays_one(pair_of):
    slope = np.linspace(40, 210, 512)
    lq = np.repeat(np.repeat(slope[None, :, None], 512, 0), 3, 2).astype(np.uint8)
    wave = 12 * np.sin(np.linspace(0, 4 * np.pi, 512))[:, None, None]
    hq = np.clip(lq + wave + np.array([15, 0, -15]), 0, 255).astype(np.uint8)
    blended = projected(pair_of(lq, hq)).astype(int)
    assert distance(blended, lq) < 0.5 * distance(hq, lq)
    for axis in (0, 1):
        assert np.abs(np.diff(blended, axis=axis)).max() <= 2


def test_a_share_mixes_with_lq(blue_eyed):
    half = Projection(0.5).blend(blue_eyed)
    assert half.name == "projection 0.50"
    mean = (projected(blue_eyed).astype(float) + blue_eyed.lq) / 2
    assert np.abs(half.pixels - mean).max() <= 1


@pytest.mark.parametrize("share", [0.0, -0.5, 1.01, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(InvalidInput, match="expected a share"):
        Projection(share)
