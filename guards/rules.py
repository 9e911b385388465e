"""The rules that turn evidence into faults: pure functions of numbers and thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .policy import Policy
from .verdict import LEAST_BLEND, Decision, Evidence, Reason, TriedMixture, Verdict

__all__ = ["accept_faults", "best_mixture", "may_blend", "merit"]

_RANK: Final = {Decision.ACCEPT: 3, Decision.BLEND: 2, Decision.REJECT: 1}


def _identity_faults(evidence: Evidence, policy: Policy) -> tuple[Reason, ...]:
    fidelity_loss = evidence.lq_scores.fidelity - evidence.fidelity_given_source
    checks = (
        (
            evidence.source_identifiable < policy.min_source_identifiable,
            Reason.UNSUPPORTED_DETAIL,
        ),
        (evidence.identity_risk > policy.max_identity_risk, Reason.IDENTITY_RISK),
        (
            evidence.drop_risk is not None and evidence.drop_risk > policy.max_drop_risk,
            Reason.IDENTITY_WEAKENED,
        ),
        (fidelity_loss > policy.max_fidelity_loss, Reason.FIDELITY_FELL),
        (evidence.consistency < policy.min_consistency, Reason.INCONSISTENT_WITH_SOURCE),
        (evidence.landmark_shift > policy.max_landmark_shift, Reason.LANDMARKS_MOVED),
        (
            evidence.references is not None
            and evidence.references.drop > policy.max_reference_drop,
            Reason.REFERENCE_CONTRADICTS,
        ),
    )
    return tuple(reason for broken, reason in checks if broken)


def accept_faults(evidence: Evidence, policy: Policy) -> tuple[Reason, ...]:
    """Why a face with this evidence may not be delivered, worst first; empty means it may."""
    faults = _identity_faults(evidence, policy)
    if evidence.overall_gain < policy.min_overall_gain:
        faults = (*faults, Reason.NO_QUALITY_GAIN)
    return faults


def may_blend(faults: Sequence[Reason]) -> bool:
    """Whether a mixture may help; where the input identifies nobody, it may not."""
    return Reason.UNSUPPORTED_DETAIL not in faults


def best_mixture(tried: Sequence[TriedMixture], policy: Policy) -> int | None:
    """Index of the mixture with the highest overall among those without fault, None without one."""
    passing = [
        index
        for index, one in enumerate(tried)
        if one.blend >= LEAST_BLEND and not accept_faults(one.evidence, policy)
    ]
    if not passing:
        return None
    return max(passing, key=lambda index: tried[index].evidence.hq_scores.overall)


def merit(verdict: Verdict) -> tuple[int, float]:
    """What decides between candidates; the largest wins, of equals the first.

    An accepted restoration comes before a mixture, a mixture before a refusal, a refusal before
    a failure. Among the first two the highest overall of what is delivered wins, among refusals
    the least identity risk. Where the policy only observes, what it proposes counts.
    """
    decided = verdict.proposed or verdict.decision
    rank, evidence = _RANK.get(decided, 0), verdict.evidence
    if evidence is None:
        return rank, 0.0
    if decided is Decision.REJECT:
        return rank, -evidence.identity_risk
    return rank, (verdict.guarded or evidence).hq_scores.overall
