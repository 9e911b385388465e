"""Decisions as plain records: one per face, for `decisions.jsonl`, JSON output and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.faces import AlignedFace
from ..guards.counterfactual import counterfactual, round_up
from ..guards.explanation import explain
from ..guards.findings import ReferenceMatch, RegionDrift
from ..guards.policy import Policy
from ..guards.verdict import Evidence, Verdict
from .results import AssessedFace, Attempt, GuardedFace

__all__ = ["absent_record", "assessment_record", "comparison_record", "decision_record"]


_MEASUREMENTS: Final = (
    "scores_before",
    "scores_after",
    "cosine_similarity",
    "probability_same",
    "embedder",
    "fidelity_given_source",
    "source_identifiable",
    "identity_state",
    "identity_risk",
    "drop_risk",
    "consistency",
    "landmark_shift",
    "roll_change_degrees",
    "yaw_change",
    "region_drift",
    "region_colour_drift",
    "references",
)


def _place(face: AlignedFace) -> dict[str, Any]:
    return {
        "box": [round(value, 1) for value in face.box],
        "landmarks": [[round(x, 1), round(y, 1)] for x, y in face.landmarks.tolist()],
        "landmark_scheme": face.scheme.value,
        "width_px": round(face.width_px, 1),
        "detector_confidence": round(face.detector_confidence, 3),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _regions(drift: RegionDrift | None) -> dict[str, float] | None:
    return None if drift is None else {name: round(value, 3) for name, value in drift.items()}


def _references(match: ReferenceMatch | None) -> dict[str, Any] | None:
    if match is None:
        return None
    return {
        "pictures": match.pictures,
        "cosine_before": round(match.lq_cosine, 4),
        "cosine_after": round(match.hq_cosine, 4),
        "probability_before": round(match.lq_probability, 4),
        "probability_after": round(match.hq_probability, 4),
        "embedder": match.embedder,
    }


def _measurements(evidence: Evidence | None) -> dict[str, Any]:
    """The numbers under their names; all None where nothing was measured."""
    if evidence is None:
        return dict.fromkeys(_MEASUREMENTS)
    measured = {
        "scores_before": evidence.lq_scores.as_dict(),
        "scores_after": evidence.hq_scores.as_dict(),
        "cosine_similarity": round(evidence.cosine_similarity, 4),
        "probability_same": _rounded(evidence.probability_same),
        "embedder": evidence.embedder,
        "fidelity_given_source": round(evidence.fidelity_given_source, 2),
        "source_identifiable": round(evidence.source_identifiable, 4),
        "identity_state": evidence.identity_state.value,
        "identity_risk": round(evidence.identity_risk, 4),
        "drop_risk": _rounded(evidence.drop_risk),
        "consistency": round(evidence.consistency, 4),
        "landmark_shift": round(evidence.landmark_shift, 4),
        "roll_change_degrees": _rounded(evidence.roll_change_degrees),
        "yaw_change": _rounded(evidence.yaw_change),
        "region_drift": _regions(evidence.region_drift),
        "region_colour_drift": _regions(evidence.region_colour_drift),
        "references": _references(evidence.references),
    }
    return {name: measured[name] for name in _MEASUREMENTS}


def _verdict_record(verdict: Verdict) -> dict[str, Any]:
    """Measurements, decision and reasons of one verdict as plain data."""
    return {
        **_measurements(verdict.evidence),
        "decision": verdict.decision.value,
        "blend": round(verdict.blend, 4),
        "mixture": verdict.mixture,
        "proposed": verdict.proposed.value if verdict.proposed else None,
        "guarded": _measurements(verdict.guarded) if verdict.guarded else None,
        "reasons": [reason.value for reason in verdict.reasons],
        "policy": verdict.policy,
        "detail": verdict.detail,
    }


def _explanation_record(verdict: Verdict, policy: Policy) -> dict[str, Any]:
    """The verdict for people, and what would have to differ, as plain data."""
    said, findings = explain(verdict, policy), counterfactual(verdict, policy)
    parts = verdict.evidence.attributions if verdict.evidence else ()
    return {
        "explanation": {
            "summary": said.summary,
            "reasons": list(said.reasons),
            "drivers": list(said.drivers),
            "changes": list(said.changes),
            "otherwise": list(said.otherwise),
        },
        "attributions": {part.feature: round(part.log_odds, 3) for part in parts},
        "counterfactual": findings
        and {
            "accept_at_risk": _up(findings.accept_at_risk),
            "blend_at_risk": _up(findings.blend_at_risk),
            "other_faults": [fault.value for fault in findings.other_faults],
            "policies": {
                one.policy: {
                    "decision": one.decision and one.decision.value,
                    "blend": round(one.blend, 4),
                    "mixture": one.mixture,
                }
                for one in findings.elsewhere
            },
        },
    }


def _up(risk: float | None) -> float | None:
    """Four digits, and still a limit at which the decision is the one that is named."""
    return None if risk is None else min(1.0, round_up(risk, 4))


def _attempt_record(attempt: Attempt) -> dict[str, Any]:
    """One candidate's verdict in short."""
    verdict = attempt.verdict
    evidence, delivered = verdict.evidence, verdict.guarded or verdict.evidence
    return {
        "restorer": attempt.restorer,
        "settings": attempt.settings,
        "seconds": round(attempt.seconds, 3),
        "decision": verdict.decision.value,
        "proposed": verdict.proposed.value if verdict.proposed else None,
        "blend": round(verdict.blend, 4),
        "mixture": verdict.mixture,
        "overall": evidence and round(evidence.hq_scores.overall, 2),
        "overall_delivered": delivered and round(delivered.hq_scores.overall, 2),
        "identity_risk": evidence and round(evidence.identity_risk, 4),
        "identity_state": evidence and evidence.identity_state.value,
        "reasons": [reason.value for reason in verdict.reasons],
        "detail": verdict.detail,
        "chosen": attempt.chosen,
    }


