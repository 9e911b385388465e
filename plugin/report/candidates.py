"""The candidates of one face side by side: what each gave, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..results import Attempt
from .markup import Markup, join, tag
from .reasons import shorten
from .wording import LABELS

__all__ = ["candidates_table"]

_LABEL_LIMIT: Final = 120
_DETAIL_LIMIT: Final = 200
_COLUMNS: Final = ("Candidate", "Decision", "Overall", "Delivered", "Identity risk", "Seconds")


def candidates_table(attempts: Sequence[Attempt]) -> Markup:
    """Lay out every candidate's turn; nothing where there was only one.

    Args:
        attempts: In the order of the candidates.
    """
    if len(attempts) < 2:
        return Markup()
    head = join(tag("th", name, scope="col") for name in _COLUMNS)
    total = sum(attempt.seconds for attempt in attempts)
    foot = tag("tr", tag("th", "All", scope="row", colspan=5), _number(f"{total:.2f}"))
    table = tag(
        "table",
        tag("thead", tag("tr", head)),
        tag("tbody", *(_row(attempt) for attempt in attempts), foot),
        class_="measures candidates",
    )
    scroll = {"tabindex": "0", "role": "region", "aria_label": "Candidates"}
    return join([tag("h4", "Candidates"), tag("div", table, class_="scroll", **scroll)])


def _number(text: str) -> Markup:
    return tag("td", text, class_="number")


def _row(attempt: Attempt) -> Markup:
    verdict = attempt.verdict
    evidence, mixed = verdict.evidence, verdict.guarded
    mark = join([" ", tag("span", "chosen", class_="chosen")]) if attempt.chosen else Markup()
    note = shorten(verdict.detail or verdict.mixture or "", _DETAIL_LIMIT)
    name = tag(
        "th",
        shorten(attempt.label, _LABEL_LIMIT),
        mark,
        tag("span", note, class_="note") if note else Markup(),
        scope="row",
    )
    decided = LABELS[(verdict.proposed or verdict.decision).value]
    cells = ["", "", ""]
    if evidence is not None:
        before, after = evidence.lq_scores.overall, evidence.hq_scores.overall
        risks = [one.identity_risk for one in (evidence, mixed) if one is not None]
        shown = " → ".join(f"{100 * risk:.1f} %" for risk in risks)
        cells = [f"{before:.0f} → {after:.0f}", "", shown]
        if verdict.blend > 0:
            cells[1] = f"{(mixed or evidence).hq_scores.overall:.0f}"
    cells.append(f"{attempt.seconds:.2f}")
    return tag("tr", name, tag("td", decided, class_="asks"), *map(_number, cells))
