"""The judge: every pair ends in one decision, and more risk never ends in a better one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.errors import EmbedderMismatch, InvalidInput
from facefidelity.core.faces import LandmarkLocator
from facefidelity.core.protocols import Embedder, QualityAssessor, Restoration
from facefidelity.core.scores import QualityScores
from facefidelity.guards import judgement
from facefidelity.guards.blending import MIXTURES, mix
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.policy import load_policy
from facefidelity.guards.risk import LinearModel, RiskModel
from facefidelity.guards.verdict import Decision, Reason

EYES = np.array([[20.0, 30], [26, 30], [36, 30], [42, 30], [31, 42]])
LQ = np.full((64, 64, 3), 100, np.uint8)
HQ = np.full((64, 64, 3), 120, np.uint8)
"""As flat pictures their brightness says how much of each a mixture holds: 100 LQ, 120 HQ."""


def share_of_hq(face: np.ndarray) -> float:
    return (float(face.mean()) - 100) / 20


@dataclass
class FakeAssessor:
    """Overall by the share of HQ; counts its calls."""

    overall: object = lambda share: 40 + 30 * share
    fidelity: object = lambda share: 70.0
    batches: list[int] = field(default_factory=list)
    name: str = "fake-assessor"

    def score(self, face):
        return self.score_batch([face])[0]

    def score_batch(self, faces):
        self.batches.append(len(faces))
        shares = [share_of_hq(face) for face in faces]
        return [
            QualityScores(50, 50, 50, 50, self.fidelity(share), self.overall(share))
            for share in shares
        ]


@dataclass
class FakeEmbedder:
    """Cosine similarity to LQ by the share of HQ."""

    cosine: object = lambda share: 0.9
    name: str = "fake-embedder"
    calibration = SimilarityCalibration("fake-embedder", 10, -5, 0.6, 0.1, 10, "made up")

    def embed(self, face):
        cosine = 1.0 if face.mean() == 100 else self.cosine(share_of_hq(face))
        return Embedding(np.array([cosine, np.sqrt(1 - cosine**2)], np.float32), self.name)

    def embed_batch(self, faces):
        return [self.embed(face) for face in faces]


@dataclass
class FakeLocator:
    """Moves the landmarks by the share of HQ, in inter-ocular distances."""

    shift: object = lambda share: 0.0

    def locate(self, face):
        return EYES + np.array([self.shift(share_of_hq(face)) * 16, 0])


def risk_model(**changed) -> RiskModel:
    """Risk 0.5 at cosine 0.5, steep; fidelity given the source is 100 x cosine."""
    parts = {
        "embedder": "fake-embedder",
        "assessor": "fake-assessor",
        "risk": LinearModel(20.0, {"cosine_similarity": -40.0}),
        "source": LinearModel(-20.0, {"lq_fidelity": 0.5}),
        "fidelity": LinearModel(0.0, {"cosine_similarity": 100.0}),
    }
    return RiskModel(**(parts | changed))


def judge_of(**changed) -> FaceJudge:
    parts = {
        "assessor": FakeAssessor(),
        "embedder": FakeEmbedder(),
        "locator": FakeLocator(),
        "risk_model": risk_model(),
    }
    return FaceJudge(**(parts | changed))


def judged(judge: FaceJudge, policy: str = "balanced", hq: np.ndarray = HQ):
    return judge.judge(Restoration(LQ, hq, "fake"), load_policy(policy))


def test_the_fakes_have_the_protocols_of_core():
    assert isinstance(FakeAssessor(), QualityAssessor)
    assert isinstance(FakeEmbedder(), Embedder)
    assert isinstance(FakeLocator(), LandmarkLocator)


@pytest.mark.parametrize("policy", ["lenient", "balanced", "strict"])
def test_better_and_the_same_person_is_accepted_whole(policy):
    found = judged(judge_of(), policy)
    assert found.verdict.decision is Decision.ACCEPT
    assert found.verdict.blend == 1.0
    assert found.verdict.reasons == (Reason.QUALITY_GAINED, Reason.IDENTITY_KEPT)
    assert found.verdict.policy == policy
    assert found.pixels.tobytes() == HQ.tobytes()


def test_the_evidence_is_what_the_parts_measured():
    evidence = judged(judge_of(locator=FakeLocator(lambda share: 0.05 * share))).verdict.evidence
    assert evidence.lq_scores.overall == 40
    assert evidence.hq_scores.overall == 70
    assert evidence.overall_gain == 30
    assert evidence.cosine_similarity == pytest.approx(0.9)
    assert evidence.embedder == "fake-embedder"
    assert evidence.probability_same == pytest.approx(1 / (1 + np.exp(-4.0)), abs=1e-4)
    assert evidence.fidelity_given_source == pytest.approx(90, abs=1e-3)
    assert evidence.identity_risk == pytest.approx(1 / (1 + np.exp(16.0)), rel=1e-3)
    assert evidence.source_identifiable == pytest.approx(1 / (1 + np.exp(-15.0)))
    assert evidence.landmark_shift == pytest.approx(0.05)
    assert evidence.consistency == 1.0


def test_the_risk_model_is_given_every_feature_under_its_name():
    names = ("cosine_similarity", "lq_fidelity", "consistency", "landmark_shift", "overall_gain")
    signs = (-1, -1, -1, 1, 1)
    every = dict(zip(names, signs, strict=True))
    heads = ("noise", "sharpness", "colorfulness", "contrast", "fidelity", "overall")
    sides = {f"{side}_{head}": 1e-3 for side in ("lq", "hq") for head in heads}
    model = risk_model(risk=LinearModel(0.0, every), source=LinearModel(5.0, sides))
    judged(judge_of(risk_model=model))


def falling(share):
    """Identity falls with the share of HQ: 0.5 is reached at about a share of 0.6."""
    return 0.95 - 0.75 * share


def test_a_mixture_is_delivered_where_hq_alone_goes_too_far():
    found = judged(judge_of(embedder=FakeEmbedder(falling)), "balanced")
    verdict = found.verdict
    assert verdict.decision is Decision.BLEND
    assert verdict.reasons[0] is Reason.BLEND_WITHIN_RISK
    assert Reason.IDENTITY_RISK in verdict.reasons
    assert 0 < share_of_hq(found.pixels) < 1
    assert verdict.evidence.identity_risk > load_policy("balanced").max_identity_risk
    assert verdict.guarded.identity_risk <= load_policy("balanced").max_identity_risk
    assert verdict.guarded.overall_gain >= load_policy("balanced").min_overall_gain


@pytest.mark.parametrize("policy", ["lenient", "balanced", "strict"])
@pytest.mark.parametrize(
    "overall", [lambda share: 40 + 30 * share, lambda share: 40 + 25 * np.sin(np.pi * share)]
)
def test_the_delivered_mixture_is_the_best_of_all_that_pass(policy, overall):
    judge = judge_of(embedder=FakeEmbedder(falling), assessor=FakeAssessor(overall))
    found = judged(judge, policy)
    assert found.verdict.decision is Decision.BLEND
    best = None
    for mixture in MIXTURES:
        pixels = mix(LQ, HQ, mixture)
        alone = judged(judge, policy, pixels).verdict
        gained = alone.evidence.hq_scores.overall
        if alone.decision is Decision.ACCEPT and (best is None or gained > best[0]):
            best = (gained, mixture.name, mixture.share, pixels)
    assert best is not None
    assert found.verdict.mixture == best[1]
    assert found.verdict.blend == best[2]
    assert found.pixels.tobytes() == best[3].tobytes()
    assert found.verdict.guarded.hq_scores.overall == best[0]


def test_the_mixtures_are_scored_in_one_batch():
    assessor = FakeAssessor()
    judged(judge_of(assessor=assessor, embedder=FakeEmbedder(falling)))
    assert assessor.batches == [2, len(MIXTURES)]
    assessor.batches.clear()
    judged(judge_of(assessor=assessor))
    assert assessor.batches == [2]


@pytest.mark.parametrize("policy", ["balanced", "strict"])
def test_a_face_that_identifies_nobody_is_not_replaced(policy):
    """Not even by a mixture: sharp detail would be invented."""
    judge = judge_of(assessor=FakeAssessor(fidelity=lambda share: 20.0))
    found = judged(judge, policy)
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.reasons[0] is Reason.UNSUPPORTED_DETAIL
    assert found.pixels.tobytes() == LQ.tobytes()
    assert judge.assessor.batches == [2]
    assert judged(judge, "lenient").verdict.decision is Decision.ACCEPT


def test_another_person_is_refused_where_no_mixture_helps():
    found = judged(judge_of(embedder=FakeEmbedder(lambda share: 0.0)))
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.blend == 0.0
    assert found.verdict.reasons[-1] is Reason.NO_BLEND_WITHIN_RISK
    assert Reason.IDENTITY_RISK in found.verdict.reasons
    assert found.verdict.guarded is None
    assert found.pixels.tobytes() == LQ.tobytes()


def test_no_gain_is_refused():
    found = judged(judge_of(assessor=FakeAssessor(overall=lambda share: 40.0)))
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.reasons == (Reason.NO_QUALITY_GAIN, Reason.NO_BLEND_WITHIN_RISK)


def test_moved_landmarks_are_refused():
    judge = judge_of(locator=FakeLocator(lambda share: 0.5 if share else 0.0))
    found = judged(judge)
    assert found.verdict.decision is Decision.REJECT
    assert Reason.LANDMARKS_MOVED in found.verdict.reasons


@pytest.mark.parametrize("cosine", [lambda share: 0.9, falling, lambda share: 0.0])
def test_observe_reports_and_leaves_every_byte(cosine):
    judge = judge_of(embedder=FakeEmbedder(cosine))
    found = judged(judge, "observe")
    balanced = judged(judge_of(embedder=FakeEmbedder(cosine)), "balanced")
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.reasons[0] is Reason.OBSERVE_ONLY
    assert len(found.verdict.reasons) > 1
    assert found.pixels.tobytes() == LQ.tobytes()
    assert found.verdict.evidence == balanced.verdict.evidence
    assert found.verdict.proposed is balanced.verdict.decision
    assert found.verdict.reasons[1:] == balanced.verdict.reasons
    assert found.verdict.guarded == balanced.verdict.guarded
    assert balanced.verdict.proposed is None


RANK = {Decision.REJECT: 0, Decision.BLEND: 1, Decision.ACCEPT: 2}
CASES = st.fixed_dictionaries(
    {
        "cosine": st.floats(-0.5, 0.99),
        "overall": st.floats(0, 100),
        "fidelity": st.floats(0, 100),
        "shift": st.floats(0, 0.3),
    }
)


def decide(case, policy, intercept=20.0):
    judge = judge_of(
        assessor=FakeAssessor(
            overall=lambda share: 40 + (case["overall"] - 40) * share,
            fidelity=lambda share: case["fidelity"],
        ),
        embedder=FakeEmbedder(lambda share: 1 - (1 - case["cosine"]) * share),
        locator=FakeLocator(lambda share: case["shift"] * share),
        risk_model=risk_model(risk=LinearModel(intercept, {"cosine_similarity": -40.0})),
    )
    # Flat pictures always agree (test_the_evidence_is_what_the_parts_measured); not measuring it
    # anew makes room for more cases.
    with patch.object(judgement, "measure_consistency", return_value=1.0):
        return judged(judge, policy)


@settings(deadline=None, max_examples=40)
@given(CASES, st.sampled_from(["observe", "lenient", "balanced", "strict"]))
def test_every_pair_ends_in_one_decision_with_the_pixels_that_it_says(case, policy):
    found = decide(case, policy)
    verdict = found.verdict
    assert verdict.decision in RANK
    assert verdict.reasons
    assert verdict.evidence is not None
    decided = verdict.proposed or verdict.decision
    assert (verdict.proposed is not None) == (policy == "observe")
    assert (verdict.guarded is not None) == (decided is Decision.BLEND)
    assert (verdict.mixture is not None) == (decided is Decision.BLEND)
    if verdict.decision is Decision.ACCEPT:
        assert found.pixels.tobytes() == HQ.tobytes()
    elif verdict.decision is Decision.REJECT:
        assert found.pixels.tobytes() == LQ.tobytes()
    else:
        mixture = next(m for m in MIXTURES if m.name == verdict.mixture)
        assert found.pixels.tobytes() == mix(LQ, HQ, mixture).tobytes()


@settings(deadline=None, max_examples=40)
@given(CASES, st.sampled_from(["lenient", "balanced", "strict"]), st.floats(0, 30))
def test_more_risk_never_gives_a_better_decision(case, policy, more):
    calm = decide(case, policy).verdict
    risky = decide(case, policy, intercept=20.0 + more).verdict
    assert risky.evidence.identity_risk >= calm.evidence.identity_risk
    assert RANK[risky.decision] <= RANK[calm.decision]


@settings(deadline=None, max_examples=40)
@given(CASES)
def test_a_stricter_policy_never_gives_a_better_decision(case):
    strict, balanced, lenient = (
        RANK[decide(case, name).verdict.decision] for name in ("strict", "balanced", "lenient")
    )
    assert strict <= balanced <= lenient


@settings(deadline=None, max_examples=20)
@given(CASES)
def test_judging_twice_says_the_same(case):
    first, second = decide(case, "balanced"), decide(case, "balanced")
    assert first.verdict == second.verdict
    assert first.pixels.tobytes() == second.pixels.tobytes()


def test_a_risk_model_of_another_embedder_is_refused():
    with pytest.raises(EmbedderMismatch, match="expected embedder other.*got fake-embedder"):
        judge_of(risk_model=replace(risk_model(), embedder="other"))


def test_an_embedder_that_changes_its_name_in_between_is_noticed():
    class Turncoat(FakeEmbedder):
        def embed_batch(self, faces):
            first, *rest = super().embed_batch(faces)
            return [first, *(Embedding(one.vector, "another") for one in rest)]

    with pytest.raises(EmbedderMismatch, match="same embedder"):
        judged(judge_of(embedder=Turncoat()))


def test_a_locator_that_finds_no_number_is_refused_not_accepted():
    with pytest.raises(InvalidInput, match="finite landmarks"):
        judged(judge_of(locator=FakeLocator(lambda share: np.nan if share else 0.0)))


def test_two_shapes_are_refused():
    with pytest.raises(InvalidInput, match="one shape"):
        judged(judge_of(), hq=np.zeros((32, 32, 3), np.uint8))
