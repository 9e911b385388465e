"""References in the pipeline: one face each, embedded once, heard for the face most like them."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces import DetectedFace, LandmarkScheme, paste_face
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.verdict import Decision, Reason
from facefidelity.plugin.comparison import compare_pictures
from facefidelity.plugin.decisions import decision_record
from facefidelity.plugin.pipeline import Guard
from facefidelity.restorers.settings import NoSettings

POINTS = TEMPLATES[LandmarkScheme.DLIB5]
SIDE = 128


class TileDetector:
    """Finds a face in every tile of 128 px that is not black."""

    name = "tiles"

    def detect(self, image):
        starts = range(0, image.shape[1], SIDE)
        return [
            DetectedFace((x, 0, x + SIDE, SIDE), POINTS / 4 + [x, 0], LandmarkScheme.DLIB5, 1.0)
            for x in starts
            if image[:SIDE, x : x + SIDE].any()
        ]


class HueEmbedder:
    """Identity is how much redder than blue a face is; counts what it embeds."""

    name = "fixed"
    calibration = SimilarityCalibration("fixed", 10, -5, 1.0, 0.0, 2, "made up")

    def __init__(self):
        self.batches = []

    def embed(self, face):
        red, _, blue = face[100:400, 100:400].mean(axis=(0, 1)).tolist()
        vector = np.array([red - blue, 60], np.float32)
        return Embedding(vector / np.linalg.norm(vector), self.name)

    def embed_batch(self, faces):
        self.batches.append(len(faces))
        return [self.embed(face) for face in faces]


def tile(red: int, blue: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 30, (SIDE, SIDE, 1))
    return (np.full((SIDE, SIDE, 3), (red, 90, blue)) + noise).astype(np.uint8)


RED, BLUE = tile(200, 20), tile(20, 200)


class Whitener:
    """Brightens, and takes the hue of the face away."""

    def __init__(self, info):
        self.info = info

    def restore(self, face, settings):
        brighter = np.clip(face.astype(int) + 30, 0, 255)
        brighter[..., [0, 2]] = brighter[..., [0, 2]].mean(axis=2, keepdims=True)
        return brighter.astype(np.uint8)


@pytest.fixture
def guard_of(fake_judge):
    from facefidelity.core.protocols import RestorerInfo

    def make(policy="lenient") -> Guard:
        judge = FaceJudge(
            fake_judge.assessor, HueEmbedder(), fake_judge.locator, fake_judge.risk_model
        )
        info = RestorerInfo("test", "test", 0, NoSettings, "none", "yes", "a test")
        return Guard(Whitener(info), policy=policy, judge=judge, detector=TileDetector())

    return make


@pytest.mark.parametrize("order", [(RED, BLUE), (BLUE, RED)], ids=["first", "second"])
def test_references_speak_for_the_face_most_like_them_only(guard_of, order):
    result = guard_of().restore(np.concatenate(order, axis=1), references=[tile(190, 30, 1)])
    heard = [face.verdict.evidence.references is not None for face in result.faces]
    whose = [face.face.pixels[256, 256, 0] > 150 for face in result.faces]
    assert heard == whose
    assert sum(heard) == 1


def test_a_contradicted_face_is_said_and_recorded(guard_of):
    guard = guard_of()
    (face,) = guard.restore(RED, references=[tile(190, 30, 1), tile(210, 10, 2)]).faces
    assert Reason.REFERENCE_CONTRADICTS in face.verdict.reasons
    record = decision_record("a.png", 0, face, guard.provenance(), guard.policy)
    match = face.verdict.evidence.references
    assert record["references"] == {
        "pictures": 2,
        "cosine_before": round(match.lq_cosine, 4),
        "cosine_after": round(match.hq_cosine, 4),
        "probability_before": round(match.lq_probability, 4),
        "probability_after": round(match.hq_probability, 4),
        "embedder": "fixed",
    }
    assert set(record["region_drift"]) == set(record["region_colour_drift"])
    assert record["region_drift"]["skin"] > 0.3
    assert guard_of("strict").restore(RED, references=[RED]).faces[0].verdict.decision is not (
        Decision.ACCEPT
    )


@pytest.mark.parametrize("order", [(RED, BLUE), (BLUE, RED)], ids=["first", "second"])
def test_a_pair_is_compared_with_references_as_a_restoration_is(guard_of, order):
    guard, before = guard_of(), np.concatenate(order, axis=1)
    person = [tile(190, 30, 1), tile(210, 10, 2)]
    after = before.copy()
    for one in guard.restore(before).faces:
        after = paste_face(after, one.face, one.restoration.hq, 1)
    result = compare_pictures(guard, before, after, references=guard.enrol(person))
    heard = [face.verdict.evidence.references for face in result.faces]
    assert [one is not None for one in heard] == [
        face.face.pixels[256, 256, 0] > 150 for face in result.faces
    ]
    (match,) = filter(None, heard)
    assert match.contradicts


def test_without_references_the_record_says_none(guard_of):
    guard = guard_of()
    (face,) = guard.restore(RED).faces
    assert decision_record("a.png", 0, face, guard.provenance(), guard.policy)["references"] is None


def test_references_are_embedded_once_for_many_pictures(guard_of):
    guard = guard_of()
    person = guard.enrol([RED, tile(190, 30, 1), tile(210, 10, 2)])
    embedder = guard.judge_of_pairs.embedder
    assert embedder.batches == [3]
    embedder.batches.clear()
    for _ in range(2):
        guard.restore(RED, references=person)
    assert embedder.batches[0] == 1
    assert 3 not in embedder.batches


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (np.zeros((SIDE, SIDE, 3), np.uint8), "expected one face in reference bad.png, found none"),
        (np.concatenate([RED, BLUE], axis=1), "expected one face in reference bad.png, found 2"),
    ],
)
def test_a_reference_without_exactly_one_face_is_refused_by_name(guard_of, picture, told):
    with pytest.raises(InvalidInput, match=told):
        guard_of().enrol([RED, picture], ["good.png", "bad.png"])


def test_no_reference_picture_is_refused(guard_of):
    with pytest.raises(InvalidInput, match="at least one reference"):
        guard_of().restore(RED, references=[])
