"""The judge: every pair ends in the decision that its measurements call for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facefidelity.core.embedding import Embedding
from facefidelity.core.errors import EmbedderMismatch, InvalidInput
from facefidelity.core.faces import LandmarkLocator
from facefidelity.core.protocols import Embedder, QualityAssessor, Restoration
from facefidelity.guards.blending import MIXTURES
from facefidelity.guards.policy import SEARCH_ALWAYS, load_policy
from facefidelity.guards.risk import LinearModel
from facefidelity.guards.verdict import Decision, IdentityState, Reason


def test_the_fakes_have_the_protocols_of_core(assessor_of, embedder_of, locator_of):
    assert isinstance(assessor_of(), QualityAssessor)
    assert isinstance(embedder_of(), Embedder)
    assert isinstance(locator_of(), LandmarkLocator)


@pytest.mark.parametrize("policy", ["lenient", "balanced", "strict"])
def test_better_and_the_same_person_is_accepted_whole(policy, hq, judge_of, judged):
    found = judged(judge_of(), policy)
    assert found.verdict.decision is Decision.ACCEPT
    assert found.verdict.blend == 1.0
    assert found.verdict.reasons == (Reason.QUALITY_GAINED, Reason.IDENTITY_KEPT)
    assert found.verdict.policy == policy
    assert found.pixels.tobytes() == hq.tobytes()


def test_the_evidence_is_what_the_parts_measured(locator_of, judge_of, judged):
    evidence = judged(judge_of(locator=locator_of(lambda share: 0.05 * share))).verdict.evidence
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


def test_the_risk_model_is_given_every_feature_under_its_name(risk_model, judge_of, judged):
    names = ("cosine_similarity", "lq_fidelity", "consistency", "landmark_shift", "overall_gain")
    signs = (-1, -1, -1, 1, 1)
    every = dict(zip(names, signs, strict=True))
    heads = ("noise", "sharpness", "colorfulness", "contrast", "fidelity", "overall")
    sides = {f"{side}_{head}": 1e-3 for side in ("lq", "hq") for head in heads}
    model = risk_model(risk=LinearModel(0.0, every), source=LinearModel(5.0, sides))
    judged(judge_of(risk_model=model))


def falling(share):
    """Identity falls with the share of HQ: 0.5 is reached at about a share of 0.6."""
    return 0.95 - 0.7 * share


def test_a_mixture_is_delivered_where_hq_alone_goes_too_far(
    share_of_hq, embedder_of, judge_of, judged
):
    found = judged(judge_of(embedder=embedder_of(falling)), "balanced")
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
def test_the_delivered_mixture_is_the_best_of_all_that_pass(
    policy, overall, mixtures, assessor_of, embedder_of, judge_of, judged, share_of_hq
):
    judge = judge_of(embedder=embedder_of(falling), assessor=assessor_of(overall))
    found = judged(judge, policy)
    assert found.verdict.decision is Decision.BLEND
    best = None
    for name, pixels in mixtures.items():
        alone = judged(judge, policy, pixels).verdict
        gained = alone.evidence.hq_scores.overall
        if alone.decision is Decision.ACCEPT and (best is None or gained > best[0]):
            best = (gained, name, pixels)
    assert best is not None
    assert found.verdict.mixture == best[1]
    assert found.verdict.blend == pytest.approx(share_of_hq(best[2]))
    assert found.pixels.tobytes() == best[2].tobytes()
    assert found.verdict.guarded.hq_scores.overall == best[0]


def test_the_mixtures_are_scored_in_one_batch(assessor_of, embedder_of, judge_of, judged):
    assessor = assessor_of()
    judged(judge_of(assessor=assessor, embedder=embedder_of(falling)))
    assert assessor.batches == [2, len(MIXTURES)]
    assessor.batches.clear()
    judged(judge_of(assessor=assessor))
    assert assessor.batches == [2]


def test_a_face_that_identifies_nobody_is_cleaned_up(assessor_of, judge_of, judged):
    """Never accepted; a mixture that does not look like anybody may take its place."""
    judge = judge_of(assessor=assessor_of(fidelity=lambda share: 20.0 + 25.0 * (share > 0.9)))
    found = judged(judge, "balanced").verdict
    assert found.decision is Decision.BLEND
    assert found.reasons[:2] == (Reason.CLEANED_UP, Reason.UNSUPPORTED_DETAIL)
    assert found.evidence.identity_state is IdentityState.NEVER_THERE
    policy = load_policy("balanced")
    risen = found.guarded.hq_scores.fidelity - found.guarded.lq_scores.fidelity
    assert risen <= policy.max_invented_fidelity
    tried = {one.name: one.evidence.hq_scores.fidelity for one in found.tried}
    assert max(tried.values()) > 30, "some mixtures would have looked like somebody"


def test_the_risk_is_not_asked_of_a_clean_up(
    assessor_of, embedder_of, risk_model, judge_of, judged
):
    judge = judge_of(
        assessor=assessor_of(fidelity=lambda share: 20.0),
        embedder=embedder_of(lambda share: 0.5 if share else 1.0),
        risk_model=risk_model(fidelity=LinearModel(70.0, {})),
    )
    found = judged(judge, "balanced").verdict
    assert found.decision is Decision.BLEND
    assert found.guarded.identity_risk > load_policy("balanced").max_identity_risk
    assert judged(judge, "strict").verdict.decision is Decision.REJECT


@pytest.mark.parametrize("policy", ["balanced", "strict"])
def test_a_face_that_identifies_nobody_is_not_made_somebody(
    policy, lq, assessor_of, judge_of, judged
):
    """Not even by a mixture: sharp detail would be invented."""
    judge = judge_of(assessor=assessor_of(fidelity=lambda share: 20.0 + 25.0 * (share > 0)))
    found = judged(judge, policy)
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.reasons[0] is Reason.UNSUPPORTED_DETAIL
    assert found.pixels.tobytes() == lq.tobytes()
    assert judge.assessor.batches == ([2, len(MIXTURES)] if policy == "balanced" else [2])
    assert judged(judge, "lenient").verdict.decision is Decision.ACCEPT


def test_another_person_is_refused_where_no_mixture_helps(lq, embedder_of, judge_of, judged):
    found = judged(judge_of(embedder=embedder_of(lambda share: 0.0)))
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.blend == 0.0
    assert found.verdict.reasons[-1] is Reason.NO_BLEND_WITHIN_RISK
    assert Reason.IDENTITY_RISK in found.verdict.reasons
    assert found.verdict.guarded is None
    assert found.pixels.tobytes() == lq.tobytes()


def test_no_gain_is_refused(assessor_of, judge_of, judged):
    found = judged(judge_of(assessor=assessor_of(overall=lambda share: 40.0)))
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.reasons == (Reason.NO_QUALITY_GAIN, Reason.NO_BLEND_WITHIN_RISK)


def test_moved_landmarks_are_refused(locator_of, judge_of, judged):
    judge = judge_of(locator=locator_of(lambda share: 0.5 if share else 0.0))
    found = judged(judge)
    assert found.verdict.decision is Decision.REJECT
    assert Reason.LANDMARKS_MOVED in found.verdict.reasons


@pytest.mark.parametrize("cosine", [lambda share: 0.9, falling, lambda share: 0.0])
def test_observe_reports_and_leaves_every_byte(cosine, lq, embedder_of, judge_of, judged):
    judge = judge_of(embedder=embedder_of(cosine))
    found = judged(judge, "observe")
    balanced = judged(judge_of(embedder=embedder_of(cosine)), "balanced")
    assert found.verdict.decision is Decision.REJECT
    assert found.verdict.reasons[0] is Reason.OBSERVE_ONLY
    assert len(found.verdict.reasons) > 1
    assert found.pixels.tobytes() == lq.tobytes()
    assert found.verdict.evidence == balanced.verdict.evidence
    assert found.verdict.proposed is balanced.verdict.decision
    assert found.verdict.reasons[1:] == balanced.verdict.reasons
    assert found.verdict.guarded == balanced.verdict.guarded
    assert balanced.verdict.proposed is None


def test_a_risk_model_of_another_embedder_is_refused(risk_model, judge_of):
    with pytest.raises(EmbedderMismatch, match="expected embedder other.*got fake-embedder"):
        judge_of(risk_model=replace(risk_model(), embedder="other"))


def test_an_embedder_that_changes_its_name_in_between_is_noticed(embedder_of, judge_of, judged):
    class Turncoat(embedder_of):
        def embed_batch(self, faces):
            first, *rest = super().embed_batch(faces)
            return [first, *(Embedding(one.vector, "another") for one in rest)]

    with pytest.raises(EmbedderMismatch, match="same embedder"):
        judged(judge_of(embedder=Turncoat()))


def test_a_locator_that_finds_no_number_is_refused_not_accepted(locator_of, judge_of, judged):
    with pytest.raises(InvalidInput, match="finite landmarks"):
        judged(judge_of(locator=locator_of(lambda share: np.nan if share else 0.0)))


def test_two_shapes_are_refused(judge_of, judged):
    with pytest.raises(InvalidInput, match="one shape"):
        judged(judge_of(), hq=np.zeros((32, 32, 3), np.uint8))


@pytest.mark.parametrize("fidelity", [70.0, 20.0], ids=["somebody", "nobody"])
@pytest.mark.parametrize("shift", [0.0, 5.0])
@pytest.mark.parametrize("cosine", [1.0, 0.0])
def test_who_asks_for_every_mixture_gets_it(
    fidelity, shift, cosine, lq, hq, assessor_of, embedder_of, locator_of, judge_of
):
    judge = judge_of(
        assessor=assessor_of(fidelity=lambda share: fidelity),
        embedder=embedder_of(lambda share: cosine),
        locator=locator_of(lambda share: shift * share),
    )
    verdict = judge.judge(Restoration(lq, hq, "fake"), SEARCH_ALWAYS).verdict
    assert verdict.decision is Decision.REJECT
    assert verdict.tried is not None
    assert len(verdict.tried) == len(MIXTURES)
