"""The rules that turn evidence into faults: pure functions of numbers and thresholds."""

from __future__ import annotations

from .policy import Policy
from .verdict import Evidence, Reason

__all__ = ["accept_faults"]


def _identity_faults(evidence: Evidence, policy: Policy) -> tuple[Reason, ...]:
    fidelity_loss = evidence.lq_scores.fidelity - evidence.fidelity_given_source
    checks = (
        (
            evidence.source_identifiable < policy.min_source_identifiable,
            Reason.UNSUPPORTED_DETAIL,
        ),
        (evidence.identity_risk > policy.max_identity_risk, Reason.IDENTITY_RISK),
        (fidelity_loss > policy.max_fidelity_loss, Reason.FIDELITY_FELL),
        (evidence.consistency < policy.min_consistency, Reason.INCONSISTENT_WITH_SOURCE),
        (evidence.landmark_shift > policy.max_landmark_shift, Reason.LANDMARKS_MOVED),
    )
    return tuple(reason for broken, reason in checks if broken)


def accept_faults(evidence: Evidence, policy: Policy) -> tuple[Reason, ...]:
    """Why a face with this evidence may not be delivered, worst first; empty means it may."""
    faults = _identity_faults(evidence, policy)
    if evidence.overall_gain < policy.min_overall_gain:
        faults = (*faults, Reason.NO_QUALITY_GAIN)
    return faults
