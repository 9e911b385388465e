"""The rules: each fault at its own threshold, and more risk never removes one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.scores import QualityScores
from facefidelity.guards.policy import Policy, load_policy
from facefidelity.guards.rules import (
    accept_faults,
    best_mixture,
    drop_limit,
    may_blend,
    mixture_faults,
)
from facefidelity.guards.verdict import Evidence, IdentityState, Reason, TriedMixture

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
    drop_price=st.floats(0, 200),
    min_overall_gain=SCORE,
    max_fidelity_loss=SCORE,
    min_consistency=UNIT,
    max_landmark_shift=st.floats(0, 2),
    min_source_identifiable=UNIT,
    max_invented_fidelity=st.none() | SCORE,
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


PRICED = load_policy("lenient").model_copy(update={"drop_price": 40.0, "max_drop_risk": 0.3})


def test_a_drop_has_to_be_worth_its_price():
    """At 40 points a certain drop, a gain of 2 pays for a risk of .05, one of 8 for .2."""
    for gain, limit in ((2.0, 0.05), (8.0, 0.2), (20.0, 0.3), (-5.0, 0.0)):
        face = replace(CLEAN, hq_scores=scores(40 + gain))
        assert drop_limit(face, PRICED) == pytest.approx(limit)
        dearer = replace(face, drop_risk=limit + 0.001)
        assert Reason.IDENTITY_WEAKENED in accept_faults(dearer, PRICED)
        worth = replace(face, drop_risk=max(limit - 0.001, 0.0))
        assert Reason.IDENTITY_WEAKENED not in accept_faults(worth, PRICED)


def test_without_a_price_the_limit_is_the_policys():
    free = PRICED.model_copy(update={"drop_price": 0.0})
    assert drop_limit(replace(CLEAN, hq_scores=scores(0)), free) == 0.3


@given(EVIDENCE, POLICIES, SCORE)
def test_a_higher_price_never_removes_a_fault(evidence, policy, more):
    dearer = policy.model_copy(update={"drop_price": policy.drop_price + more})
    assert set(accept_faults(evidence, policy)) <= set(accept_faults(evidence, dearer))


def mixture(name: str, overall: float, drop: float) -> TriedMixture:
    return TriedMixture(name, 0.5, replace(CLEAN, hq_scores=scores(overall), drop_risk=drop))


def test_mixtures_compete_by_what_the_price_leaves():
    bold, careful = mixture("bold", 60, 0.25), mixture("careful", 55, 0.02)
    assert best_mixture([bold, careful], PRICED) == 1
    assert best_mixture([bold, careful], PRICED.model_copy(update={"drop_price": 0.0})) == 0


def tried(evidence: Evidence) -> TriedMixture:
    return TriedMixture("m", 0.5, evidence)


NOBODY = replace(
    CLEAN,
    lq_scores=scores(40, fidelity=20),
    hq_scores=scores(60, fidelity=25),
    fidelity_given_source=20,
    source_identifiable=0.1,
    identity_risk=0.97,
)


def test_a_mixture_may_clean_up_who_was_never_there():
    """What looks like nobody may be delivered, whatever its risk; never the restoration itself."""
    policy = load_policy("balanced")
    assert NOBODY.identity_state is IdentityState.NEVER_THERE
    assert mixture_faults(tried(NOBODY), policy) == ()
    assert accept_faults(NOBODY, policy) == (Reason.UNSUPPORTED_DETAIL, Reason.IDENTITY_RISK)
    invented = replace(NOBODY, hq_scores=scores(60, fidelity=20 + policy.max_invented_fidelity + 1))
    assert mixture_faults(tried(invented), policy) == accept_faults(invented, policy)
    patchwork = replace(tried(NOBODY), patchwork=True)
    assert mixture_faults(patchwork, policy) == accept_faults(NOBODY, policy)
    strict = load_policy("strict")
    assert mixture_faults(tried(NOBODY), strict) == accept_faults(NOBODY, strict)


@pytest.mark.parametrize(
    "contradiction", [{"consistency": 0.1}, {"landmark_shift": 0.5}], ids=["measurement", "shape"]
)
@pytest.mark.parametrize("name", ["balanced", "lenient"])
def test_nothing_is_taken_from_a_restoration_that_contradicts_a_face_of_nobody(name, contradiction):
    """It may be a stranger: no embedder could tell from such an input."""
    policy = load_policy(name)
    assert may_blend(NOBODY, policy)
    assert not may_blend(replace(NOBODY, **contradiction), policy)
    known = replace(NOBODY, source_identifiable=0.99, **contradiction)
    assert may_blend(known, policy)


def test_strict_tries_no_mixture_of_a_face_of_nobody():
    strict = load_policy("strict")
    assert not may_blend(NOBODY, strict)
    assert not may_blend(replace(NOBODY, source_identifiable=0.87), strict)


@given(EVIDENCE, POLICIES)
def test_a_mixture_has_no_fault_that_a_restoration_has_not(evidence, policy):
    whole, mixed = (
        set(accept_faults(evidence, policy)),
        set(mixture_faults(tried(evidence), policy)),
    )
    assert mixed <= whole
    assert whole - mixed <= {Reason.UNSUPPORTED_DETAIL, Reason.IDENTITY_RISK}
    if evidence.identity_state is not IdentityState.NEVER_THERE:
        assert mixed == whole
