"""The embedded guard on a real face: what must never be accepted, and what a user calls."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from skimage.data import lfw_subset

import facefidelity as ff
from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.decisions import decision_record


@pytest.fixture(scope="module")
def guard() -> ff.Guard:
    return ff.Guard("realesrgan", settings={"input_size": 64})


@pytest.fixture(scope="module")
def poor_face(astronaut_face):
    """The astronaut as a small camera sees her: about 50 px of face."""
    small = cv2.resize(astronaut_face.pixels, (100, 100), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (512, 512), interpolation=cv2.INTER_LINEAR)


def stranger() -> np.ndarray:
    """Another person: scikit-image's LFW crop, brought to the frame."""
    face = np.clip(np.asarray(lfw_subset()[3]) * 255, 0, 255).astype(np.uint8)
    crop = cv2.resize(face, (300, 300), interpolation=cv2.INTER_CUBIC)
    frame = np.full((512, 512), int(crop.mean()), np.uint8)
    frame[120:420, 106:406] = crop
    return np.repeat(frame[..., None], 3, axis=2)


@pytest.mark.parametrize("policy", ["strict", "balanced", "lenient"])
@pytest.mark.parametrize(
    "wrong",
    [
        lambda face: np.random.default_rng(0).integers(0, 256, face.shape, dtype=np.uint8),
        lambda face: np.ascontiguousarray(face[::-1]),
        lambda face: stranger(),
    ],
    ids=["noise", "upside down", "another person"],
)
def test_what_is_not_the_person_is_never_accepted(poor_face, wrong, policy):
    verdict = ff.Guard("identity", policy=policy).judge(poor_face, wrong(poor_face))
    assert verdict.decision is not ff.Decision.ACCEPT


@pytest.fixture(scope="module")
def poorer_face(astronaut_face) -> np.ndarray:
    """About 28 px of face, noise and strong JPEG: much to gain, and enough to identify her."""
    small = cv2.resize(astronaut_face.pixels, (56, 56), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 8, small.shape)
    noisy = np.clip(small + noise, 0, 255).astype(np.uint8)
    coded = cv2.imdecode(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1)
    return np.asarray(cv2.resize(coded, (512, 512), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_the_face_itself_at_better_quality_is_kept(astronaut_face, poorer_face):
    verdict = ff.Guard("identity").judge(poorer_face, astronaut_face.pixels)
    assert verdict.decision in {ff.Decision.ACCEPT, ff.Decision.BLEND}
    assert verdict.evidence.overall_gain > 5
    assert verdict.evidence.identity_risk < 0.3


def test_end_to_end_on_the_astronaut(guard, astronaut):
    result = guard.restore(astronaut)
    again = guard.restore(astronaut)
    assert len(result.faces) == 1
    face = result.faces[0]
    assert face.verdict.reasons
    assert face.verdict.evidence is not None
    assert result.pixels.tobytes() == again.pixels.tobytes()
    assert face.verdict == again.faces[0].verdict
    written = decision_record("a.png", 0, face, guard.provenance(), guard.policy)
    record = json.loads(json.dumps(written))
    assert record["decision"] == face.verdict.decision.value
    assert set(record["scores_before"]) == set(ff.HEADS)
    assert record["assessor"] == ff.Assessor().name
    left, top, right, bottom = (int(v) for v in face.face.box)
    outside = result.pixels.copy()
    outside[max(top - 200, 0) : bottom + 200, max(left - 200, 0) : right + 200] = 0
    inside_only = astronaut.copy()
    inside_only[max(top - 200, 0) : bottom + 200, max(left - 200, 0) : right + 200] = 0
    assert outside.tobytes() == inside_only.tobytes()


def test_guarded_returns_the_input_itself_when_refused(poor_face):
    safe = ff.guarded(lambda face: stranger(), policy="strict")
    assert safe(poor_face) is poor_face
    inspected = safe.inspect(poor_face)
    assert inspected.verdict.decision is ff.Decision.REJECT


def test_guarded_delivers_what_is_accepted(astronaut_face, poorer_face):
    safe = ff.guarded(lambda face: astronaut_face.pixels, name="oracle")
    result = safe(poorer_face)
    assert result.shape == (512, 512, 3)
    assert result.tobytes() != poorer_face.tobytes()


def test_assessor_answers_from_the_top_level(astronaut_face):
    scores = ff.Assessor().score(astronaut_face.pixels)
    assert all(0 <= value <= 100 for value in scores.as_dict().values())


def test_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ff.no_such_name


@pytest.mark.parametrize("wrong", [3, "gfpgan", None])
def test_guarded_needs_something_to_call(wrong):
    with pytest.raises(InvalidInput, match="callable"):
        ff.guarded(wrong)
