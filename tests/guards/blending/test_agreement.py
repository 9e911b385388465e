"""What the camera's measurement bears out comes from HQ, the rest from LQ, spot by spot."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.blending import Agreement, Projection
from facefidelity.guards.blending.agreement import agreement_weight

FACES = hnp.arrays(np.uint8, (32, 32, 3))
RECIPES = st.builds(
    Agreement, st.floats(0.5, 100.0), st.floats(0.0, 32.0), projected=st.just(False)
)
INF, NAN = float("inf"), float("nan")
LEFT_EYE = np.s_[233:253, 185:205]
CHEEK = np.s_[330:350, 160:180]


@settings(deadline=None, max_examples=30)
@given(FACES, FACES, RECIPES)
def test_every_value_lies_between_the_two_faces(pair_of, lq, hq, recipe):
    blended = recipe.blend(pair_of(lq, hq)).pixels.astype(int)
    assert (blended >= np.minimum(lq, hq).astype(int) - 1).all()
    assert (blended <= np.maximum(lq, hq).astype(int) + 1).all()


@settings(deadline=None, max_examples=15)
@given(FACES, FACES, st.floats(0.5, 100.0), st.floats(0.0, 32.0))
def test_with_the_projection_it_lies_between_lq_and_that(pair_of, lq, hq, levels, power):
    pair = pair_of(lq, hq)
    top = Projection().blend(pair).pixels
    blended = Agreement(levels, power).blend(pair).pixels.astype(int)
    assert (blended >= np.minimum(lq, top).astype(int) - 1).all()
    assert (blended <= np.maximum(lq, top).astype(int) + 1).all()


def test_recoloured_eyes_are_left_and_agreeing_skin_is_restored(blue_eyed):
    weight = agreement_weight(blue_eyed, Agreement(4.0))
    assert weight[LEFT_EYE].mean() < 0.05
    assert weight[CHEEK].mean() > 0.65
    blended = Agreement(4.0, projected=False).blend(blue_eyed).pixels.astype(int)
    assert np.abs(blended[LEFT_EYE] - blue_eyed.lq[LEFT_EYE]).max() <= 4
    assert np.abs(blended[CHEEK] - blue_eyed.hq[CHEEK]).mean() < 2


@settings(deadline=None, max_examples=30)
@given(st.floats(0.5, 30.0), st.floats(0.0, 16.0), st.floats(1.0, 3.0), st.floats(0.0, 8.0))
def test_stricter_never_takes_more_of_hq(blue_eyed, levels, power, wider, more):
    strict = agreement_weight(blue_eyed, Agreement(levels, power + more))
    lax = agreement_weight(blue_eyed, Agreement(levels * wider, power))
    # A cubic enlargement may overshoot where the weight changes.
    assert (strict <= lax + 0.1).all()
    assert strict.mean() <= lax.mean() + 1e-6


def test_other_structure_is_left_though_its_levels_are_near(pair_of, astronaut_face, camera):
    """A pattern within the levels allowed, over one cheek: only the power sees it."""
    truth = astronaut_face.pixels
    y, x = np.mgrid[:512, :512].astype(np.float32)
    blob = np.exp(-((x - 170) ** 2 + (y - 340) ** 2) / (2 * 40**2))
    stripes = (9 * blob * np.sin(x / 8))[..., None]
    hq = np.clip(truth + stripes, 0, 255).astype(np.uint8)
    pair = pair_of(camera(truth, 96), hq)
    assert agreement_weight(pair, Agreement(20.0))[CHEEK].mean() > 0.7
    assert agreement_weight(pair, Agreement(20.0, 32.0))[CHEEK].mean() < 0.5


def test_levels_that_only_cross_are_no_agreement(pair_of):
    """LQ rises from left to right where HQ falls: they meet along one line."""
    slope = np.linspace(40, 200, 512)
    lq = np.repeat(np.repeat(slope[None, :, None], 512, 0), 3, 2).astype(np.uint8)
    wave = 60 * np.sin(np.arange(512) / 20)
    hq = np.clip(lq + wave[None, :, None], 0, 255).astype(np.uint8)
    assert agreement_weight(pair_of(lq, hq), Agreement(3.0)).max() < 0.3


@pytest.mark.parametrize("levels", [2.0, 4.0, 8.0])
def test_a_contradiction_leaves_no_edge_of_its_own(pair_of, levels):
    """HQ has a soft spot 40 levels brighter than a flat LQ: no step is steeper than the spot's."""
    y, x = np.mgrid[:512, :512].astype(np.float32)
    spot = 40 * np.exp(-((x - 256) ** 2 + (y - 300) ** 2) / (2 * 30**2))
    lq = np.full((512, 512, 3), 120, np.uint8)
    hq = np.rint(lq + spot[..., None]).astype(np.uint8)
    blended = Agreement(levels, projected=False).blend(pair_of(lq, hq)).pixels.astype(int)
    steepest = np.abs(np.diff(hq.astype(int), axis=1)).max()
    for axis in (0, 1):
        assert np.abs(np.diff(blended, axis=axis)).max() <= steepest + 1


def test_a_face_that_agrees_everywhere_is_the_projection(pair_of, astronaut_face):
    lq = cv2.GaussianBlur(astronaut_face.pixels, (0, 0), 8)
    pair = pair_of(lq, astronaut_face.pixels)
    found = Agreement(1e6).blend(pair).pixels.astype(int)
    assert np.abs(found - Projection().blend(pair).pixels).max() <= 1


@pytest.mark.parametrize(
    ("levels", "power"),
    [(INF, 0.0), (0.0, 1.0), (-1.0, 0.0), (4.0, -1.0), (4.0, INF), (NAN, 0.0)],
)
def test_a_wrong_recipe_is_refused(levels, power):
    with pytest.raises(InvalidInput, match="expected"):
        Agreement(levels, power)


def test_names_say_what_was_asked():
    assert Agreement(4).name == "agreement within 4 levels, projected"
    assert Agreement(4, projected=False).name == "agreement within 4 levels"
    assert Agreement(power=8).name == "agreement of structure (8), projected"
    assert Agreement(8, 4).name == "agreement within 8 levels and of structure (4), projected"
