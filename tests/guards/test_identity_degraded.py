"""The embedder of degraded faces: what it is for holds on a real face that it never saw."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import EmbedderMismatch
from facefidelity.core.faces import DlibDetector, align_face
from facefidelity.guards.identity import (
    DEGRADED_RESNET,
    DegradedFaceEmbedder,
    DlibEmbedder,
    create_embedder,
)


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    data = pytest.importorskip("skimage.data")
    picture = np.ascontiguousarray(data.astronaut())
    (found,) = DlibDetector(min_face_px=80).detect(picture)
    return align_face(picture, found).pixels


@pytest.fixture(scope="module")
def taught() -> DegradedFaceEmbedder:
    return DegradedFaceEmbedder(threads=1)


def degrade(face: np.ndarray, side_px: int) -> np.ndarray:
    """From far away, with noise and a hard JPEG."""
    small = cv2.resize(face, (side_px, side_px), interpolation=cv2.INTER_AREA)
    noisy = small + np.random.default_rng(1).normal(0, 6, small.shape)
    _, coded = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [1, 40])
    return cv2.resize(cv2.imdecode(coded, 1), (512, 512), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("side_px", [16, 20, 28])
def test_a_degraded_face_stays_nearer_to_its_own_good_picture(face, taught, side_px) -> None:
    poor, plain = degrade(face, side_px), DlibEmbedder(threads=1)
    by_taught = taught.calibration.probability_same(
        taught.embed(poor).cosine_similarity(taught.embed(face))
    )
    by_dlib = plain.calibration.probability_same(
        plain.embed(poor).cosine_similarity(plain.embed(face))
    )
    assert by_taught > max(by_dlib, 0.5)


def test_another_face_is_not_hers(face, taught) -> None:
    turned = np.ascontiguousarray(face[::-1])  # no face of anybody
    cosine = taught.embed(turned).cosine_similarity(taught.embed(face))
    assert taught.calibration.probability_same(cosine) < 0.05


def test_it_is_registered_and_small_and_its_vectors_are_its_own(face, taught) -> None:
    made = create_embedder("dlib-degraded", threads=1)
    assert made.spec is DEGRADED_RESNET
    assert np.array_equal(made.embed(face).vector, taught.embed(face).vector)
    assert np.linalg.norm(made.embed(face).vector) == pytest.approx(1, abs=1e-5)
    with pytest.raises(EmbedderMismatch):
        made.embed(face).cosine_similarity(DlibEmbedder(threads=1).embed(face))
