"""The guard's pipeline, with a judge that says what it is told."""

from __future__ import annotations

import time

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, NotRegistered, WeightsMissing
from facefidelity.core.protocols import RestorerInfo
from facefidelity.guards.verdict import Decision, Reason
from facefidelity.plugin.pipeline import Guard
from facefidelity.restorers.settings import NoSettings

INFO = RestorerInfo("test", "test", 0, NoSettings, "none", "yes", "a test")


class FunctionRestorer:
    info = INFO

    def __init__(self, call):
        self._call = call

    def restore(self, face, settings):
        return self._call(face)


def brighten(face):
    return np.clip(face.astype(int) + 40, 0, 255).astype(np.uint8)


def redden(face):
    result = brighten(face)
    result[0, 0] = (255, 0, 0)
    return result


def guard_of(call, judge, **options):
    return Guard(FunctionRestorer(call), judge=judge, **options)


def test_accepts_a_better_face_of_the_same_person(astronaut, fake_judge):
    result = guard_of(brighten, fake_judge).restore(astronaut)
    assert [face.verdict.decision for face in result.faces] == [Decision.ACCEPT]
    assert result.pixels.shape == astronaut.shape
    assert result.pixels.mean() > astronaut.mean()


def test_rejects_a_stranger_and_leaves_every_byte(astronaut, fake_judge):
    guard = guard_of(redden, fake_judge)
    result = guard.restore(astronaut)
    verdict = result.faces[0].verdict
    # Mixtures do not carry the red pixel: a blend is right; with none allowed it is a refusal.
    assert verdict.decision is Decision.BLEND
    assert Reason.IDENTITY_RISK in verdict.reasons
    strict = guard.policy.model_copy(update={"min_overall_gain": 30.0})
    refused = guard_of(redden, fake_judge, policy=strict).restore(astronaut)
    assert refused.faces[0].verdict.decision is Decision.REJECT
    assert refused.pixels.tobytes() == astronaut.tobytes()


def test_observe_judges_and_changes_nothing(astronaut, fake_judge):
    result = guard_of(brighten, fake_judge, policy="observe").restore(astronaut)
    assert result.pixels.tobytes() == astronaut.tobytes()
    assert Reason.OBSERVE_ONLY in result.faces[0].verdict.reasons
    assert result.faces[0].verdict.evidence is not None


def raise_value_error(face):
    raise ValueError("boom")


def sleep(face):
    time.sleep(3)
    return brighten(face)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda face: face, Reason.RESTORER_DID_NOTHING),
        (lambda face: face.copy(), Reason.RESTORER_DID_NOTHING),
        (
            lambda face: np.clip(face.astype(int) + 1, 0, 255).astype(np.uint8),
            Reason.RESTORER_DID_NOTHING,
        ),
        (lambda face: np.full_like(face, 90), Reason.RESTORER_OUTPUT_INVALID),
        (lambda face: face[:100], Reason.RESTORER_OUTPUT_INVALID),
        (lambda face: face[..., 0], Reason.RESTORER_OUTPUT_INVALID),
        (lambda face: face.astype(np.float32) * np.nan, Reason.RESTORER_OUTPUT_INVALID),
        (lambda face: None, Reason.RESTORER_OUTPUT_INVALID),
        (raise_value_error, Reason.RESTORER_RAISED),
        (sleep, Reason.RESTORER_TIMED_OUT),
    ],
)
def test_a_broken_restorer_fails_loudly_and_changes_nothing(astronaut, fake_judge, call, reason):
    guard = guard_of(call, fake_judge, time_limit_seconds=0.4)
    result = guard.restore(astronaut)
    verdict = result.faces[0].verdict
    assert verdict.decision is Decision.FAILED
    assert verdict.reasons == (reason,)
    assert verdict.detail
    assert result.pixels.tobytes() == astronaut.tobytes()


def test_a_restorer_that_scribbles_on_its_input_cannot_change_the_lq(astronaut, fake_judge):
    def scribble(face):
        face[:] = 255 - face
        return brighten(face)

    result = guard_of(scribble, fake_judge, policy="observe").restore(astronaut)
    face = result.faces[0]
    assert face.restoration.lq.tobytes() == face.face.pixels.tobytes()


def test_no_face_is_a_result(fake_judge):
    flat = np.full((120, 160, 3), 127, np.uint8)
    result = guard_of(brighten, fake_judge).restore(flat)
    assert result.faces == ()
    assert result.pixels.tobytes() == flat.tobytes()


def test_small_faces_are_named_not_dropped(astronaut, fake_judge):
    result = guard_of(brighten, fake_judge, min_face_px=400).restore(astronaut)
    verdict = result.faces[0].verdict
    assert verdict.decision is Decision.NOT_ASSESSABLE
    assert verdict.reasons == (Reason.FACE_TOO_SMALL,)


