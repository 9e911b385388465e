"""What would have to differ for another decision, from numbers that were measured already.

Pure functions of evidence, tried mixtures and thresholds: no restorer, assessor or embedder runs
again, and a policy with the threshold that is named here makes `FaceJudge` decide as it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .policy import Policy, load_policy, policy_names
from .rules import accept_faults, best_mixture, may_blend, mixture_faults
from .verdict import LEAST_BLEND, Decision, Evidence, Reason, TriedMixture, Verdict

__all__ = [
    "Counterfactual",
    "OtherDecision",
    "accept_at_risk",
    "blend_at_risk",
    "counterfactual",
    "decide_under",
    "round_down",
    "round_up",
]


@dataclass(frozen=True, slots=True)
class OtherDecision:
    """What another policy makes of the same measurements.

    Attributes:
        policy: Its name.
        decision: ACCEPT, BLEND or REJECT; None where the restoration would not be accepted whole
            and whether a mixture passes was not measured.
        blend: Share of HQ's change that would be delivered, 0..1.
        mixture: Name of the mixture, None without one.
    """

    policy: str
    decision: Decision | None
    blend: float = 0.0
    mixture: str | None = None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would have to differ.

    Attributes:
        accept_at_risk: Least `max_identity_risk` at which the restoration is accepted, all else
            equal; None where something else stands in the way.
        blend_at_risk: Least `max_identity_risk` at which a measured mixture is delivered, all
            else equal; None where there is none, or the restoration is accepted before.
        other_faults: What stands in the way of acceptance beside the risk.
        elsewhere: Shipped policies that decide otherwise.
    """

    accept_at_risk: float | None
    blend_at_risk: float | None
    other_faults: tuple[Reason, ...]
    elsewhere: tuple[OtherDecision, ...]


def accept_at_risk(evidence: Evidence, policy: Policy) -> float | None:
    """Least ``max_identity_risk`` in 0..1 at which HQ is accepted; None if risk is not all."""
    return None if _other_faults(evidence, policy) else evidence.identity_risk


def blend_at_risk(
    evidence: Evidence, tried: Sequence[TriedMixture] | None, policy: Policy
) -> float | None:
    """Least ``max_identity_risk`` in 0..1 at which a mixture is delivered.

    Args:
        evidence: Of HQ.
        tried: The measured mixtures, None where none was measured.
        policy: Whose other thresholds stay.
    """
    if not may_blend(evidence, policy):
        return None
    risks = [_asked_risk(one, policy) for one in tried or () if _passes_but_for_risk(one, policy)]
    whole = accept_at_risk(evidence, policy)
    if not risks or (whole is not None and min(risks) >= whole):
        return None
    return min(risks)


def decide_under(
    evidence: Evidence, tried: Sequence[TriedMixture] | None, policy: Policy
) -> OtherDecision:
    """What a policy makes of these measurements, whether or not it changes pixels.

    Args:
        evidence: Of HQ.
        tried: The measured mixtures, None where none was measured.
        policy: Whose thresholds apply.
    """
    faults = accept_faults(evidence, policy)
    if not faults:
        return OtherDecision(policy.name, Decision.ACCEPT, 1.0)
    if not may_blend(evidence, policy):
        return OtherDecision(policy.name, Decision.REJECT)
    if tried is None:
        return OtherDecision(policy.name, None)
    best = best_mixture(tried, policy)
    if best is None:
        return OtherDecision(policy.name, Decision.REJECT)
    return OtherDecision(policy.name, Decision.BLEND, tried[best].blend, tried[best].name)


def counterfactual(verdict: Verdict, policy: Policy) -> Counterfactual | None:
    """Say what would have to differ for another decision; None where nothing was measured.

    Args:
        verdict: The decision with its evidence.
        policy: Under which it was made.
    """
    evidence, tried = verdict.evidence, verdict.tried
    if evidence is None:
        return None
    decided = verdict.proposed or verdict.decision
    others = (decide_under(evidence, tried, other) for other in _deciding_policies())
    return Counterfactual(
        accept_at_risk=accept_at_risk(evidence, policy),
        blend_at_risk=blend_at_risk(evidence, tried, policy),
        other_faults=_other_faults(evidence, policy),
        elsewhere=tuple(
            one for one in others if one.policy != policy.name and one.decision is not decided
        ),
    )


def round_up(value: float, digits: int) -> float:
    """Round so that the result is not below the value."""
    rounded = round(value, digits)
    return rounded if rounded >= value else round(rounded + 10.0**-digits, digits)


def round_down(value: float, digits: int) -> float:
    """Round so that the result is not above the value."""
    return -round_up(-value, digits)


def _other_faults(evidence: Evidence, policy: Policy) -> tuple[Reason, ...]:
    faults = accept_faults(evidence, policy)
    return tuple(fault for fault in faults if fault is not Reason.IDENTITY_RISK)


def _passes_but_for_risk(one: TriedMixture, policy: Policy) -> bool:
    faults = mixture_faults(one, policy)
    return one.blend >= LEAST_BLEND and set(faults) <= {Reason.IDENTITY_RISK}


def _asked_risk(one: TriedMixture, policy: Policy) -> float:
    """The risk that a limit has to admit; 0 where the rules do not ask it of this mixture."""
    strictest = policy.model_copy(update={"max_identity_risk": 0.0})
    asked = Reason.IDENTITY_RISK in mixture_faults(one, strictest)
    return one.evidence.identity_risk if asked else 0.0


@lru_cache(maxsize=1)
def _deciding_policies() -> tuple[Policy, ...]:
    """The shipped policies that change pixels, from the most to the least lenient."""
    shipped = (load_policy(name) for name in policy_names())
    deciding = [policy for policy in shipped if policy.changes_pixels]
    return tuple(sorted(deciding, key=lambda policy: -policy.max_identity_risk))
