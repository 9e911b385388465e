"""A verdict in words: every reason with its numbers, and nothing that was not measured."""

from __future__ import annotations

import re

import pytest

from facefidelity.core.scores import QualityScores
from facefidelity.guards.explanation import DRIVERS_SHOWN, explain, outcome_sentence
from facefidelity.guards.findings import RegionDrift
from facefidelity.guards.phrasebook import ReasonWords, load_phrases
from facefidelity.guards.policy import load_policy
from facefidelity.guards.risk import Attribution, LinearModel, RiskModel
from facefidelity.guards.verdict import Decision, Evidence, Reason, TriedMixture, Verdict

BALANCED = load_policy("balanced").model_copy(update={"max_identity_risk": 0.3})
"""As shipped but for its limit, which is fitted: what is said of it must not depend on the fit."""


def evidence(risk=0.462, *, shift=0.04, identifiable=0.95, attributions=(), **drifts) -> Evidence:
    return Evidence(
        lq_scores=QualityScores(52, 31, 61, 48, 57.6, 41.2),
        hq_scores=QualityScores(88, 84, 66, 71, 83, 79.4),
        cosine_similarity=0.7,
        embedder="fake",
        probability_same=0.9,
        fidelity_given_source=54.2,
        source_identifiable=identifiable,
        consistency=0.81,
        landmark_shift=shift,
        identity_risk=risk,
        attributions=attributions,
        **drifts,
    )


def rejected(*reasons, **changed) -> Verdict:
    return Verdict(Decision.REJECT, 0.0, reasons, "balanced", evidence(**changed))


def test_a_reason_carries_its_numbers():
    (said,) = explain(rejected(Reason.IDENTITY_RISK), BALANCED).reasons
    assert said == "the person may have been lost (identity risk 46.2 %, at most 30.0 %)"


def test_a_number_that_just_misses_its_limit_is_not_said_to_be_the_limit():
    near = evidence(BALANCED.max_identity_risk + 0.0004)
    verdict = Verdict(Decision.REJECT, 0.0, (Reason.IDENTITY_RISK,), "balanced", near)
    (said,) = explain(verdict, BALANCED).reasons
    assert said.endswith("(identity risk 30.04 %, at most 30.00 %)")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_can_be_said_with_and_without_measurements(reason):
    words = load_phrases().reason[reason.value].words
    for verdict in (rejected(reason), Verdict(Decision.FAILED, 0.0, (reason,), "balanced")):
        (said,) = explain(verdict, BALANCED).reasons
        assert said.startswith(words)
        assert not re.search(r"[{}]|None|nan", said)
    assert said == words, "nothing was measured, so no number is said"


def test_no_number_that_a_reason_asks_for_is_unknown():
    tried = TriedMixture("pixel 0.45", 0.4, evidence(0.1))
    for reason, words in load_phrases().reason.items():
        verdict = Verdict(
            Decision.BLEND,
            0.4,
            (Reason(reason),),
            "balanced",
            evidence(drop_risk=0.3),
            mixture=tried.name,
            guarded=tried.evidence,
            tried=(tried,),
        )
        (said,) = explain(verdict, BALANCED).reasons
        assert (said != words.words) == (words.numbers is not None), reason


def test_the_summary_is_one_sentence_of_decision_and_reasons():
    said = explain(rejected(Reason.IDENTITY_RISK, Reason.FIDELITY_FELL), BALANCED).summary
    assert said == (
        "REJECT: the person may have been lost; "
        "fidelity given the source lies too far below the input's"
    )


def test_the_two_features_that_moved_the_risk_most_are_named():
    parts = (
        Attribution("cosine_similarity", 3.21),
        Attribution("lq_fidelity", -1.5),
        Attribution("consistency", 0.4),
    )
    said = explain(rejected(Reason.IDENTITY_RISK, attributions=parts), BALANCED).drivers
    assert said == (
        "identity: the recogniser sees less similarity than usual (raises the risk, log-odds +3.2)",
        "the input shows the person clearly (lowers the risk, log-odds -1.5)",
    )
    assert len(said) == DRIVERS_SHOWN


def test_a_feature_that_moved_nothing_is_not_named():
    parts = (Attribution("cosine_similarity", 0.0),)
    assert explain(rejected(Reason.IDENTITY_RISK, attributions=parts), BALANCED).drivers == ()


