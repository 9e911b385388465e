"""Why a face was decided so: reasons with their numbers, what moved the risk, what would differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...guards.explanation import explain
from ...guards.policy import Policy
from ...guards.verdict import Verdict
from .markup import Markup, join, tag

__all__ = ["message", "reasons", "shorten"]

_DETAIL_LIMIT: Final = 2000


def shorten(text: str, limit: int) -> str:
    """Cut a text to a bounded length and say how much is left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … ({len(text) - limit} more characters in decisions.jsonl)"


def message(label: str, text: str) -> Markup:
    """Words of others, cut to a bounded length, as they came."""
    said = shorten(text, _DETAIL_LIMIT)
    return tag("pre", said, class_="detail", tabindex="0", role="region", aria_label=label)


def reasons(verdict: Verdict, policy: Policy) -> Markup:
    """Lay out the explanation of one verdict.

    Args:
        verdict: The decision.
        policy: Under which it was made.
    """
    said = explain(verdict, policy)
    items = (
        tag("li", text, " ", tag("code", reason.value))
        for text, reason in zip(said.reasons, verdict.reasons, strict=True)
    )
    listed = [tag("h4", "Why"), tag("ul", *items, class_="reasons")]
    if verdict.detail:
        listed.append(message("What the restorer said", verdict.detail))
    listed += [_lines("What moved the risk most", said.drivers)]
    listed += [_lines("What would be decided otherwise", said.otherwise)]
    return join(listed)


def _lines(title: str, lines: Sequence[str]) -> Markup:
    if not lines:
        return Markup()
    items = (tag("li", line) for line in lines)
    return join([tag("h4", title), tag("ul", *items, class_="reasons")])
