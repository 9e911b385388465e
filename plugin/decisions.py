"""Decisions as plain records: one per face, for `decisions.jsonl`, JSON output and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..core.faces import AlignedFace
from ..guards.verdict import Evidence, Verdict
from .results import AssessedFace, GuardedFace

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
    "consistency",
    "landmark_shift",
)


def _place(face: AlignedFace) -> dict[str, Any]:
    return {
        "box": [round(value, 1) for value in face.box],
        "landmarks": [[round(x, 1), round(y, 1)] for x, y in face.landmarks.tolist()],
        "landmark_scheme": face.scheme.value,
        "width_px": round(face.width_px, 1),
        "detector_confidence": round(face.detector_confidence, 3),
    }


def _measurements(evidence: Evidence | None) -> dict[str, Any]:
    """The numbers under their names; all None where nothing was measured."""
    if evidence is None:
        return dict.fromkeys(_MEASUREMENTS)
    probability = evidence.probability_same
    measured = {
        "scores_before": evidence.lq_scores.as_dict(),
        "scores_after": evidence.hq_scores.as_dict(),
        "cosine_similarity": round(evidence.cosine_similarity, 4),
        "probability_same": None if probability is None else round(probability, 4),
        "embedder": evidence.embedder,
        "fidelity_given_source": round(evidence.fidelity_given_source, 2),
        "source_identifiable": round(evidence.source_identifiable, 4),
        "identity_state": evidence.identity_state.value,
        "identity_risk": round(evidence.identity_risk, 4),
        "consistency": round(evidence.consistency, 4),
        "landmark_shift": round(evidence.landmark_shift, 4),
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


def decision_record(
    path: str, index: int, guarded: GuardedFace, provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """One line of `decisions.jsonl`.

    Args:
        path: The input picture's path.
        index: Number of the face in its picture, largest first.
        guarded: The face and its verdict.
        provenance: `Guard.provenance()`.
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
        **provenance,
    }


def comparison_record(
    before: str, after: str, index: int, guarded: GuardedFace, provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """One line of `compare`: two pictures, one face, one verdict; arguments as above."""
    return {
        "before": before,
        "after": after,
        "face": index,
        **_place(guarded.face),
        **_verdict_record(guarded.verdict),
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
