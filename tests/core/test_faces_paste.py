"""Pasting: nothing outside the mask changes, nothing inside is shifted, and no seam shows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces import AlignedFace, LandmarkScheme, paste_face, upscale_background
from facefidelity.core.faces.paste import face_mask, inverse_affine

HEIGHT, WIDTH = 150, 210


def ramp() -> np.ndarray:
    """A smooth picture: a shift of a tenth of a pixel would show in its mean."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([x * 255 / WIDTH, y * 255 / HEIGHT, (x + y) * 0.3], axis=2)
    return np.rint(planes).astype(np.uint8)


def face_at(picture: np.ndarray, scale: float, angle: float, x: float, y: float) -> AlignedFace:
    """The crop whose centre is at (x, y); `scale` crop px per picture px."""
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    affine = np.array([[c, -s, 0], [s, c, 0.0]])
    affine[:, 2] = 255.5 - affine[:, :2] @ [x, y]
    crop = cv2.warpAffine(picture, affine, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    box = (x - 99 / scale, y - 99 / scale, x + 99 / scale, y + 99 / scale)
    return AlignedFace(crop, affine, np.zeros((5, 2)), LandmarkScheme.DLIB5, box, 1.0)


def frame_distance(face: AlignedFace, shape: tuple[int, ...], upscale: int) -> np.ndarray:
    """How far each picture px lies inside the crop's frame, in crop px; negative outside."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    points = (np.stack([x, y], axis=2) + 0.5) / upscale - 0.5
    at = points @ face.affine[:, :2].T + face.affine[:, 2]
    return np.minimum(at + 0.5, 511.5 - at).min(axis=2)


PLACES = st.tuples(
    st.floats(0.6, 12.0),
    st.floats(-np.pi, np.pi),
    st.floats(-40, WIDTH + 40),
    st.floats(-40, HEIGHT + 40),
)


@settings(deadline=None, max_examples=25)
@given(PLACES, st.integers(1, 4), st.integers(0, 255))
def test_outside_of_the_frame_every_byte_stays(place, upscale, level):
    picture = ramp()
    face = face_at(picture, *place)
    background = upscale_background(picture, upscale)
    before = background.copy()
    pasted = paste_face(background, face, np.full((512, 512, 3), level, np.uint8), upscale)
    outside = frame_distance(face, background.shape, upscale) <= 0
    assert pasted.shape == background.shape
    np.testing.assert_array_equal(pasted[outside], before[outside])
    np.testing.assert_array_equal(background, before)


@settings(deadline=None, max_examples=25)
@given(PLACES, st.integers(1, 4))
def test_a_faces_own_crop_comes_back_where_it_was(place, upscale):
    picture = ramp()
    face = face_at(picture, *place)
    background = upscale_background(picture, upscale)
    pasted = paste_face(background, face, face.pixels, upscale)
    change = pasted.astype(int) - background
    # Two interpolations of a smooth picture round; half a pixel of shift would be a level.
    assert np.abs(change).max() <= 2
    centre = frame_distance(face, background.shape, upscale) > 100
    if centre.sum() > 2000:
        assert np.abs(change[centre].mean(axis=0)).max() < 0.5


@pytest.mark.parametrize("upscale", [1, 2, 3, 4])
@pytest.mark.parametrize("scale", [1.6, 2.3, 5.0, 9.0])
def test_a_dot_lands_on_its_own_pixel(scale, upscale):
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    face = face_at(picture, scale, 0.4, 105.3, 74.6)
    restored = np.zeros((512, 512, 3), np.uint8)
    cv2.circle(restored, (300, 220), 24, (255, 255, 255), -1, cv2.LINE_AA)
    pasted = paste_face(upscale_background(picture, upscale), face, restored, upscale)
    weight = pasted[..., 0].astype(float)
    y, x = np.mgrid[0 : pasted.shape[0], 0 : pasted.shape[1]]
    centre = np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()
    expected = inverse_affine(face, upscale) @ [300, 220, 1]
    np.testing.assert_allclose(centre, expected, atol=0.1)


@pytest.mark.parametrize("upscale", [1, 2, 4])
@pytest.mark.parametrize(("scale", "angle"), [(3.5, 0.0), (5.0, 0.3), (8.0, -0.7), (16.0, 0.0)])
def test_no_seam_shows_where_a_brighter_face_meets_the_picture(scale, angle, upscale):
    picture = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    face = face_at(picture, scale, angle, 105.5, 76.25)
    offset = 60
    restored = np.full((512, 512, 3), 100 + offset, np.uint8)
    pasted = paste_face(upscale_background(picture, upscale), face, restored, upscale)
    values = pasted[..., 0].astype(int)
    assert values.min() == 100
    assert values.max() == 160
    step = max(np.abs(np.diff(values, axis=0)).max(), np.abs(np.diff(values, axis=1)).max())
    # The ramp is 72 crop px long and 1.5 times as steep in its middle as on average; both
    # factors of the mask rise at once near a corner. One level is rounding.
    bound = offset * 1.5 / 72 * scale / upscale * np.sqrt(2) + 1
    assert step <= bound


def test_inside_the_mask_the_restored_face_is_what_is_seen():
    picture = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    face = face_at(picture, 4.0, 0.0, 105, 75)
    pasted = paste_face(picture, face, np.full((512, 512, 3), 31, np.uint8))
    inside = frame_distance(face, picture.shape, 1) > 512 * 0.17
    assert inside.sum() > 5_000
    assert (pasted[inside] == 31).all()


@pytest.mark.parametrize("place", [(0, 0), (WIDTH, HEIGHT), (WIDTH / 2, -20), (-15, HEIGHT / 2)])
def test_a_face_over_the_border_is_pasted_as_far_as_there_is_picture(place):
    picture = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    face = face_at(picture, 3.0, 0.2, *place)
    pasted = paste_face(picture, face, np.full((512, 512, 3), 200, np.uint8))
    assert pasted.shape == picture.shape
    assert (pasted == 200).any()
    assert (pasted == 100).any()


def test_a_face_wholly_outside_changes_nothing_and_gives_a_new_picture():
    picture = ramp()
    face = face_at(picture, 4.0, 0.0, -500, 2000)
    pasted = paste_face(picture, face, np.zeros((512, 512, 3), np.uint8))
    assert pasted.tobytes() == picture.tobytes()
    assert pasted is not picture


def test_the_astronauts_own_crop_changes_her_little(astronaut, astronaut_face):
    pasted = paste_face(astronaut, astronaut_face, astronaut_face.pixels)
    change = np.abs(pasted.astype(int) - astronaut)
    x0, y0, x1, y1 = (int(v) for v in astronaut_face.box)
    assert change[y0:y1, x0:x1].mean() < 5
    assert change.mean() < 0.5
    # No shift explains the rest better than none.
    found = pasted[y0:y1, x0:x1].astype(float)
    errors = {}
    for dx, dy in [(0, 0), (0.25, 0), (-0.25, 0), (0, 0.25), (0, -0.25)]:
        move = np.array([[1.0, 0, dx], [0, 1.0, dy]])
        moved = cv2.warpAffine(astronaut, move, (512, 512), flags=cv2.INTER_CUBIC)
        errors[dx, dy] = np.abs(moved[y0:y1, x0:x1] - found).mean()
    assert min(errors, key=errors.get) == (0, 0)


def test_pasting_is_repeatable(astronaut, astronaut_face):
    restored = np.ascontiguousarray(astronaut_face.pixels[:, ::-1])
    first = paste_face(astronaut, astronaut_face, restored)
    assert first.tobytes() == paste_face(astronaut, astronaut_face, restored).tobytes()


def test_the_mask_is_clear_at_the_rim_whole_inside_and_read_only():
    mask = face_mask()
    assert mask.shape == (512, 512)
    assert mask.dtype == np.float32
    rim = np.concatenate([mask[:10].ravel(), mask[-10:].ravel(), mask[:, :10].ravel()])
    assert (rim == 0).all()
    assert (mask[90:-90, 90:-90] == 1).all()
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])
    np.testing.assert_array_equal(mask, mask.T)
    with pytest.raises(ValueError, match="read-only"):
        mask[0, 0] = 1


@pytest.mark.parametrize("upscale", [1, 2, 3, 4])
def test_the_background_grows_by_the_whole_factor(upscale):
    picture = ramp()
    large = upscale_background(picture, upscale)
    assert large.shape == (HEIGHT * upscale, WIDTH * upscale, 3)
    small = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - picture).max() <= 2
    assert not np.shares_memory(large, picture)


@pytest.mark.parametrize("upscale", [0, -1, 9])
def test_a_silly_factor_is_refused(upscale):
    with pytest.raises(InvalidInput, match="from 1 to 8"):
        upscale_background(ramp(), upscale)


@pytest.mark.parametrize(
    "restored",
    [np.zeros((256, 256, 3), np.uint8), np.zeros((512, 512, 3), np.float32)],
    ids=["size", "dtype"],
)
def test_a_crop_of_another_kind_is_refused(restored):
    with pytest.raises(InvalidInput, match=r"\(512, 512, 3\) uint8"):
        paste_face(ramp(), face_at(ramp(), 2.0, 0.0, 200, 150), restored)


@pytest.mark.parametrize("upscale", [0, 9, 2.5, -1])
def test_an_upscale_that_is_no_whole_factor_is_refused(upscale):
    with pytest.raises(InvalidInput, match="whole upscale factor"):
        upscale_background(np.zeros((8, 8, 3), np.uint8), upscale)


def test_an_enormous_result_is_refused_before_it_is_made():
    row = np.zeros((1, 1, 3), np.uint8)
    huge = np.broadcast_to(row, (9000, 9000, 3))
    with pytest.raises(InvalidInput, match="megapixels"):
        upscale_background(huge, 8)