def decision_record(
    path: str,
    index: int,
    guarded: GuardedFace,
    provenance: Mapping[str, Any],
    policy: Policy,
) -> dict[str, Any]:
    """One line of `decisions.jsonl`.

    Args:
        path: The input picture's path.
        index: Number of the face in its picture, largest first.
        guarded: The face and its verdict.
        provenance: `Guard.provenance()`.
        policy: Under which was decided.
    """
    seconds = guarded.restoration.seconds if guarded.restoration else None
    return {
        "path": path,
        "face": index,
        **_place(guarded.face),
        **_verdict_record(guarded.verdict),
        "restorer": guarded.restorer,
        "settings": guarded.settings,
        "seconds": None if seconds is None else round(seconds, 3),
        "candidates": [_attempt_record(attempt) for attempt in guarded.attempts],
        **_explanation_record(guarded.verdict, policy),
        "delivered": guarded.decision.value,
        "override": guarded.override and guarded.override.as_record(),
        **provenance,
    }


def comparison_record(
    before: str,
    after: str,
    index: int,
    guarded: GuardedFace,
    provenance: Mapping[str, Any],
    policy: Policy,
) -> dict[str, Any]:
    """One line of `compare`: two pictures, one face, one verdict; arguments as above."""
    return {
        "before": before,
        "after": after,
        "face": index,
        **_place(guarded.face),
        **_verdict_record(guarded.verdict),
        **_explanation_record(guarded.verdict, policy),
        **provenance,
    }


def assessment_record(path: str, index: int, assessed: AssessedFace) -> dict[str, Any]:
    """One line of `assess`."""
    scores = assessed.scores
    return {
        "path": path,
        "face": index,
        **_place(assessed.face),
        "scores": scores.as_dict() if scores else None,
        "problem": assessed.problem,
    }


def absent_record(path: str) -> dict[str, Any]:
    """The line of `assess` for a picture in which no face was found."""
    nowhere = dict.fromkeys(("box", "landmarks", "landmark_scheme", "width_px"))
    return {
        "path": path,
        "face": None,
        **nowhere,
        "detector_confidence": None,
        "scores": None,
        "problem": "no face found",
    }
