"""The rules: each fault at its own threshold, and more risk never removes one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.scores import QualityScores
from facefidelity.guards.policy import Policy, load_policy
from facefidelity.guards.rules import accept_faults
from facefidelity.guards.verdict import Evidence, Reason

UNIT = st.floats(0, 1)
SCORE = st.floats(0, 100)
SCORES = st.builds(QualityScores, SCORE, SCORE, SCORE, SCORE, SCORE, SCORE)
EVIDENCE = st.builds(
    Evidence,
    lq_scores=SCORES,
    hq_scores=SCORES,
    cosine_similarity=st.floats(-1, 1),
    embedder=st.just("e"),
    probability_same=UNIT,
    fidelity_given_source=SCORE,
    source_identifiable=UNIT,
    consistency=UNIT,
    landmark_shift=st.floats(0, 3),
    identity_risk=UNIT,
    drop_risk=st.none() | UNIT,
)
POLICIES = st.builds(
    Policy,
    name=st.just("p"),
    summary=st.just("s"),
    max_identity_risk=UNIT,
    max_drop_risk=UNIT,
    min_overall_gain=SCORE,
    max_fidelity_loss=SCORE,
    min_consistency=UNIT,
    max_landmark_shift=st.floats(0, 2),
    min_source_identifiable=UNIT,
    changes_pixels=st.booleans(),
)


def scores(overall: float, fidelity: float = 70.0) -> QualityScores:
    return QualityScores(60, 60, 60, 60, fidelity, overall)


CLEAN = Evidence(
    lq_scores=scores(40),
    hq_scores=scores(60),
    cosine_similarity=0.9,
    embedder="e",
    probability_same=0.99,
    fidelity_given_source=70,
    source_identifiable=0.95,
    consistency=0.9,
    landmark_shift=0.01,
    identity_risk=0.02,
    drop_risk=0.01,
)


@given(EVIDENCE, POLICIES, UNIT, st.floats(0, 3), UNIT, SCORE, UNIT)
def test_worse_evidence_never_removes_a_fault(evidence, policy, risk, shift, less, loss, unknown):
    worse = {
        "identity_risk": max(evidence.identity_risk, risk),
        "drop_risk": max(evidence.drop_risk or 0.0, risk),
        "landmark_shift": evidence.landmark_shift + shift,
        "consistency": min(evidence.consistency, less),
        "fidelity_given_source": min(evidence.fidelity_given_source, loss),
        "source_identifiable": min(evidence.source_identifiable, unknown),
    }
    before = set(accept_faults(evidence, policy))
    for name, value in worse.items():
        assert before <= set(accept_faults(replace(evidence, **{name: value}), policy))
    assert before <= set(accept_faults(replace(evidence, **worse), policy))


@given(EVIDENCE)
def test_a_stricter_policy_finds_every_fault_of_a_looser_one(evidence):
    strict, balanced, lenient = (
        set(accept_faults(evidence, load_policy(name)))
        for name in ("strict", "balanced", "lenient")
    )
    assert strict >= balanced >= lenient


@given(EVIDENCE)
def test_observe_finds_what_balanced_finds(evidence):
    assert accept_faults(evidence, load_policy("observe")) == (
        accept_faults(evidence, load_policy("balanced"))
    )


@given(EVIDENCE, POLICIES)
def test_a_fault_is_named_once_and_is_one_of_the_seven(evidence, policy):
    faults = accept_faults(evidence, policy)
    assert len(set(faults)) == len(faults)
    assert set(faults) <= {
        Reason.UNSUPPORTED_DETAIL,
        Reason.IDENTITY_RISK,
        Reason.IDENTITY_WEAKENED,
        Reason.FIDELITY_FELL,
        Reason.INCONSISTENT_WITH_SOURCE,
        Reason.LANDMARKS_MOVED,
        Reason.NO_QUALITY_GAIN,
    }


def test_a_drop_that_was_not_measured_is_no_fault():
    policy = load_policy("strict").model_copy(update={"max_drop_risk": 0.0})
    assert accept_faults(replace(CLEAN, drop_risk=None), policy) == ()


@pytest.mark.parametrize("name", ["strict", "balanced", "lenient", "observe"])
def test_clean_evidence_has_no_fault(name):
    assert accept_faults(CLEAN, load_policy(name)) == ()


@pytest.mark.parametrize("name", ["strict", "balanced", "lenient"])
@pytest.mark.parametrize(
    ("changed", "threshold", "step", "reason"),
    [
        ("identity_risk", "max_identity_risk", 1e-6, Reason.IDENTITY_RISK),
        ("drop_risk", "max_drop_risk", 1e-6, Reason.IDENTITY_WEAKENED),
        ("landmark_shift", "max_landmark_shift", 1e-6, Reason.LANDMARKS_MOVED),
        ("consistency", "min_consistency", -1e-6, Reason.INCONSISTENT_WITH_SOURCE),
        ("source_identifiable", "min_source_identifiable", -1e-6, Reason.UNSUPPORTED_DETAIL),
    ],
)
def test_each_threshold_is_where_its_fault_begins(name, changed, threshold, step, reason):
    policy = load_policy(name)
    limit = getattr(policy, threshold)
    assert accept_faults(replace(CLEAN, **{changed: limit}), policy) == ()
    if 0 <= limit + step <= (np.inf if changed == "landmark_shift" else 1):
        assert accept_faults(replace(CLEAN, **{changed: limit + step}), policy) == (reason,)


@pytest.mark.parametrize("name", ["strict", "balanced", "lenient"])
def test_overall_must_rise_by_the_policys_gain(name):
    policy = load_policy(name)
    enough = replace(CLEAN, hq_scores=scores(40 + policy.min_overall_gain))
    assert accept_faults(enough, policy) == ()
    short = replace(CLEAN, hq_scores=scores(40 + policy.min_overall_gain - 0.01))
    assert accept_faults(short, policy) == (Reason.NO_QUALITY_GAIN,)


@pytest.mark.parametrize("name", ["strict", "balanced", "lenient"])
def test_fidelity_given_the_source_may_fall_by_the_policys_loss(name):
    policy = load_policy(name)
    held = replace(CLEAN, fidelity_given_source=70 - policy.max_fidelity_loss)
    assert accept_faults(held, policy) == ()
    fell = replace(CLEAN, fidelity_given_source=70 - policy.max_fidelity_loss - 0.01)
    assert accept_faults(fell, policy) == (Reason.FIDELITY_FELL,)


def test_the_no_reference_fidelity_of_the_restoration_does_not_help():
    """A face that was invented well looks faithful: that number alone decides nothing."""
    fell = replace(CLEAN, fidelity_given_source=10, hq_scores=scores(60, fidelity=99))
    assert Reason.FIDELITY_FELL in accept_faults(fell, load_policy("lenient"))


def test_the_worst_fault_comes_first():
    worst = replace(
        CLEAN,
        identity_risk=1.0,
        drop_risk=1.0,
        source_identifiable=0.0,
        consistency=0.0,
        landmark_shift=1.0,
        fidelity_given_source=0.0,
        hq_scores=scores(10),
    )
    assert accept_faults(worst, load_policy("strict")) == (
        Reason.UNSUPPORTED_DETAIL,
        Reason.IDENTITY_RISK,
        Reason.IDENTITY_WEAKENED,
        Reason.FIDELITY_FELL,
        Reason.INCONSISTENT_WITH_SOURCE,
        Reason.LANDMARKS_MOVED,
        Reason.NO_QUALITY_GAIN,
    )
