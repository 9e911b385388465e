"""Evidence and verdicts refuse what they cannot mean, and every reason has words."""

from __future__ import annotations

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import QualityScores
from facefidelity.guards.verdict import Decision, Evidence, IdentityState, Reason, Verdict

GOOD = {
    "lq_scores": QualityScores(10, 20, 30, 40, 50, 30),
    "hq_scores": QualityScores(60, 60, 60, 60, 60, 72.5),
    "cosine_similarity": 0.8,
    "embedder": "e",
    "probability_same": 0.9,
    "fidelity_given_source": 55.0,
    "source_identifiable": 0.9,
    "consistency": 0.9,
    "landmark_shift": 0.02,
    "identity_risk": 0.1,
}
NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        (name, bad)
        for name, values in {
            "cosine_similarity": (-1.01, 1.01, NAN),
            "fidelity_given_source": (-0.1, 100.1, NAN),
            "source_identifiable": (-0.1, 1.1, NAN),
            "consistency": (-0.1, 1.1, NAN),
            "landmark_shift": (-0.1, NAN, INFINITE),
            "identity_risk": (-0.1, 1.1, NAN),
        }.items()
        for bad in values
    ],
)
def test_evidence_that_is_no_number_in_range_is_refused(name, bad):
    """A NaN would pass every threshold: it must not get as far as a rule."""
    with pytest.raises(InvalidInput, match=f"expected {name}"):
        Evidence(**(GOOD | {name: bad}))


def test_the_gain_is_that_of_overall():
    assert Evidence(**GOOD).overall_gain == 42.5


@pytest.mark.parametrize(
    ("source", "risk", "state"),
    [
        (0.9, 0.1, IdentityState.KEPT),
        (0.9, 0.9, IdentityState.LOST),
        (0.4, 0.1, IdentityState.NEVER_THERE),
        (0.4, 0.9, IdentityState.NEVER_THERE),
        (0.85, 0.5, IdentityState.KEPT),
        (0.84, 0.0, IdentityState.NEVER_THERE),
    ],
)
def test_identity_is_in_one_of_three_states(source, risk, state):
    evidence = Evidence(**(GOOD | {"source_identifiable": source, "identity_risk": risk}))
    assert evidence.identity_state is state


@pytest.mark.parametrize(
    ("decision", "blend"),
    [
        (Decision.ACCEPT, 0.9),
        (Decision.ACCEPT, 0.0),
        (Decision.BLEND, 0.0),
        (Decision.BLEND, 1.1),
        (Decision.BLEND, NAN),
        (Decision.REJECT, 0.1),
        (Decision.FAILED, 1.0),
        (Decision.NOT_ASSESSABLE, 0.5),
    ],
)
def test_a_blend_that_contradicts_its_decision_is_refused(decision, blend):
    with pytest.raises(InvalidInput, match="expected blend"):
        Verdict(decision, blend, (Reason.IDENTITY_KEPT,), "balanced")


@pytest.mark.parametrize(
    ("decision", "blend"),
    [
        (Decision.ACCEPT, 1.0),
        (Decision.BLEND, 0.15),
        (Decision.BLEND, 1.0),
        (Decision.REJECT, 0.0),
        (Decision.FAILED, 0.0),
        (Decision.NOT_ASSESSABLE, 0.0),
    ],
)
def test_every_decision_has_a_blend_that_fits(decision, blend):
    assert Verdict(decision, blend, (Reason.IDENTITY_KEPT,), "balanced").blend == blend


def test_a_verdict_without_a_reason_is_refused():
    with pytest.raises(InvalidInput, match="at least one reason"):
        Verdict(Decision.REJECT, 0.0, (), "balanced")


def test_every_reason_has_words_of_its_own():
    words = [reason.text for reason in Reason]
    assert len(set(words)) == len(words)
    assert all(len(text) > 10 and not text.endswith(".") for text in words)


def test_the_sentence_names_decision_mixture_and_every_reason():
    reasons = (Reason.BLEND_WITHIN_RISK, Reason.IDENTITY_RISK)
    verdict = Verdict(Decision.BLEND, 0.6, reasons, "balanced", mixture="pixel 0.60")
    assert verdict.sentence.startswith("BLEND (pixel 0.60): ")
    assert all(reason.text in verdict.sentence for reason in reasons)


def test_names_are_written_as_the_contract_has_them():
    assert [d.value for d in Decision] == ["ACCEPT", "BLEND", "REJECT", "FAILED", "NOT_ASSESSABLE"]
    assert [s.value for s in IdentityState] == ["kept", "lost", "never_there"]
    assert all(reason.value == reason.name for reason in Reason)
