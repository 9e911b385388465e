"""What a run holds on to: only where the person is safe in that very frame, and it gains."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facefidelity.core.scores import QualityScores
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision, Evidence, Reason, TriedMixture, Verdict
from facefidelity.plugin.video.judging import WHOLE, chosen_kind


@pytest.fixture
def policy():
    return load_policy("balanced")


def evidence(gain: float = 10.0, risk: float = 0.0) -> Evidence:
    before = QualityScores(50, 50, 50, 50, 80, 50)
    return Evidence(
        lq_scores=before,
        hq_scores=replace(before, overall=50 + gain),
        cosine_similarity=1.0,
        embedder="made",
        probability_same=1.0,
        fidelity_given_source=80.0,
        source_identifiable=1.0,
        consistency=1.0,
        landmark_shift=0.0,
        identity_risk=risk,
    )


def verdict(decision: Decision, found: Evidence, *tried: TriedMixture, mixture=None) -> Verdict:
    blend = {Decision.ACCEPT: 1.0, Decision.BLEND: 0.5}.get(decision, 0.0)
    reasons = (Reason.NO_QUALITY_GAIN,)
    return Verdict(
        decision, blend, reasons, "balanced", found, mixture=mixture, tried=tried or None
    )


def mixtures(*found: Evidence) -> tuple[TriedMixture, ...]:
    return tuple(TriedMixture(f"m{n}", 0.5, one) for n, one in enumerate(found))


def test_an_accepted_restoration_is_delivered_whole(policy):
    assert chosen_kind(verdict(Decision.ACCEPT, evidence()), policy, 3) == WHOLE


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (evidence(gain=0.5), WHOLE),
        (evidence(gain=0.0), WHOLE),
        (evidence(gain=-0.1), None),
        (evidence(gain=0.5, risk=0.9), None),
    ],
)
def test_a_small_gain_is_held_on_to_a_loss_or_a_risk_is_not(policy, found, kind):
    refused = verdict(Decision.REJECT, found, *mixtures(evidence(risk=0.9)))
    assert chosen_kind(refused, policy, WHOLE) == kind


def test_a_small_gain_alone_begins_nothing(policy):
    assert chosen_kind(verdict(Decision.REJECT, evidence(gain=0.5)), policy, None) is None


def test_the_kind_of_mixture_stays_while_it_passes(policy):
    tried = mixtures(evidence(gain=5), evidence(gain=9), evidence(risk=0.9))
    found = verdict(Decision.BLEND, evidence(risk=0.9), *tried, mixture="m1")
    assert chosen_kind(found, policy, None) == 1
    assert chosen_kind(found, policy, 0) == 0
    assert chosen_kind(found, policy, 2) == 1, "the last one does not pass here"
    assert chosen_kind(found, policy, 7) == 1
    assert chosen_kind(found, policy, WHOLE) == 1, "the restoration itself is too risky here"


@pytest.mark.parametrize("decision", [Decision.FAILED, Decision.NOT_ASSESSABLE])
def test_where_nothing_was_measured_nothing_goes_on(policy, decision):
    found = Verdict(decision, 0.0, (Reason.RESTORER_RAISED,), "balanced")
    assert chosen_kind(found, policy, WHOLE) is None
