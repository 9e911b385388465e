"""A verdict in words: built from reason codes and numbers, in the words of one catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Final

from .counterfactual import Counterfactual, OtherDecision, counterfactual, round_down, round_up
from .phrasebook import Phrasebook, load_phrases
from .policy import Policy
from .rules import drop_limit
from .verdict import Decision, Evidence, Reason, Verdict

__all__ = [
    "DRIVERS_SHOWN",
    "NAMED_DRIFT",
    "Explanation",
    "changed_regions",
    "explain",
    "outcome_sentence",
]

DRIVERS_SHOWN: Final = 2
"""How many features that moved the risk are named."""
NAMED_DRIFT: Final = 0.2
"""Drift from which on a region is named: of restorations that kept the person, few reach it."""
_PERCENT: Final = "{:.{}f} %"
_SIGNED: Final = "{:+.{}f}"
_MOST_DECIMALS: Final = 4
_COLOUR_PART: Final = 0.6
"""Share of a region's drift from which on it is called one of colour."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict for people.

    Attributes:
        summary: Decision and reasons in one sentence.
        outcome: What became of the face, in one sentence.
        reasons: One line a reason, with its numbers, most important first.
        drivers: What moved the identity risk most, beside a typical face.
        otherwise: What would have to differ for another decision.
        changes: The regions of the face that depart from the input, the furthest first.
    """

    summary: str
    outcome: str
    reasons: tuple[str, ...]
    drivers: tuple[str, ...]
    otherwise: tuple[str, ...]
    changes: tuple[str, ...] = ()


def explain(verdict: Verdict, policy: Policy, phrases: Phrasebook | None = None) -> Explanation:
    """Put a verdict into words.

    Args:
        verdict: The decision with its evidence.
        policy: Under which it was made.
        phrases: In which language; English by default.
    """
    words = phrases or load_phrases()
    numbers = _numbers(verdict, policy)
    findings = counterfactual(verdict, policy)
    return Explanation(
        summary=verdict.sentence_in(words),
        outcome=outcome_sentence(verdict, words),
        reasons=tuple(_reason(reason, numbers, words) for reason in verdict.reasons),
        drivers=tuple(_drivers(verdict.evidence, words)),
        otherwise=tuple(_otherwise(findings, verdict, policy, words)) if findings else (),
        changes=changed_regions(verdict.evidence, words),
    )


def outcome_sentence(verdict: Verdict, phrases: Phrasebook | None = None) -> str:
    """What became of the face, in one sentence."""
    words = phrases or load_phrases()
    if Reason.OBSERVE_ONLY in verdict.reasons:
        return words.say("observed_outcome")
    mixture = verdict.mixture or words.say("unnamed_mixture")
    share = f"{100 * verdict.blend:.0f} %"
    return words.decision[verdict.decision.value].outcome.format(mixture=mixture, share=share)


def changed_regions(
    evidence: Evidence | None, phrases: Phrasebook | None = None
) -> tuple[str, ...]:
    """The regions of the face that depart from the input, the furthest first, one line each."""
    if evidence is None or evidence.region_drift is None:
        return ()
    words, drift = phrases or load_phrases(), evidence.region_drift
    colours = evidence.region_colour_drift
    changed = sorted(
        (name for name in drift if drift[name] >= NAMED_DRIFT), key=lambda n: -drift[n]
    )
    return tuple(
        words.say(
            "region_colour"
            if colours is not None and colours[name] >= _COLOUR_PART * drift[name]
            else "region_shape",
            region=words.region[name],
            drift=f"{drift[name]:.2f}",
        )
        for name in changed
    )


def _percent(value: float) -> str:
    return _PERCENT.format(100 * value, 1)


def _beside(names: tuple[str, str], value: float, limit: float, form: str) -> dict[str, str]:
    """A number and its limit, by their names, in as many decimals as show which is larger."""
    told = ("", "")
    for decimals in range(1, _MOST_DECIMALS + 1):
        told = form.format(value, decimals), form.format(limit, decimals)
        if told[0] != told[1] or value == limit:
            break
    return dict(zip(names, told, strict=True))


def _numbers(verdict: Verdict, policy: Policy) -> dict[str, str]:
    """Every number that a reason may name, as text; only what was measured."""
    evidence, mixed = verdict.evidence, verdict.guarded
    if evidence is None:
        return {}
    risk, max_risk = evidence.identity_risk, policy.max_identity_risk
    numbers = {
        **_beside(("risk", "max_risk"), 100 * risk, 100 * max_risk, _PERCENT),
        "overall_before": f"{evidence.lq_scores.overall:.0f}",
        "overall_after": f"{evidence.hq_scores.overall:.0f}",
        **_beside(("gain", "min_gain"), evidence.overall_gain, policy.min_overall_gain, _SIGNED),
        "fidelity": f"{evidence.fidelity_given_source:.1f}",
        "fidelity_before": f"{evidence.lq_scores.fidelity:.1f}",
        "max_loss": f"{policy.max_fidelity_loss:.1f}",
        **_beside(
            ("identifiable", "min_identifiable"),
            100 * evidence.source_identifiable,
            100 * policy.min_source_identifiable,
            _PERCENT,
        ),
        "consistency": f"{evidence.consistency:.3f}",
        "min_consistency": f"{policy.min_consistency:.3f}",
        "shift": f"{evidence.landmark_shift:.3f}",
        "max_shift": f"{policy.max_landmark_shift:.3f}",
    }
    if evidence.drop_risk is not None:
        drop, most = 100 * evidence.drop_risk, 100 * drop_limit(evidence, policy)
        numbers |= _beside(("drop_risk", "max_drop_risk"), drop, most, _PERCENT)
    if mixed is not None:
        numbers["mixture_risk"] = _percent(mixed.identity_risk)
        numbers["mixture_fidelity"] = f"{mixed.hq_scores.fidelity:.0f}"
        numbers["mixture_overall"] = f"{mixed.hq_scores.overall:.0f}"
    if verdict.tried is not None:
        numbers["mixtures"] = str(len(verdict.tried))
    return numbers


def _reason(reason: Reason, numbers: dict[str, str], phrases: Phrasebook) -> str:
    entry = phrases.reason[reason.value]
    if entry.numbers is None:
        return entry.words
    asked = {name for _, name, _, _ in Formatter().parse(entry.numbers) if name}
    if not asked <= numbers.keys():
        return entry.words
    return phrases.say("with_numbers", words=entry.words, numbers=entry.numbers.format(**numbers))


def _drivers(evidence: Evidence | None, phrases: Phrasebook) -> Iterator[str]:
    for part in evidence.attributions[:DRIVERS_SHOWN] if evidence else ():
        if part.log_odds == 0:
            continue
        entry = phrases.feature[part.feature]
        raises = part.log_odds > 0
        yield phrases.say(
            "driver_raises" if raises else "driver_lowers",
            feature=entry.raises if raises else entry.lowers,
            log_odds=f"{part.log_odds:+.1f}",
        )


def _otherwise(
    findings: Counterfactual, verdict: Verdict, policy: Policy, phrases: Phrasebook
) -> Iterator[str]:
    limit = f"{policy.max_identity_risk:.2f}"
    decided = verdict.proposed or verdict.decision
    at_risk, blend_risk = findings.accept_at_risk, findings.blend_at_risk
    if at_risk is None:
        faults = "; ".join(phrases.reason[fault.value].words for fault in findings.other_faults)
        yield phrases.say("accept_never", reasons=faults)
    elif decided is not Decision.ACCEPT:
        yield phrases.say("accept_below", risk=f"{round_up(at_risk, 2):.2f}", limit=limit)
    elif round_down(at_risk, 2) > 0:
        yield phrases.say("refuse_below", risk=f"{round_down(at_risk, 2):.2f}", limit=limit)
    if decided is Decision.REJECT and blend_risk is not None:
        yield phrases.say("blend_below", risk=f"{round_up(blend_risk, 2):.2f}", limit=limit)
    for other in findings.elsewhere:
        yield _elsewhere(other, phrases)


def _elsewhere(other: OtherDecision, phrases: Phrasebook) -> str:
    key = {
        Decision.ACCEPT: "under_accept",
        Decision.BLEND: "under_blend",
        Decision.REJECT: "under_reject",
        None: "under_unmeasured",
    }[other.decision]
    return phrases.say(key, policy=other.policy, share=f"{other.blend:.2f}")