def test_regions_that_departed_are_named_the_furthest_first():
    drift = RegionDrift(0.0, 0.25, 0.1, 0.0, 0.6, 0.19, 0.0)
    colours = RegionDrift(0.0, 0.2, 0.1, 0.0, 0.1, 0.0, 0.0)
    verdict = rejected(Reason.IDENTITY_RISK, region_drift=drift, region_colour_drift=colours)
    assert explain(verdict, BALANCED).changes == (
        "mouth changed (drift 0.60, mostly in shape)",
        "right eye changed (drift 0.25, mostly in colour)",
    )


def test_what_would_be_decided_otherwise_is_said_as_the_issue_has_it():
    passing = TriedMixture("pixel 0.45", 0.4, evidence(0.55))
    verdict = Verdict(
        Decision.REJECT,
        0.0,
        (Reason.IDENTITY_RISK,),
        "balanced",
        evidence(0.902),
        tried=(passing,),
    )
    assert explain(verdict, BALANCED).otherwise == (
        "Would be accepted at risk <= 0.91 (the limit is 0.30).",
        "A mixture would be delivered at risk <= 0.55 (the limit is 0.30).",
        "Would blend at 0.40 with policy lenient.",
    )


def test_what_no_limit_of_risk_would_change_is_said():
    said = explain(rejected(Reason.LANDMARKS_MOVED, shift=0.5), BALANCED).otherwise
    assert said[0] == "No limit of risk alone would get it accepted whole: eyes or nose moved."


def test_an_accepted_face_says_what_would_refuse_it():
    verdict = Verdict(Decision.ACCEPT, 1.0, (Reason.QUALITY_GAINED,), "balanced", evidence(0.2545))
    assert explain(verdict, BALANCED).otherwise == (
        "Would no longer be accepted whole at risk < 0.25 (the limit is 0.30).",
        "Would not be accepted whole with policy strict; whether a mixture passes was not "
        "measured.",
    )


def test_what_was_not_measured_has_no_drivers_and_no_alternatives():
    said = explain(Verdict(Decision.FAILED, 0.0, (Reason.RESTORER_RAISED,), "balanced"), BALANCED)
    assert said.drivers == said.otherwise == said.changes == ()
    assert said.summary == "FAILED: the restorer failed"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (rejected(Reason.IDENTITY_RISK), "was refused"),
        (rejected(Reason.OBSERVE_ONLY), "Judged only"),
        (
            Verdict(
                Decision.BLEND, 0.5, (Reason.BLEND_WITHIN_RISK,), "balanced", mixture="pixel 0.60"
            ),
            "A mixture (pixel 0.60) replaces the face; share of the restoration 50 %.",
        ),
    ],
)
def test_what_became_of_the_face_is_one_sentence(verdict, words):
    assert words in outcome_sentence(verdict)


def test_another_language_says_it_in_its_own_words():
    english = load_phrases()
    reasons = {key: ReasonWords(words=f"<{key}>") for key in english.reason}
    other = english.model_copy(update={"reason": reasons})
    said = explain(rejected(Reason.IDENTITY_RISK), BALANCED, other)
    assert said.reasons == ("<IDENTITY_RISK>",)
    assert said.summary == "REJECT: <IDENTITY_RISK>"


def model(**changed) -> RiskModel:
    parts = {
        "embedder": "fake",
        "assessor": "fake",
        "risk": LinearModel(2.0, {"cosine_similarity": -4.0, "landmark_shift": 30.0}),
        "source": LinearModel(0.0, {}),
        "fidelity": LinearModel(0.0, {}),
        "typical": {"cosine_similarity": 0.5, "landmark_shift": 0.1},
    }
    return RiskModel(**(parts | changed))


def test_attributions_and_the_typical_face_add_up_to_the_log_odds():
    fitted, features = model(), {"cosine_similarity": 0.1, "landmark_shift": 0.05}
    parts = fitted.attributions(features)
    assert [part.feature for part in parts] == ["cosine_similarity", "landmark_shift"]
    assert [part.log_odds for part in parts] == pytest.approx([1.6, -1.5])
    total = fitted.risk.value(fitted.typical) + sum(part.log_odds for part in parts)
    assert total == pytest.approx(fitted.risk.value(features))


def test_a_typical_face_moves_nothing():
    assert all(part.log_odds == 0 for part in model().attributions(model().typical))


def test_without_typical_values_a_middling_face_is_taken():
    parts = model(typical={}).attributions({"cosine_similarity": 0.94, "landmark_shift": 0.03})
    assert all(part.log_odds == pytest.approx(0, abs=1e-9) for part in parts)
