"""Alignment: the right similarity, both ways, and the frame of a ready crop."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces import (
    AlignedFace,
    DetectedFace,
    LandmarkScheme,
    align_face,
    estimate_affine,
    frame_as_aligned,
)
from facefidelity.core.faces.alignment import BORDER_RGB, TEMPLATES
from facefidelity.core.faces.paste import inverse_affine

SCHEMES = st.sampled_from(list(LandmarkScheme))


def through(affine: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ affine[:, :2].T + affine[:, 2]


def similarity(scale: float, angle: float, x: float, y: float) -> np.ndarray:
    """Crop px to picture px."""
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[c, -s, x], [s, c, y]])


def face_at(points: np.ndarray, scheme: LandmarkScheme = LandmarkScheme.FFHQ5) -> DetectedFace:
    x0, y0 = points.min(axis=0)
    x1, y1 = points.max(axis=0)
    return DetectedFace((x0, y0, x1, y1), points, scheme, 1.0)


PLACES = st.builds(
    similarity,
    st.floats(0.05, 6.0),
    st.floats(-np.pi, np.pi),
    st.floats(-2000, 4000),
    st.floats(-2000, 4000),
)


@settings(deadline=None)
@given(PLACES, SCHEMES)
def test_a_face_placed_by_a_similarity_is_brought_back_by_its_inverse(place, scheme):
    scale = np.sqrt(np.linalg.det(place[:, :2]))
    affine = estimate_affine(through(place, TEMPLATES[scheme]), scheme)
    expected = cv2.invertAffineTransform(place)
    np.testing.assert_allclose(affine[:, :2], expected[:, :2], atol=1e-4 * (1 + 1 / scale))
    landmarks = through(affine, through(place, TEMPLATES[scheme]))
    np.testing.assert_allclose(landmarks, TEMPLATES[scheme], atol=0.02)  # OpenCV: float32


@settings(deadline=None, max_examples=40)
@given(PLACES, st.integers(1, 4), st.integers(0, 10_000))
def test_alignment_and_its_inverse_are_one_round_trip(place, upscale, seed):
    picture = np.zeros((40, 60, 3), np.uint8)
    face = align_face(picture, face_at(through(place, TEMPLATES[LandmarkScheme.FFHQ5])))
    points = np.random.default_rng(seed).uniform(-100, 700, (20, 2))
    in_picture = through(inverse_affine(face), points)
    np.testing.assert_allclose(through(face.affine, in_picture), points, atol=1e-6)
    magnified = through(inverse_affine(face, upscale), points)
    np.testing.assert_allclose((magnified + 0.5) / upscale - 0.5, in_picture, atol=1e-6)


def test_one_wild_landmark_does_not_move_the_face():
    points = TEMPLATES[LandmarkScheme.FFHQ5].copy()
    points[3] += 60
    affine = estimate_affine(points, LandmarkScheme.FFHQ5)
    np.testing.assert_allclose(affine, [[1, 0, 0], [0, 1, 0]], atol=1e-3)


def test_the_same_landmarks_always_give_the_same_affine():
    points = TEMPLATES[LandmarkScheme.DLIB5] + np.random.default_rng(0).normal(0, 4, (5, 2))
    first = estimate_affine(points, LandmarkScheme.DLIB5)
    cv2.setRNGSeed(7)
    assert estimate_affine(points, LandmarkScheme.DLIB5).tobytes() == first.tobytes()


def test_pixels_land_where_the_affine_says(astronaut, astronaut_face):
    """A white dot on the nose base of the picture is at the crop's own nose landmark."""
    picture = np.zeros_like(astronaut)
    nose = np.rint(astronaut_face.landmarks[4]).astype(int)
    picture[nose[1], nose[0]] = 255
    face = DetectedFace(
        astronaut_face.box, astronaut_face.landmarks, astronaut_face.scheme, confidence=1.0
    )
    crop = align_face(picture, face)
    weight = crop.pixels[..., 0].astype(float) * (crop.pixels[..., 0] != BORDER_RGB[0])
    rows, columns = np.mgrid[0:512, 0:512]
    centre = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
    expected = through(crop.affine, nose[None].astype(float))[0]
    np.testing.assert_allclose(centre, expected, atol=0.1)


def test_outside_of_the_picture_is_the_border_grey():
    points = TEMPLATES[LandmarkScheme.FFHQ5] - 256  # upper left quarter lies outside
    crop = align_face(np.full((300, 300, 3), 9, np.uint8), face_at(points))
    assert crop.pixels[5, 5].tolist() == list(BORDER_RGB)
    assert crop.pixels[400, 400].tolist() == [9, 9, 9]


