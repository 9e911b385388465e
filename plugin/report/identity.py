"""What became of the person: two risks, each beside the policy's limit, in words and as a gauge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...guards.policy import Policy
from ...guards.verdict import Evidence
from .charts import risk_gauge
from .markup import Markup, join, tag
from .wording import IDENTITY_WORDS

__all__ = ["identity_section"]

_DROP_TITLE: Final = "Shown less clearly?"
_DROP_WORDS: Final = (
    "How likely it is that a recogniser knows the person noticeably less than in the input, "
    "without losing them."
)
_NO_LIMIT: Final = 1.0


def identity_section(evidence: Evidence, guarded: Evidence | None, policy: Policy) -> Markup:
    """Show what became of the person, with each risk beside the policy's limit.

    Args:
        evidence: Of the restoration.
        guarded: Of the delivered mixture, None without one.
        policy: Whose limits are shown.
    """
    title, words = IDENTITY_WORDS[evidence.identity_state]
    return join(
        [
            tag("h4", "Identity"),
            tag("p", tag("strong", f"{title}."), " ", words, class_="state"),
            _risk(
                evidence,
                guarded,
                lambda e: e.identity_risk,
                policy.max_identity_risk,
                ("Identity risk", "Risk"),
            ),
            _drop(evidence, guarded, policy),
        ]
    )


def _drop(evidence: Evidence, guarded: Evidence | None, policy: Policy) -> Markup:
    """The risk of a drop; nothing where the risk model knows none."""
    if evidence.drop_risk is None:
        return Markup()
    words = tag("p", tag("strong", _DROP_TITLE), " ", _DROP_WORDS, class_="drop")
    names = ("Drop risk", "Drop risk")
    limit = policy.max_drop_risk
    return join([words, _risk(evidence, guarded, lambda e: e.drop_risk, limit, names)])


def _risk(
    evidence: Evidence,
    guarded: Evidence | None,
    read: Callable[[Evidence], float | None],
    limit: float,
    names: tuple[str, str],
) -> Markup:
    """One risk of what was restored and of what is delivered, against its limit."""
    found = [("hq", "restored", "the restoration", read(evidence))]
    if guarded is not None:
        found.append(("guarded", "delivered", "the delivered mixture", read(guarded)))
    known = [(key, label, what, risk) for key, label, what, risk in found if risk is not None]
    said = (_against(f"{names[1]} of {what}", risk, limit) for _, _, what, risk in known)
    gauge = risk_gauge([(key, label, risk) for key, label, _, risk in known], limit, names[0])
    return join([gauge, tag("p", " ".join(said), class_="note")])


def _against(words: str, risk: float, limit: float) -> str:
    side = "within" if risk <= limit else "above"
    place = f"{side} the limit" if limit < _NO_LIMIT else "for which this policy sets no limit"
    return f"{words} {risk:.1%}".replace("%", " %") + f", {place}."
