"""Plain mixtures never leave the range of the two faces and do what their bands say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.blending import MIXTURES, Mixture, delivered_share, mix

SEARCHED = [mixture for mixture in MIXTURES if isinstance(mixture, Mixture)]
FACES = hnp.arrays(np.uint8, (16, 16, 3))
PIXEL = st.builds(Mixture, st.floats(0.01, 0.99))
BANDS = st.builds(
    lambda share, cutoff, part: Mixture(share, cutoff, coarse_share=part * share),
    st.floats(0.01, 1.0),
    st.floats(1.0, 60.0),
    st.sampled_from([0.0, 0.0, 0.3, 1.0]),
)


@settings(deadline=None)
@given(FACES, FACES, PIXEL | BANDS | st.sampled_from(SEARCHED))
def test_every_value_lies_between_the_two_faces(lq, hq, mixture):
    mixed = mix(lq, hq, mixture).astype(int)
    assert mixed.shape == lq.shape
    assert (mixed >= np.minimum(lq, hq).astype(int) - 1).all()
    assert (mixed <= np.maximum(lq, hq).astype(int) + 1).all()


@settings(deadline=None)
@given(FACES, FACES, PIXEL | BANDS)
def test_the_same_faces_give_the_same_bytes_and_stay_as_they_were(lq, hq, mixture):
    before = lq.tobytes() + hq.tobytes()
    assert mix(lq, hq, mixture).tobytes() == mix(lq.copy(), hq.copy(), mixture).tobytes()
    assert lq.tobytes() + hq.tobytes() == before


@settings(deadline=None)
@given(FACES, PIXEL | BANDS)
def test_a_face_mixed_with_itself_is_itself(face, mixture):
    assert mix(face, face, mixture).tobytes() == face.tobytes()


@given(FACES, FACES)
def test_the_limits_of_pixel_alpha_are_the_two_faces(lq, hq):
    assert mix(lq, hq, Mixture(1e-4)).tobytes() == lq.tobytes()
    assert mix(lq, hq, Mixture(1 - 1e-4)).tobytes() == hq.tobytes()


@given(FACES, FACES, PIXEL | BANDS)
def test_the_delivered_share_lies_between_none_and_all(lq, hq, mixture):
    assert delivered_share(lq, hq, lq) == 0
    assert 0 <= delivered_share(lq, hq, mix(lq, hq, mixture)) <= 1
    if (lq != hq).any():
        assert delivered_share(lq, hq, hq) == 1


def test_a_change_of_light_alone_is_not_delivered_by_a_detail_mixture():
    lq = np.full((64, 64, 3), 100, np.uint8)
    hq = lq + 40
    assert delivered_share(lq, hq, mix(lq, hq, Mixture(1.0, cutoff_px=8))) < 0.01
    assert delivered_share(lq, hq, mix(lq, hq, Mixture(0.5))) == pytest.approx(0.5)


@given(FACES, FACES, st.floats(0.05, 0.9))
def test_a_larger_share_is_nearer_to_hq(lq, hq, share):
    near, far = mix(lq, hq, Mixture(share + 0.09)), mix(lq, hq, Mixture(share))
    assert (np.abs(near.astype(int) - hq) <= np.abs(far.astype(int) - hq)).all()


def test_half_is_the_mean():
    lq, hq = np.full((8, 8, 3), 100, np.uint8), np.full((8, 8, 3), 140, np.uint8)
    assert (mix(lq, hq, Mixture(0.5)) == 120).all()
    assert (mix(lq, hq, Mixture(0.25)) == 110).all()


@pytest.mark.parametrize("mixture", [Mixture(1.0, 4.0), Mixture(0.5, 8.0)], ids=lambda m: m.name)
def test_the_low_bands_of_a_split_are_those_of_lq(astronaut_face, mixture):
    """A tint and a slow shadow of HQ, which the camera did not see, do not get through."""
    lq = np.clip(astronaut_face.pixels, 60, 190)
    slow = 30 * np.sin(np.linspace(0, 2 * np.pi, 512))[:, None, None] * np.ones((1, 512, 1))
    hq = np.clip(lq + slow + np.array([20, -15, 10]), 0, 255).astype(np.uint8)
    mixed = mix(lq, hq, mixture)
    # At the reflecting border the sine is not slow.
    assert np.abs(mixed.astype(int) - lq)[40:-40].max() <= 2


@pytest.mark.parametrize("cutoff", [4.0, 8.0])
def test_a_split_takes_lq_below_and_hq_above_its_cutoff(astronaut_face, cutoff):
    hq = astronaut_face.pixels
    lq = cv2.GaussianBlur(hq, (0, 0), 6)
    lq = np.clip(lq.astype(int) - np.array([0, 25, 0]), 0, 255).astype(np.uint8)
    mixed = mix(lq, hq, Mixture(1.0, cutoff_px=cutoff)).astype(np.float32)

    def split(image, sigma):
        low = cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma)
        return low, image - low

    low, _ = split(mixed, 16.0)
    assert np.abs(low - split(lq, 16.0)[0]).mean() < 0.25 * np.abs(low - split(hq, 16.0)[0]).mean()
    _, high = split(mixed, 1.0)
    own, other = split(hq, 1.0)[1], split(lq, 1.0)[1]
    assert np.abs(high - own).mean() < 0.7 * np.abs(high - other).mean()


def test_the_cutoff_scales_with_the_faces_size(astronaut_face):
    hq = astronaut_face.pixels
    lq = cv2.GaussianBlur(hq, (0, 0), 8)
    half = (256, 256)
    large = mix(lq, hq, Mixture(1.0, cutoff_px=8.0))
    shrunk = cv2.resize(large, half, interpolation=cv2.INTER_AREA).astype(int)
    small = mix(
        cv2.resize(lq, half, interpolation=cv2.INTER_AREA),
        cv2.resize(hq, half, interpolation=cv2.INTER_AREA),
        Mixture(1.0, cutoff_px=8.0),
    )
    assert np.abs(shrunk - small).mean() < 0.5


def test_the_coarse_bands_have_a_gain_of_their_own():
    """A change of light alone is coarse: that gain is all that it meets."""
    lq = np.full((64, 64, 3), 100, np.uint8)
    mixed = mix(lq, lq + 40, Mixture(1.0, cutoff_px=8.0, coarse_share=0.25))
    assert (mixed == 110).all()


def test_names_say_how():
    assert Mixture(0.6).name == "pixel 0.60"
    assert Mixture(1.0, cutoff_px=8).name == "detail 1.00 finer than 8 px"
    named = Mixture(1.0, cutoff_px=16, coarse_share=0.3).name
    assert named == "detail 1.00 finer than 16 px, coarser 0.30"


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 0.0},
        {"share": 1.0},
        {"share": -0.1},
        {"share": 1.1, "cutoff_px": 4.0},
        {"share": float("nan")},
        {"share": 0.5, "cutoff_px": -1.0},
        {"share": 0.5, "cutoff_px": float("nan")},
        {"share": 0.5, "coarse_share": 0.1},
        {"share": 0.5, "cutoff_px": 4.0, "coarse_share": 0.6},
        {"share": 0.5, "cutoff_px": 4.0, "coarse_share": -0.1},
    ],
)
def test_a_mixture_out_of_range_is_refused(wrong):
    with pytest.raises(InvalidInput, match="expected"):
        Mixture(**wrong)


def test_faces_of_two_shapes_are_refused():
    with pytest.raises(InvalidInput, match="one shape"):
        mix(np.zeros((8, 8, 3), np.uint8), np.zeros((9, 9, 3), np.uint8), Mixture(0.5))
