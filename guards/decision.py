"""The verdict that follows from evidence under a policy: a pure function, whoever measured.

`FaceJudge` decides by it, and so does whoever asks what another threshold would make of the same
measurements; the two cannot come apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, overload

from .policy import Policy
from .rules import accept_faults, best_mixture, may_blend
from .verdict import Decision, Evidence, IdentityState, Reason, TriedMixture, Verdict

__all__ = ["decide"]

_STATE_REASON: Final = {
    IdentityState.KEPT: Reason.IDENTITY_KEPT,
    IdentityState.LOST: Reason.IDENTITY_RISK,
    IdentityState.NEVER_THERE: Reason.UNSUPPORTED_DETAIL,
}


@overload
def decide(evidence: Evidence, tried: Sequence[TriedMixture], policy: Policy) -> Verdict: ...
@overload
def decide(evidence: Evidence, tried: None, policy: Policy) -> Verdict | None: ...
def decide(
    evidence: Evidence, tried: Sequence[TriedMixture] | None, policy: Policy
) -> Verdict | None:
    """Decide on one restoration.

    Args:
        evidence: Of HQ.
        tried: The measured mixtures, None where none was measured.
        policy: Whose thresholds apply.

    Returns:
        The verdict; None where the restoration may not be delivered whole and whether a mixture
        passes was not measured.
    """
    verdict = _decided(evidence, tried, policy)
    if verdict is None:
        return None
    if not policy.changes_pixels:
        verdict = _observed(verdict)
    return _with_references(verdict, evidence)


def _decided(
    evidence: Evidence, tried: Sequence[TriedMixture] | None, policy: Policy
) -> Verdict | None:
    known = None if tried is None else tuple(tried)
    faults = accept_faults(evidence, policy)
    if not faults:
        # Why it may be delivered, and what became of the person all the same.
        merits = (Reason.QUALITY_GAINED, _STATE_REASON[evidence.identity_state])
        return Verdict(Decision.ACCEPT, 1.0, merits, policy.name, evidence, tried=known)
    if not may_blend(evidence, policy):
        return Verdict(Decision.REJECT, 0.0, faults, policy.name, evidence, tried=known)
    if known is None:
        return None
    best = best_mixture(known, policy)
    if best is None:
        reasons = (*faults, Reason.NO_BLEND_WITHIN_RISK)
        return Verdict(Decision.REJECT, 0.0, reasons, policy.name, evidence, tried=known)
    waived = accept_faults(known[best].evidence, policy)
    merit = Reason.CLEANED_UP if waived else Reason.BLEND_WITHIN_RISK
    return Verdict(
        decision=Decision.BLEND,
        blend=known[best].blend,
        reasons=(merit, *faults),
        policy=policy.name,
        evidence=evidence,
        mixture=known[best].name,
        guarded=known[best].evidence,
        tried=known,
    )


def _observed(verdict: Verdict) -> Verdict:
    """The same findings, with nothing changed; what would have been done is kept beside them."""
    return replace(
        verdict,
        decision=Decision.REJECT,
        blend=0.0,
        reasons=(Reason.OBSERVE_ONLY, *verdict.reasons),
        proposed=verdict.decision,
    )


def _with_references(verdict: Verdict, evidence: Evidence) -> Verdict:
    """Say that the reference pictures contradict HQ even where the policy lets that pass."""
    said = Reason.REFERENCE_CONTRADICTS
    if evidence.references is None or not evidence.references.contradicts:
        return verdict
    if said in verdict.reasons:
        return verdict
    return replace(verdict, reasons=(*verdict.reasons, said))