def test_the_real_face_sits_on_the_template(astronaut_face):
    distance = np.linalg.norm(
        astronaut_face.crop_landmarks - TEMPLATES[LandmarkScheme.DLIB5], axis=1
    )
    assert np.median(distance) < 8
    assert 2.5 < astronaut_face.scale < 3.2
    assert astronaut_face.width_px == pytest.approx(87, abs=4)


@pytest.mark.parametrize(
    "points",
    [
        np.full((5, 2), 7.0),
        np.full((5, 2), np.nan),
        np.array([[0, 0], [1, 0], [0, 1], [1, 1], [np.inf, 0]]),
        np.zeros((4, 2)),
    ],
    ids=["one spot", "nan", "infinite", "four"],
)
def test_landmarks_without_a_similarity_are_refused(points):
    with pytest.raises(InvalidInput, match="landmarks"):
        estimate_affine(points, LandmarkScheme.FFHQ5)


@pytest.mark.parametrize("side", [32, 200, 512, 700])
def test_a_ready_crop_is_brought_to_the_frame_with_its_geometry(side):
    grid = np.linspace(0, 255, side)
    crop = np.stack([np.broadcast_to(grid, (side, side))] * 3, axis=2).astype(np.uint8)
    face = frame_as_aligned(crop)
    assert face.pixels.shape == (512, 512, 3)
    np.testing.assert_allclose(face.crop_landmarks, TEMPLATES[LandmarkScheme.FFHQ5], atol=1e-9)
    np.testing.assert_allclose(
        through(face.affine, np.array([[-0.5, -0.5], [side - 0.5, side - 0.5]])),
        [[-0.5, -0.5], [511.5, 511.5]],
        atol=1e-9,
    )
    assert face.width_px == side


def test_a_ready_crop_of_512_px_keeps_its_bytes(astronaut_face):
    assert frame_as_aligned(astronaut_face.pixels).pixels.tobytes() == (
        astronaut_face.pixels.tobytes()
    )


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (np.zeros((64, 65, 3), np.uint8), "65x64"),
        (np.zeros((31, 31, 3), np.uint8), "31x31"),
        (np.zeros((64, 64), np.uint8), "uint8 RGB"),
        (np.zeros((64, 64, 4), np.uint8), "uint8 RGB"),
        (np.zeros((64, 64, 3), np.float32), "float32"),
    ],
)
def test_what_is_no_ready_crop_is_refused(picture, told):
    with pytest.raises(InvalidInput, match=told):
        frame_as_aligned(picture)


@pytest.mark.parametrize(
    "changed",
    [
        {"pixels": np.zeros((256, 256, 3), np.uint8)},
        {"pixels": np.zeros((512, 512, 3), np.float32)},
        {"affine": np.eye(3)},
        {"affine": np.zeros((2, 3))},
        {"affine": np.full((2, 3), np.nan)},
        {"affine": np.array([[-1.0, 0, 0], [0, 1, 0]])},
        {"landmarks": np.zeros((6, 2))},
    ],
    ids=["size", "dtype", "shape", "singular", "nan", "mirrored", "landmarks"],
)
def test_an_aligned_face_validates_its_parts(changed):
    parts = {
        "pixels": np.zeros((512, 512, 3), np.uint8),
        "affine": np.eye(2, 3),
        "landmarks": np.zeros((5, 2)),
        "scheme": LandmarkScheme.FFHQ5,
        "box": (0.0, 0.0, 9.0, 9.0),
        "detector_confidence": 1.0,
    }
    AlignedFace(**parts)
    with pytest.raises(InvalidInput, match="expected"):
        AlignedFace(**(parts | changed))


@pytest.mark.parametrize(
    ("box", "points"),
    [
        ((5, 0, 5, 9), np.zeros((5, 2))),
        ((0, 9, 5, 0), np.zeros((5, 2))),
        ((np.nan, 0, 5, 9), np.zeros((5, 2))),
        ((0, 0, 5, 9), np.zeros((68, 2))),
        ((0, 0, 5, 9), np.full((5, 2), np.nan)),
    ],
)
def test_a_detected_face_validates_its_parts(box, points):
    with pytest.raises(InvalidInput, match="expected"):
        DetectedFace(box, points, LandmarkScheme.DLIB5, 1.0)
