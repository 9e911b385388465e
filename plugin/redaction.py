"""Decision records without what names a person or this machine's folders.

For `--redact`: the record still says what was decided and why, and hashes still tell files apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ..guards.verdict import Reason, Verdict
from .results import Attempt, GuardedFace, GuardedImage

__all__ = ["anonymous_name", "redact_record", "redact_result", "without_text"]

_SHOWN_DIGITS: Final = 16


def anonymous_name(sha256: str) -> str:
    """What stands in place of a file's name: the beginning of its content's SHA-256."""
    return f"sha256:{sha256[:_SHOWN_DIGITS]}"


def redact_record(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Take names, paths and free text out of a record of `restore` or `compare`.

    Args:
        record: One line of `decisions.jsonl`, or of `compare`.
        names: Field that holds a path to the SHA-256 of the file's content.

    Returns:
        The same fields. Paths become `anonymous_name`, what a failing restorer said becomes the
        words of the reasons, settings that are text long enough to be a path are left out, and a
        person's override loses name and note.
    """
    shown = dict(record)
    for field, sha256 in names.items():
        if shown.get(field):
            shown[field] = anonymous_name(sha256)
    if shown.get("detail"):
        shown["detail"] = _plain_detail(shown)
    if "settings" in shown:
        shown["settings"] = without_text(shown["settings"])
    if "candidates" in shown:
        shown["candidates"] = [_attempt(one) for one in shown["candidates"]]
    if shown.get("override"):
        shown["override"] = {**shown["override"], "who": "", "note": ""}
    return shown


def redact_result(result: GuardedImage) -> GuardedImage:
    """The same for a report: without free text; the pixels are for the caller not to show."""
    return replace(result, faces=tuple(_face(face) for face in result.faces), ignored=())


def without_text(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings whose value is a number, a yes or a no, or one short word."""
    return {
        name: value
        for name, value in settings.items()
        if not isinstance(value, str) or (len(value) < 32 and not set(value) & set("/\\"))
    }


def _face(face: GuardedFace) -> GuardedFace:
    restoration, override = face.restoration, face.override
    return replace(
        face,
        restoration=restoration
        and replace(restoration, settings=without_text(restoration.settings)),
        verdict=_verdict(face.verdict),
        settings=without_text(face.settings),
        attempts=tuple(_tried(one) for one in face.attempts),
        override=override and override.model_copy(update={"who": "", "note": ""}),
    )


def _tried(attempt: Attempt) -> Attempt:
    """Without the label, in which settings stand as they were typed."""
    return replace(
        attempt,
        settings=without_text(attempt.settings),
        label=attempt.restorer,
        verdict=_verdict(attempt.verdict),
    )


def _verdict(verdict: Verdict) -> Verdict:
    if not verdict.detail:
        return verdict
    return replace(verdict, detail="; ".join(reason.text for reason in verdict.reasons))


def _attempt(attempt: Mapping[str, Any]) -> dict[str, Any]:
    shown = {**attempt, "settings": without_text(attempt["settings"])}
    if shown.get("detail"):
        shown["detail"] = _plain_detail(shown)
    return shown


def _plain_detail(record: Mapping[str, Any]) -> str:
    return "; ".join(Reason(reason).text for reason in record["reasons"])
