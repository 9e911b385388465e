"""What drifted most comes from LQ, without a seam; the rest is HQ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.blending.giveback import PARTS, GiveBack, give_back_weight, most_drifted
from facefidelity.guards.blending.projection import Projection
from facefidelity.guards.findings import RegionDrift
from facefidelity.guards.regions import REGIONS

FACES = hnp.arrays(np.uint8, (32, 32, 3))
RECIPES = st.builds(GiveBack, st.integers(1, len(PARTS) - 1), st.floats(0.01, 1.0))


def drifted(**changed):
    return RegionDrift(**(dict.fromkeys(REGIONS, 0.05) | changed))


@settings(deadline=None, max_examples=30)
@given(FACES, FACES, RECIPES)
def test_every_value_lies_between_the_two_faces(pair_of, lq, hq, recipe):
    blended = recipe.blend(pair_of(lq, hq)).pixels.astype(int)
    assert (blended >= np.minimum(lq, hq).astype(int) - 1).all()
    assert (blended <= np.maximum(lq, hq).astype(int) + 1).all()


@settings(deadline=None, max_examples=15)
@given(FACES, FACES, st.integers(1, len(PARTS) - 1))
def test_with_a_projected_rest_it_lies_between_lq_and_the_projection(pair_of, lq, hq, parts):
    pair = pair_of(lq, hq)
    rest = Projection().blend(pair).pixels
    blended = GiveBack(parts, projected=True).blend(pair).pixels.astype(int)
    assert (blended >= np.minimum(lq, rest).astype(int) - 1).all()
    assert (blended <= np.maximum(lq, rest).astype(int) + 1).all()


def test_the_eyes_come_from_lq_and_the_rest_stays_hq(blue_eyed):
    name, pixels, _ = GiveBack(1).blend(blue_eyed)
    assert name == "eyes given back"
    for x in (195, 317):
        assert np.abs(pixels[243, x].astype(int) - blue_eyed.lq[243, x]).max() <= 2
    for y, x in ((374, 256), (120, 256), (298, 256), (470, 60)):
        assert np.abs(pixels[y, x].astype(int) - blue_eyed.hq[y, x]).max() <= 2


def test_a_projected_rest_is_said_and_is_the_projection(blue_eyed):
    name, pixels, _ = GiveBack(1, projected=True).blend(blue_eyed)
    assert name == "eyes given back, rest projected"
    rest = Projection().blend(blue_eyed).pixels
    assert np.abs(pixels[120, 256].astype(int) - rest[120, 256]).max() <= 1
    assert np.abs(pixels[243, 195].astype(int) - blue_eyed.lq[243, 195]).max() <= 2


def test_a_share_gives_back_a_share(pair_of):
    lq, hq = np.full((512, 512, 3), 100, np.uint8), np.full((512, 512, 3), 200, np.uint8)
    pair = replace(pair_of(lq, hq), drift=drifted(mouth=0.9))
    name, pixels, _ = GiveBack(1, 0.6).blend(pair)
    assert name == "mouth given back 0.60"
    assert pixels[374, 256] == pytest.approx(140, abs=2)


def test_one_eye_that_drifted_takes_the_other_along():
    assert most_drifted(drifted(left_eye=0.5, mouth=0.4), 2) == ("eyes", "mouth")
    assert most_drifted(drifted(right_eye=0.5, mouth=0.6), 2) == ("mouth", "eyes")
    assert most_drifted(drifted(), 3) == tuple(PARTS)[:3]


def test_every_region_belongs_to_one_part():
    assert sorted(region for regions in PARTS.values() for region in regions) == sorted(REGIONS)


def test_names_list_the_parts_worst_first(pair_of):
    face = np.full((64, 64, 3), 90, np.uint8)
    pair = replace(pair_of(face, face), drift=drifted(nose=0.3, mouth=0.4, brows=0.2))
    names = [GiveBack(parts).blend(pair).name for parts in (1, 2, 3)]
    assert names == [
        "mouth given back",
        "mouth and nose given back",
        "mouth, nose and brows given back",
    ]


@pytest.mark.parametrize("parts", [(part,) for part in PARTS] + [("eyes", "mouth", "skin")])
def test_weights_are_whole_inside_and_have_no_seam(pair_of, parts):
    """Between two flat faces 60 grey levels apart no neighbours differ by more than five."""
    face = np.full((512, 512, 3), 100, np.uint8)
    weight = give_back_weight(pair_of(face, face).masks, parts, 512)
    assert weight.min() >= 0
    assert 0.85 <= weight.max() <= 1
    assert weight[0, 0] < 0.01
    for axis in (0, 1):
        assert 60 * np.abs(np.diff(weight, axis=axis)).max() <= 5


def test_gradients_meet_without_a_step(pair_of):
    slope = np.linspace(60, 180, 512)
    lq = np.repeat(np.repeat(slope[None, :, None], 512, 0), 3, 2).astype(np.uint8)
    hq = np.clip(lq.astype(int) + 25, 0, 255).astype(np.uint8)
    for parts in (1, 3, 5):
        pixels = GiveBack(parts).blend(pair_of(lq, hq)).pixels.astype(int)
        for axis in (0, 1):
            assert np.abs(np.diff(pixels, axis=axis)).max() <= 3


@pytest.mark.parametrize("wrong", [(0,), (6,), (1, 0.0), (1, 1.1), (1, float("nan"))])
def test_out_of_range_is_refused(wrong):
    with pytest.raises(InvalidInput, match="expected"):
        GiveBack(*wrong)
