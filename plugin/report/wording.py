"""What the report says in words: decisions, identity, and what becomes of a face."""

from __future__ import annotations

from typing import Final

from ...guards.verdict import Decision, IdentityState, Reason, Verdict

__all__ = ["DECISION_MEANING", "IDENTITY_WORDS", "LABELS", "NO_FACE", "UNREADABLE", "outcome"]

NO_FACE: Final = "NO_FACE"
UNREADABLE: Final = "UNREADABLE"

LABELS: Final[dict[str, str]] = {
    Decision.ACCEPT.value: "ACCEPT",
    Decision.BLEND.value: "BLEND",
    Decision.REJECT.value: "REJECT",
    Decision.FAILED.value: "FAILED",
    Decision.NOT_ASSESSABLE.value: "NOT ASSESSABLE",
    NO_FACE: "No face found",
    UNREADABLE: "Input failed",
}
"""Words on the badges, in the order of the page."""

DECISION_MEANING: Final[dict[str, str]] = {
    Decision.ACCEPT.value: "The restoration replaces the face.",
    Decision.BLEND.value: "A mixture of the input and the restoration replaces the face, because "
    "the mixture stays within the policy where the restoration alone does not.",
    Decision.REJECT.value: "The face was left untouched: neither the restoration nor a mixture "
    "stays within the policy, or the policy only observes.",
    Decision.FAILED.value: "There is no usable restoration. The face was left untouched.",
    Decision.NOT_ASSESSABLE.value: "The face itself cannot be judged. The face was left untouched.",
    NO_FACE: "The picture holds no face that was found; nothing in it was changed.",
    UNREADABLE: "The input could not be processed; there is no result for it.",
}

IDENTITY_WORDS: Final[dict[IdentityState, tuple[str, str]]] = {
    IdentityState.KEPT: (
        "Identity kept",
        "The restoration is more likely than not still recognisable as the person in the input.",
    ),
    IdentityState.LOST: (
        "Identity lost",
        "The restoration is probably no longer recognisable as the person in the input.",
    ),
    IdentityState.NEVER_THERE: (
        "Identity was never there",
        "The input itself does not identify anybody; any sharp result is an illustration.",
    ),
}


def outcome(verdict: Verdict) -> str:
    """What became of the face, in one sentence."""
    if Reason.OBSERVE_ONLY in verdict.reasons:
        return "Judged only: the face was left untouched."
    if verdict.decision is Decision.BLEND:
        mixture = f" ({verdict.mixture})" if verdict.mixture else ""
        share = f"{100 * verdict.blend:.0f} %"
        return f"A mixture{mixture} replaces the face; share of the restoration {share}."
    return {
        Decision.ACCEPT: "The restoration replaces the face.",
        Decision.REJECT: "The restoration was refused; the face was left untouched.",
        Decision.FAILED: "There is no usable restoration; the face was left untouched.",
        Decision.NOT_ASSESSABLE: "The face cannot be judged; it was left untouched.",
    }[verdict.decision]
