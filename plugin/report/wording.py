"""What the report calls things: the catalogue's words, and those of the page itself."""

from __future__ import annotations

from typing import Final

from ...guards.phrasebook import load_phrases
from ...guards.verdict import Decision, IdentityState

__all__ = [
    "DECISION_MEANING",
    "IDENTITY_WORDS",
    "LABELS",
    "NO_FACE",
    "NO_PICTURES",
    "UNREADABLE",
]

NO_FACE: Final = "NO_FACE"
UNREADABLE: Final = "UNREADABLE"
NO_PICTURES: Final = "No pictures: this report was asked for with --redact."

_WORDS: Final = load_phrases()

LABELS: Final[dict[str, str]] = {
    **{decision.value: _WORDS.decision[decision.value].label for decision in Decision},
    NO_FACE: "No face found",
    UNREADABLE: "Input failed",
}
"""Words on the badges, in the order of the page."""

DECISION_MEANING: Final[dict[str, str]] = {
    **{decision.value: _WORDS.decision[decision.value].meaning for decision in Decision},
    NO_FACE: "The picture holds no face that was found; nothing in it was changed.",
    UNREADABLE: "The input could not be processed; there is no result for it.",
}

IDENTITY_WORDS: Final[dict[IdentityState, tuple[str, str]]] = {
    state: (_WORDS.identity[state.value].title, _WORDS.identity[state.value].meaning)
    for state in IdentityState
}
