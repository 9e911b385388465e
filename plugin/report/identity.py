"""What became of the person: two risks, each beside the policy's limit, in words and as a gauge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...guards.policy import Policy
from ...guards.rules import drop_limit
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
_WAIVED_WORDS: Final = (
    "The limit is not asked of the mixture: the input has no identity to lose, and the mixture "
    "does not come to look like somebody."
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
                lambda _: policy.max_identity_risk,
                ("Identity risk", "Risk"),
            ),
            _waived(guarded, policy),
            _drop(evidence, guarded, policy),
        ]
    )


def _drop(evidence: Evidence, guarded: Evidence | None, policy: Policy) -> Markup:
    """The risk of a drop; nothing where the risk model knows none."""
    if evidence.drop_risk is None:
        return Markup()
    words = tag("p", tag("strong", _DROP_TITLE), " ", _DROP_WORDS, class_="drop")
    names = ("Drop risk", "Drop risk")

    def limit(one: Evidence) -> float:
        return drop_limit(one, policy)

    return join([words, _risk(evidence, guarded, lambda e: e.drop_risk, limit, names)])


def _waived(guarded: Evidence | None, policy: Policy) -> Markup:
    """Why a mixture is delivered whatever its identity risk; nothing where the risk counts."""
    if guarded is None or guarded.identity_risk <= policy.max_identity_risk:
        return Markup()
    return tag("p", _WAIVED_WORDS, class_="note")


def _risk(
    evidence: Evidence,
    guarded: Evidence | None,
    read: Callable[[Evidence], float | None],
    limit: Callable[[Evidence], float],
    names: tuple[str, str],
) -> Markup:
    """One risk of what was restored and of what is delivered, each against its own limit.

    The gauge marks the limit of what is delivered.
    """
    found = [("hq", "restored", "the restoration", evidence)]
    if guarded is not None:
        found.append(("guarded", "delivered", "the delivered mixture", guarded))
    known = [
        (key, label, what, risk, limit(one))
        for key, label, what, one in found
        if (risk := read(one)) is not None
    ]
    said = (_against(f"{names[1]} of {what}", risk, most) for _, _, what, risk, most in known)
    marks = [(key, label, risk) for key, label, _, risk, _ in known]
    gauge = risk_gauge(marks, limit(guarded or evidence), names[0])
    return join([gauge, tag("p", " ".join(said), class_="note")])


def _against(words: str, risk: float, limit: float) -> str:
    side = "within" if risk <= limit else "above"
    place = f"{side} the limit" if limit < _NO_LIMIT else "for which this policy sets no limit"
    return f"{words} {risk:.1%}".replace("%", " %") + f", {place}."
