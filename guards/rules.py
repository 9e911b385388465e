"""The rules that turn evidence into faults: pure functions of numbers and thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .policy import Policy
from .verdict import (
    LEAST_BLEND,
    Decision,
    Evidence,
    IdentityState,
    Reason,
    TriedMixture,
    Verdict,
)

__all__ = [
    "accept_faults",
    "best_mixture",
    "drop_limit",
    "may_blend",
    "merit",
    "mixture_faults",
]

_CONTRADICTIONS: Final = frozenset(
    {
        Reason.INCONSISTENT_WITH_SOURCE,
        Reason.LANDMARKS_MOVED,
        Reason.REFERENCE_CONTRADICTS,
    }
)
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
            evidence.drop_risk is not None and evidence.drop_risk > drop_limit(evidence, policy),
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


def drop_limit(evidence: Evidence, policy: Policy) -> float:
    """Largest drop risk at which this face may be delivered: the policy's, or what its gain pays.

    Args:
        evidence: Says how much overall rises.
        policy: Says what a drop costs (`drop_price`), and the most that may be risked at all.
    """
    if policy.drop_price == 0:
        return policy.max_drop_risk
    return min(policy.max_drop_risk, max(evidence.overall_gain, 0.0) / policy.drop_price)


def may_blend(evidence: Evidence, policy: Policy) -> bool:
    """Whether a mixture may help, from the evidence of HQ.

    Where the input identifies nobody it may only under a policy that lets such faces be cleaned up,
    and only where HQ does not contradict what was measured: from such a restoration there is
    nothing to take, and no embedder that could tell.
    """
    faults, nobody = accept_faults(evidence, policy), _identifies_nobody(evidence)
    if nobody and _CONTRADICTIONS.intersection(faults):
        return False
    may_clean = nobody and policy.max_invented_fidelity is not None
    return may_clean or Reason.UNSUPPORTED_DETAIL not in faults


def mixture_faults(mixture: TriedMixture, policy: Policy) -> tuple[Reason, ...]:
    """Why a mixture may not be delivered, worst first; empty means it may.

    As `accept_faults`, but where the input identifies nobody and the policy lets it be cleaned up:
    there is no identity to lose, so the risk of losing it is not asked. What is asked is that the
    face does not come to look like somebody, not even in parts: its fidelity, without the source,
    may hardly rise, and it may be no patchwork of sharp and other parts.
    """
    faults = accept_faults(mixture.evidence, policy)
    if mixture.patchwork or not _is_clean_up(mixture.evidence, policy):
        return faults
    waived = {Reason.UNSUPPORTED_DETAIL, Reason.IDENTITY_RISK}
    return tuple(fault for fault in faults if fault not in waived)


def _is_clean_up(evidence: Evidence, policy: Policy) -> bool:
    most = policy.max_invented_fidelity
    if most is None or not _identifies_nobody(evidence):
        return False
    return evidence.hq_scores.fidelity - evidence.lq_scores.fidelity <= most


def _identifies_nobody(evidence: Evidence) -> bool:
    return evidence.identity_state is IdentityState.NEVER_THERE


def best_mixture(tried: Sequence[TriedMixture], policy: Policy) -> int | None:
    """Index of the mixture to deliver among those without fault, None without one.

    It is the one of highest overall after the price of its drop risk; of equals the first.
    """
    passing = [
        index
        for index, one in enumerate(tried)
        if one.blend >= LEAST_BLEND and not mixture_faults(one, policy)
    ]
    if not passing:
        return None

    def worth(index: int) -> float:
        evidence = tried[index].evidence
        return evidence.hq_scores.overall - policy.drop_price * (evidence.drop_risk or 0.0)

    return max(passing, key=worth)


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
