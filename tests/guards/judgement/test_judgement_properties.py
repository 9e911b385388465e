"""The judge: every pair ends in one decision, and more risk never ends in a better one."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.core.faces.alignment import TEMPLATES, LandmarkScheme
from facefidelity.guards import measurement
from facefidelity.guards.consistency import CameraView
from facefidelity.guards.drift import measure_drift
from facefidelity.guards.regions import region_masks
from facefidelity.guards.risk import LinearModel
from facefidelity.guards.verdict import Decision

FRAME = TEMPLATES[LandmarkScheme.DLIB5]
RANK = {Decision.REJECT: 0, Decision.BLEND: 1, Decision.ACCEPT: 2}
CASES = st.fixed_dictionaries(
    {
        "cosine": st.floats(-0.5, 0.99),
        "overall": st.floats(0, 100),
        "fidelity": st.floats(0, 100),
        "shift": st.floats(0, 0.3),
    }
)


@pytest.fixture(scope="session")
def decide(lq, hq, assessor_of, embedder_of, locator_of, risk_model, judge_of, judged):
    """Judge a case under a policy."""
    view = CameraView(lq)
    agreed = view.compare(hq)
    still = measure_drift(view, agreed, region_masks(FRAME, 512, 64))

    def decide_case(case, policy, intercept=20.0):
        judge = judge_of(
            assessor=assessor_of(
                overall=lambda share: 40 + (case["overall"] - 40) * share,
                fidelity=lambda share: case["fidelity"],
            ),
            embedder=embedder_of(lambda share: 1 - (1 - case["cosine"]) * share),
            locator=locator_of(lambda share: case["shift"] * share),
            risk_model=risk_model(risk=LinearModel(intercept, {"cosine_similarity": -40.0})),
        )
        # Flat pictures always agree (test_the_evidence_is_what_the_parts_measured); not measuring
        # it anew makes room for more cases.
        with (
            patch.object(CameraView, "compare", return_value=agreed),
            patch.object(measurement, "measure_drift", return_value=still),
        ):
            return judged(judge, policy)

    return decide_case


@settings(deadline=None, max_examples=40)
@given(CASES, st.sampled_from(["observe", "lenient", "balanced", "strict"]))
def test_every_pair_ends_in_one_decision_with_the_pixels_that_it_says(
    lq, hq, mixtures, decide, case, policy
):
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
        assert found.pixels.tobytes() == hq.tobytes()
    elif verdict.decision is Decision.REJECT:
        assert found.pixels.tobytes() == lq.tobytes()
    else:
        assert found.pixels.tobytes() == mixtures[verdict.mixture].tobytes()


@settings(deadline=None, max_examples=40)
@given(CASES, st.sampled_from(["lenient", "balanced", "strict"]), st.floats(0, 30))
def test_more_risk_never_gives_a_better_decision(decide, case, policy, more):
    calm = decide(case, policy).verdict
    risky = decide(case, policy, intercept=20.0 + more).verdict
    assert risky.evidence.identity_risk >= calm.evidence.identity_risk
    assert RANK[risky.decision] <= RANK[calm.decision]


@settings(deadline=None, max_examples=40)
@given(CASES)
def test_a_stricter_policy_never_gives_a_better_decision(decide, case):
    strict, balanced, lenient = (
        RANK[decide(case, name).verdict.decision] for name in ("strict", "balanced", "lenient")
    )
    assert strict <= balanced <= lenient


@settings(deadline=None, max_examples=20)
@given(CASES)
def test_judging_twice_says_the_same(decide, case):
    first, second = decide(case, "balanced"), decide(case, "balanced")
    assert first.verdict == second.verdict
    assert first.pixels.tobytes() == second.pixels.tobytes()