def test_only_center_face_takes_one(astronaut, fake_judge):
    two = np.hstack([astronaut[:, 80:380], astronaut[:, :500]])
    everyone = guard_of(brighten, fake_judge).restore(two)
    one = guard_of(brighten, fake_judge, only_center_face=True).restore(two)
    assert len(everyone.faces) == 2
    assert len(one.faces) == 1


def test_upscale_grows_the_picture(astronaut, fake_judge):
    result = guard_of(brighten, fake_judge).restore(astronaut[:300, 100:400], upscale=2)
    assert result.pixels.shape == (600, 600, 3)


def test_blank_aligned_face_is_not_assessable(fake_judge):
    blank = np.full((512, 512, 3), 60, np.uint8)
    result = guard_of(brighten, fake_judge).restore(blank, aligned=True)
    assert result.faces[0].verdict.reasons == (Reason.FACE_WITHOUT_CONTENT,)


def test_aligned_result_keeps_the_input_size(astronaut_face, fake_judge):
    small = astronaut_face.pixels[::2, ::2].copy()
    result = guard_of(brighten, fake_judge).restore(small, aligned=True)
    assert result.faces[0].verdict.decision is Decision.ACCEPT
    assert result.pixels.shape == small.shape


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"restorer": "realesrgen"}, NotRegistered),
        ({"policy": "balancd"}, NotRegistered),
        ({"settings": {"no_such": 1}}, InvalidInput),
        ({"time_limit_seconds": 0}, InvalidInput),
        ({"min_face_px": -1}, InvalidInput),
    ],
)
def test_wrong_use_is_told_at_construction(options, error, fake_judge):
    with pytest.raises(error):
        Guard(**{"restorer": "classical", "judge": fake_judge, **options})


def test_missing_weights_are_not_a_verdict(astronaut, fake_judge, monkeypatch, tmp_path):
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match="models pull codeformer.onnx"):
        Guard("codeformer-onnx", judge=fake_judge).restore(astronaut)


@pytest.mark.parametrize(
    "failure", [SystemExit(3), KeyboardInterrupt(), InvalidInput("odd face"), MemoryError()]
)
def test_whatever_a_restorer_raises_is_one_faces_failure(astronaut, fake_judge, failure):
    def fail(face):
        raise failure

    result = guard_of(fail, fake_judge).restore(astronaut)
    assert result.faces[0].verdict.reasons == (Reason.RESTORER_RAISED,)
    assert result.faces[0].restorer == "test"


def test_a_refused_face_keeps_its_bytes_beside_an_accepted_neighbour(astronaut, fake_judge):
    two = np.hstack([astronaut[:260, 140:300], astronaut[:260, 150:310]])
    calls = []

    def only_first(face):
        calls.append(1)
        return brighten(face) if len(calls) == 1 else face

    result = guard_of(only_first, fake_judge).restore(two)
    decisions = [face.verdict.decision for face in result.faces]
    assert sorted(decisions) == [Decision.ACCEPT, Decision.FAILED]
    refused = next(face for face in result.faces if not face.delivered)
    x0, y0, x1, y1 = (round(value) for value in refused.face.box)
    assert result.pixels[y0:y1, x0:x1].tobytes() == two[y0:y1, x0:x1].tobytes()
    assert result.pixels.tobytes() != two.tobytes()


def test_a_face_above_512_px_keeps_its_own_detail(astronaut_face, fake_judge):
    grain = np.random.default_rng(0).integers(0, 12, (1024, 1024, 1))
    large = np.repeat(np.repeat(astronaut_face.pixels, 2, 0), 2, 1)
    large = np.clip(large.astype(int) * 0.8 + grain, 0, 255).astype(np.uint8)
    result = guard_of(brighten, fake_judge).restore(large, aligned=True)
    assert result.faces[0].verdict.decision is Decision.ACCEPT
    change = result.pixels.astype(int) - large
    inner = change[large.max(axis=2) < 200]
    assert 38 < inner.mean() < 42
    assert inner.std() < 3


def test_a_flat_colour_is_not_assessable_however_it_comes(fake_judge):
    skin = np.full((512, 512, 3), (205, 155, 125), np.uint8)
    guard = guard_of(brighten, fake_judge)
    wanted = (Reason.FACE_WITHOUT_CONTENT,)
    assert guard.restore(skin, aligned=True).faces[0].verdict.reasons == wanted
    noisy = np.random.default_rng(0).integers(0, 255, skin.shape, dtype=np.uint8)
    assert guard.judge(skin, noisy).reasons == wanted


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf"), 1e12])
def test_a_time_limit_that_cannot_be_kept_is_refused(fake_judge, limit):
    with pytest.raises(InvalidInput, match="time_limit_seconds"):
        guard_of(brighten, fake_judge, time_limit_seconds=limit)
