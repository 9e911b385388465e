"""What the judge measures: everything about LQ once, about a candidate once, references heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facefidelity.core.embedding import Embedding
from facefidelity.core.errors import EmbedderMismatch
from facefidelity.core.protocols import Restoration
from facefidelity.guards.blending import MIXTURES
from facefidelity.guards.consistency import CameraView
from facefidelity.guards.policy import load_policy
from facefidelity.guards.references import ReferenceSet
from facefidelity.guards.risk import LinearModel
from facefidelity.guards.verdict import Decision, Reason

SAYS = Reason.REFERENCE_CONTRADICTS


class CountingLocator:
    def __init__(self, locator):
        self.locator, self.seen = locator, []

    def locate(self, face):
        self.seen.append(face)
        return self.locator.locate(face)


class CountingEmbedder:
    def __init__(self, embedder):
        self.embedder, self.seen = embedder, []
        self.name, self.calibration = embedder.name, embedder.calibration

    def embed_batch(self, faces):
        self.seen += faces
        return self.embedder.embed_batch(faces)


@pytest.fixture
def counted(judge_of, embedder_of, locator_of):
    """A judge that refuses HQ, so that it tries mixtures, and counts what it measures."""
    return judge_of(
        embedder=CountingEmbedder(embedder_of(lambda share: 1 - 0.9 * share)),
        locator=CountingLocator(locator_of()),
    )


def test_lq_is_measured_once_however_many_candidates(counted, lq, hq, monkeypatch):
    views = []
    begin = CameraView.__init__

    def counting(self, face):
        views.append(1)
        begin(self, face)

    monkeypatch.setattr(CameraView, "__init__", counting)
    source = counted.measure_source(lq)
    for _ in range(3):
        counted.judge(Restoration(lq, hq, "fake"), load_policy("balanced"), source)
    for seen in (counted.locator.seen, counted.embedder.seen):
        assert sum(face is lq for face in seen) == 1
    assert len(views) == 1


def test_every_candidate_is_measured_once(counted, lq, hq, monkeypatch):
    compared = []
    compare = CameraView.compare
    monkeypatch.setattr(
        CameraView, "compare", lambda self, face: (compared.append(1), compare(self, face))[1]
    )
    counted.judge(Restoration(lq, hq, "fake"), load_policy("balanced"))
    assert len(compared) == 1 + len(MIXTURES)
    assert len(counted.locator.seen) == len(counted.embedder.seen) == 2 + len(MIXTURES)


def test_measuring_lq_before_changes_no_verdict(judge_of, lq, hq):
    judge, policy = judge_of(), load_policy("balanced")
    alone = judge.judge(Restoration(lq, hq, "fake"), policy)
    before = judge.judge(Restoration(lq, hq, "fake"), policy, judge.measure_source(lq))
    assert alone.verdict == before.verdict


def test_the_judgement_has_maps_and_the_evidence_numbers(judged, judge_of, locator_of):
    found = judged(judge_of(locator=locator_of(lambda share: 0.05 * share)))
    evidence = found.verdict.evidence
    assert found.maps.drift.shape == (64, 64)
    assert max(evidence.region_drift.values()) == 0
    assert evidence.roll_change_degrees == 0
    assert evidence.yaw_change == pytest.approx(0, abs=1e-9)
    assert evidence.references is None


def test_observing_keeps_the_maps(judged, judge_of):
    assert judged(judge_of(), "observe").maps is not None


def judged_with_references(judge, lq, hq, policy, embedder="fake-embedder"):
    """One reference that is LQ itself."""
    person = Embedding(np.array([1, 0], np.float32), embedder)
    references = ReferenceSet((person,), judge.embedder.calibration)
    source = replace(judge.measure_source(lq), references=references)
    return judge.judge(Restoration(lq, hq, "fake"), load_policy(policy), source).verdict


def test_references_are_compared_by_their_own_embedder(judge_of, embedder_of, lq, hq):
    calls = []

    def open_it():
        calls.append("opened")
        return embedder_of(lambda share: 1 - share, name="other")

    judge = judge_of(open_reference_embedder=open_it)
    assert judge.judge(Restoration(lq, hq, "fake"), load_policy("observe")).verdict.evidence
    assert calls == []  # who has no references pays for none
    verdict = judged_with_references(judge, lq, hq, "observe", "other")
    assert calls == ["opened"]
    match = verdict.evidence.references
    assert (match.embedder, verdict.evidence.embedder) == ("other", "fake-embedder")
    assert match.lq_cosine == pytest.approx(1)
    assert match.hq_cosine == pytest.approx(0, abs=1e-6)
    mixed = judged_with_references(judge, lq, hq, "balanced", "other").tried
    assert all(one.evidence.references.embedder == "other" for one in mixed)


@pytest.fixture
def forgetful(judge_of, embedder_of, risk_model):
    """HQ keeps a cosine of 0.55 with LQ, which the risk model lets pass."""
    calm = risk_model(
        risk=LinearModel(-20.0, {"cosine_similarity": -1.0}), fidelity=LinearModel(70.0, {})
    )
    return judge_of(embedder=embedder_of(lambda share: 1 - 0.45 * share), risk_model=calm)


@pytest.mark.parametrize("policy", ["balanced", "strict"])
def test_what_references_contradict_is_not_accepted(forgetful, lq, hq, policy):
    verdict = judged_with_references(forgetful, lq, hq, policy)
    assert verdict.evidence.references.contradicts
    assert verdict.decision is not Decision.ACCEPT
    assert SAYS in verdict.reasons
    if verdict.guarded is not None:
        assert verdict.guarded.references.drop <= load_policy(policy).max_reference_drop


def test_lenient_accepts_it_and_says_so(forgetful, lq, hq):
    verdict = judged_with_references(forgetful, lq, hq, "lenient")
    assert verdict.decision is Decision.ACCEPT
    assert verdict.reasons[-1] is SAYS
    assert verdict.reasons.count(SAYS) == 1


def test_without_references_nothing_is_said_of_them(forgetful, lq, hq):
    verdict = forgetful.judge(Restoration(lq, hq, "fake"), load_policy("lenient")).verdict
    assert SAYS not in verdict.reasons


def test_references_that_agree_change_nothing(judge_of, lq, hq):
    judge = judge_of()
    plain = judge.judge(Restoration(lq, hq, "fake"), load_policy("balanced")).verdict
    verdict = judged_with_references(judge, lq, hq, "balanced")
    assert verdict.reasons == plain.reasons
    assert verdict.evidence.references.pictures == 1


def test_references_of_another_embedder_are_refused(judge_of, lq, hq):
    with pytest.raises(EmbedderMismatch):
        judged_with_references(judge_of(), lq, hq, "balanced", embedder="other")
