"""One face's verdict in words, at once for any policy: from what was measured, nothing runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..guards.decision import decide
from ..guards.explanation import outcome_sentence
from ..guards.policy import Policy
from ..guards.verdict import Decision, Evidence, Verdict
from ..plugin.report.cards import badge, face_facts
from ..plugin.report.heatmap import drift_section
from ..plugin.report.identity import identity_section
from ..plugin.report.markup import Markup, join, tag
from ..plugin.report.measures import measures_table
from ..plugin.report.reasons import reasons
from ..plugin.results import GuardedFace
from .figures import region_bars

__all__ = ["Words", "drift_words", "measured_words", "verdict_under", "verdict_words"]

_UNMEASURED: Final = (
    "Not accepted whole at this limit. Whether a mixture passes was not measured; "
    "“Deliver under this limit” measures it."
)
_PREVIEW: Final = "Preview. Picture, downloads and record still follow {policy}."


@dataclass(frozen=True, slots=True)
class Words:
    """The two parts of a card that follow the policy."""

    head: Markup
    why: Markup


def verdict_under(one: GuardedFace, policy: Policy) -> Verdict | None:
    """What a policy makes of a face; None where it would take a mixture that was not measured.

    Args:
        one: The face, judged.
        policy: Whose thresholds apply.
    """
    if one.verdict.evidence is None or one.verdict.policy == policy.name:
        return one.verdict
    return decide(one.verdict.evidence, one.verdict.tried, policy)


def verdict_words(one: GuardedFace, number: int, policy: Policy) -> Words:
    """Badge, outcome, reasons and identity of one face under a policy.

    Args:
        one: The face, judged.
        number: Its number in the picture, from 1.
        policy: Whose thresholds apply; another one than it was judged by makes a preview.
    """
    verdict = verdict_under(one, policy)
    note = Markup()
    if verdict is not one.verdict:
        said = _PREVIEW.format(policy=one.verdict.policy)
        note = tag("p", said, class_="moved", role="status")
    title = tag("h3", f"Face {number}")
    if verdict is None:
        mark = tag("span", "NOT MEASURED", class_="badge tone-NOT_ASSESSABLE")
        head = tag("div", title, mark, tag("p", _UNMEASURED, class_="outcome"), class_="face-head")
        return Words(join([head, note]), _identity(one.verdict.evidence, None, policy))
    outcome = tag("p", outcome_sentence(verdict), class_="outcome")
    head = tag("div", title, badge(verdict.decision.value), outcome, class_="face-head")
    why = [_identity(verdict.evidence, verdict.guarded, policy), reasons(verdict, policy)]
    return Words(join([head, note]), join(why))


def _identity(evidence: Evidence | None, guarded: Evidence | None, policy: Policy) -> Markup:
    """Risk against the limit; the similarity as a probability, with the raw number beside it."""
    if evidence is None:
        return Markup()
    return join([identity_section(evidence, guarded, policy), _similarity(evidence, guarded)])


def _similarity(evidence: Evidence, guarded: Evidence | None) -> Markup:
    rows = [_similarity_row("Restored", evidence)]
    if guarded is not None:
        rows.append(_similarity_row("Delivered", guarded))
    return tag("dl", *rows, class_="facts similarity")


def _similarity_row(name: str, evidence: Evidence) -> Markup:
    same = evidence.probability_same
    said = "not calibrated" if same is None else f"same person {100 * same:.1f} %"
    raw = f"cosine {evidence.cosine_similarity:.3f}, {evidence.embedder}"
    value = join([tag("strong", said), " ", tag("span", raw, class_="note")])
    return tag("div", tag("dt", name), tag("dd", value))


def drift_words(one: GuardedFace, whose: str) -> tuple[Markup, Markup]:
    """Where the restoration departs from the input: heat map, and bars by region."""
    evidence = one.verdict.evidence
    bars = region_bars(evidence) if evidence is not None else Markup()
    return drift_section(one, whose), bars


def measured_words(one: GuardedFace, policy: Policy) -> Markup:
    """Every measurement beside what the policy asks, and how the face was made."""
    verdict = one.verdict
    facts = face_facts(one.face, one.restoration)
    judged = verdict.decision not in {Decision.FAILED, Decision.NOT_ASSESSABLE}
    if verdict.evidence is None or not judged:
        return facts
    return join([facts, measures_table(verdict.evidence, verdict.guarded, policy)])
