"""The default embedder against dlib itself, and what every embedding must be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.core.embedding import Embedding
from facefidelity.core.errors import EmbedderMismatch, InvalidInput, WeightsMissing
from facefidelity.core.faces import DlibDetector, LandmarkScheme, align_face
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.core.faces.detection import face_recognition_data
from facefidelity.core.protocols import Embedder
from facefidelity.guards.identity import DlibEmbedder
from facefidelity.guards.identity.session import open_session

GOLDEN = Path(__file__).parent / "golden" / "identity_dlib.json"


@pytest.fixture(scope="module")
def embedder() -> DlibEmbedder:
    return DlibEmbedder(threads=1)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut())


@pytest.fixture(scope="module")
def aligned(picture):
    faces = DlibDetector(min_face_px=80).detect(picture)
    return align_face(picture, max(faces, key=lambda face: face.confidence))


@pytest.fixture(scope="module")
def face(aligned) -> np.ndarray:
    return aligned.pixels


def shrunk(face: np.ndarray, side: int) -> np.ndarray:
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, face.shape[:2], interpolation=cv2.INTER_CUBIC)


def variants(face: np.ndarray) -> list[np.ndarray]:
    """Fifty pictures: the face, mirrored, blurred, small, dark, noisy, turned, coloured."""
    rng = np.random.default_rng(0)
    made = [face, face[:, ::-1]]
    made += [cv2.GaussianBlur(face, (0, 0), sigma) for sigma in np.linspace(1, 15, 10)]
    made += [shrunk(face, side) for side in (16, 24, 32, 48, 64, 96, 128, 192, 256)]
    made += [np.clip(face * gain, 0, 255).astype(np.uint8) for gain in np.linspace(0.2, 1.8, 9)]
    made += [
        np.clip(face + rng.normal(0, sigma, face.shape), 0, 255).astype(np.uint8)
        for sigma in np.linspace(5, 60, 8)
    ]
    for angle in np.linspace(-40, 40, 8):
        turn = cv2.getRotationMatrix2D((256, 256), angle, 1.0)
        made.append(cv2.warpAffine(face, turn, (512, 512)))
    made += [face[..., ::-1], 255 - face, np.full_like(face, 127), np.zeros_like(face)]
    return [np.ascontiguousarray(picture) for picture in made]


def dlib_network():
    dlib = pytest.importorskip("_dlib_pybind11")
    path = face_recognition_data("dlib_face_recognition_resnet_model_v1.dat")
    return dlib, dlib.face_recognition_model_v1(str(path))


def test_descriptors_equal_dlibs_within_a_thousandth_on_fifty_faces(embedder, face):
    _, network = dlib_network()
    chips = np.stack([embedder.chip(picture) for picture in variants(face)])
    assert len(chips) >= 50
    theirs = np.array([network.compute_face_descriptor(chip) for chip in chips])
    np.testing.assert_allclose(embedder.describe(chips), theirs, atol=1e-3)


def test_chip_is_the_one_that_dlib_cuts_from_the_picture(embedder, picture, aligned):
    dlib, network = dlib_network()
    points = [dlib.point(round(x), round(y)) for x, y in aligned.landmarks[[3, 2, 0, 1, 4]]]
    box = dlib.rectangle(*(round(value) for value in aligned.box))
    chip = dlib.get_face_chip(picture, dlib.full_object_detection(box, points), 150, 0.25)
    # The landmarks' noise alone makes 5 grey levels; a padding of 0.27 in place of 0.25 makes 10.
    assert np.abs(embedder.chip(aligned.pixels).astype(float) - chip).mean() < 7
    theirs = np.array(network.compute_face_descriptor(np.asarray(chip)), np.float32)
    cosine = embedder.embed(aligned.pixels).vector @ theirs / np.linalg.norm(theirs)
    assert cosine > 0.99


def test_embedding_is_a_named_unit_vector(embedder, face):
    embedding = embedder.embed(face)
    assert isinstance(embedder, Embedder)
    assert embedding.embedder == embedder.name == "dlib-resnet-v1"
    assert embedding.vector.shape == (128,)
    assert embedding.vector.dtype == np.float32
    assert np.linalg.norm(embedding.vector) == pytest.approx(1.0, abs=1e-6)


def test_a_batch_of_any_size_equals_single_faces(embedder, face):
    faces = variants(face)[:19]  # over one inner batch of 16
    batch = embedder.embed_batch(faces)
    assert len(batch) == 19
    for one, other in zip(batch, faces, strict=True):
        np.testing.assert_allclose(one.vector, embedder.embed(other).vector, atol=1e-6)
    assert embedder.embed_batch([]) == []


def test_same_face_gives_same_bytes_and_other_threads_the_same_vector(embedder, face):
    first = embedder.embed(face).vector
    assert first.tobytes() == embedder.embed(face.copy()).vector.tobytes()
    np.testing.assert_allclose(DlibEmbedder(threads=2).embed(face).vector, first, atol=1e-6)


def test_opening_leaves_the_arithmetic_of_the_process_alone():
    """onnxruntime's denormal switch would flush subnormal numbers of the caller to zero."""
    code = (
        "import sys, numpy as np; from facefidelity.guards.identity import DlibEmbedder\n"
        "DlibEmbedder(threads=1).embed(np.zeros((64, 64, 3), np.uint8))\n"
        "sys.exit(0 if sys.float_info.min / float('2') > 0 else 'subnormal numbers are gone')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_input_is_not_written_to(embedder, face):
    frozen = face.copy()
    frozen.setflags(write=False)
    embedder.embed(frozen)
    np.testing.assert_array_equal(frozen, face)


def test_likeness_falls_with_shift_blur_and_other_channel_order(embedder, face):
    own = embedder.embed(face)

    def cosine(other: np.ndarray) -> float:
        return own.cosine_similarity(embedder.embed(np.ascontiguousarray(other)))

    shifts = [cosine(np.roll(face, px, axis=1)) for px in (0, 4, 16, 64, 160)]
    assert shifts[0] == pytest.approx(1.0, abs=1e-6)
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[1] > 0.99
    blurs = [cosine(cv2.GaussianBlur(face, (0, 0), sigma)) for sigma in (2, 8, 20)]
    assert blurs == sorted(blurs, reverse=True)
    assert cosine(face[..., ::-1]) < 0.998


@pytest.mark.parametrize("side", [256, 300, 1024])
def test_faces_of_other_sizes_are_the_same_face(embedder, face, side):
    flags = cv2.INTER_AREA if side < 512 else cv2.INTER_CUBIC
    resized = cv2.resize(face, (side, side), interpolation=flags)
    assert embedder.embed(resized).cosine_similarity(embedder.embed(face)) > 0.995


def test_golden_likenesses(embedder, face):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    own = embedder.embed(face)
    made = {
        "mirrored": face[:, ::-1],
        "side_32_px": shrunk(face, 32),
        "side_64_px": shrunk(face, 64),
        "blur_8_px": cv2.GaussianBlur(face, (0, 0), 8),
        "grey": np.full_like(face, 127),
    }
    assert set(golden["cosine_similarity"]) == set(made)
    for name, expected in golden["cosine_similarity"].items():
        cosine = own.cosine_similarity(embedder.embed(np.ascontiguousarray(made[name])))
        assert cosine == pytest.approx(expected, abs=golden["tolerance"]), name


def test_embeddings_of_another_embedder_do_not_compare(embedder, face):
    stranger = Embedding(embedder.embed(face).vector, "another")
    with pytest.raises(EmbedderMismatch, match="same embedder"):
        embedder.embed(face).cosine_similarity(stranger)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (np.zeros((512, 512), np.uint8), "align it first"),
        (np.zeros((512, 400, 3), np.uint8), "align it first"),
        (np.zeros((512, 512, 3), np.float32), "float32"),
        (np.zeros((31, 31, 3), np.uint8), "32 px"),
        (np.zeros((0, 0, 3), np.uint8), "32 px"),
    ],
)
def test_what_is_no_aligned_face_is_refused(embedder, wrong, words):
    with pytest.raises(InvalidInput, match=words):
        embedder.embed(wrong)


@pytest.mark.parametrize("shape", [(0, 150, 150, 3), (150, 150, 3), (1, 112, 112, 3)])
def test_wrong_chips_are_refused(embedder, shape):
    with pytest.raises(InvalidInput, match="150"):
        embedder.describe(np.zeros(shape, np.uint8))


def test_template_maps_the_ffhq_eyes_onto_dlibs_eyes(embedder):
    to_chip = embedder.spec.frame_to_chip
    landed = TEMPLATES[LandmarkScheme.DLIB5] @ to_chip[:, :2].T + to_chip[:, 2]
    np.testing.assert_allclose(landed, np.array(embedder.spec.template), atol=1.0)


def test_threads_and_missing_file_are_checked(tmp_path):
    with pytest.raises(InvalidInput, match="threads"):
        DlibEmbedder(threads=-1)
    with pytest.raises(WeightsMissing, match="nowhere"):
        open_session(tmp_path / "nowhere.onnx")
