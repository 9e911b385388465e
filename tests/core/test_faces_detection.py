"""dlib's detector: who is found, where, and what happens to pictures without a face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import DetectorFailed, InvalidInput
from facefidelity.core.faces import DlibDetector, FaceDetector, LandmarkLocator
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.core.faces.detection import face_recognition_data


@pytest.fixture(scope="module")
def detector() -> DlibDetector:
    return DlibDetector(min_face_px=80)


def test_the_detector_has_both_protocols(detector):
    assert isinstance(detector, FaceDetector)
    assert isinstance(detector, LandmarkLocator)
    assert detector.name == "dlib-hog-5"


def test_the_one_face_of_the_picture_is_found_with_eyes_and_nose(detector, astronaut):
    (face,) = detector.detect(astronaut)
    assert face.box == pytest.approx((179, 83, 267, 171), abs=3)
    known = [[195, 101], [212, 103], [238, 104], [255, 104], [224, 135]]
    np.testing.assert_allclose(face.landmarks, known, atol=3)
    left, right = face.landmarks[:2].mean(axis=0), face.landmarks[2:4].mean(axis=0)
    assert left[0] < right[0]
    assert face.landmarks[4, 1] > max(left[1], right[1])


def test_a_larger_picture_has_the_face_at_the_larger_place(detector, astronaut):
    half = astronaut[40:240, 120:330]
    big = cv2.resize(half, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    (small_face,), (big_face,) = detector.detect(half), detector.detect(big)
    expected = (small_face.landmarks + 0.5) * 3 - 0.5
    np.testing.assert_allclose(big_face.landmarks, expected, atol=5)


def test_a_small_face_is_found_only_if_it_is_looked_for(detector, astronaut):
    small = cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert detector.detect(small) == []
    (face,) = DlibDetector(min_face_px=32).detect(small)
    np.testing.assert_allclose(face.landmarks[4], [112, 67], atol=3)


def test_several_faces_come_largest_first(detector, astronaut):
    half = astronaut[40:240, 120:330]
    tall = cv2.resize(half, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC)
    canvas = np.full((330, 700, 3), 128, np.uint8)
    canvas[:200, :210] = half
    canvas[: tall.shape[0], 300 : 300 + tall.shape[1]] = tall
    faces = detector.detect(canvas)
    assert len(faces) == 2
    assert faces[0].width_px > faces[1].width_px
    assert faces[0].box[0] > 300 > faces[1].box[2]


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 400, 3), (120, 120, 3)])
def test_no_face_is_a_result(detector, shape):
    assert detector.detect(np.full(shape, 128, np.uint8)) == []


def test_detecting_twice_says_the_same_and_leaves_the_picture_alone(detector, astronaut):
    first, second = detector.detect(astronaut), detector.detect(astronaut)
    assert [f.box for f in first] == [f.box for f in second]
    np.testing.assert_array_equal(first[0].landmarks, second[0].landmarks)


@pytest.mark.parametrize("side", [512, 256, 1024])
def test_landmarks_of_an_aligned_face_are_near_the_template(detector, astronaut_face, side):
    face = cv2.resize(astronaut_face.pixels, (side, side), interpolation=cv2.INTER_AREA)
    points = detector.locate(face) * 512 / side
    np.testing.assert_allclose(points, TEMPLATES[astronaut_face.scheme], atol=30)
    np.testing.assert_allclose(points, astronaut_face.crop_landmarks, atol=12)


def test_the_narrowest_face_grows_with_a_very_large_picture():
    detector = DlibDetector(min_face_px=32, max_work_pixels=4_000_000)
    assert detector.narrowest_px(400, 600) == pytest.approx(32)
    assert detector.narrowest_px(4000, 6000) == pytest.approx(80 * np.sqrt(6))


@pytest.mark.parametrize("px", [15, 0, -3])
def test_a_silly_smallest_face_is_refused(px):
    with pytest.raises(InvalidInput, match="at least 16"):
        DlibDetector(min_face_px=px)


def test_a_missing_model_file_says_how_to_get_it():
    with pytest.raises(DetectorFailed, match="pip install face-recognition-models"):
        face_recognition_data("no_such_model.dat")
