"""Decision records as clients may see them: the same fields, without what is this machine's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...guards.verdict import Reason
from ..redaction import without_text

__all__ = ["log_summary", "public_record", "verdict_summary"]

_SUMMARY: Final = ("face", "decision", "blend", "identity_risk", "reasons")


def public_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Take file names of this machine out of a record.

    What a failing restorer said may hold anything, so the words of the reason stand in its place;
    settings that take text may name a file.

    Args:
        record: Of `assess`, `restore` or `compare`.
    """
    shown = dict(record)
    for name in ("path", "before", "after"):
        if shown.get(name) == "":
            shown[name] = None
    if shown.get("detail"):
        shown["detail"] = _plain_detail(shown)
    if "settings" in shown:
        shown["settings"] = without_text(shown["settings"])
    if "candidates" in shown:
        shown["candidates"] = [_public_attempt(one) for one in shown["candidates"]]
    return shown


def verdict_summary(record: Mapping[str, Any]) -> dict[str, Any]:
    """One face in short, for the header beside a bare picture."""
    return {name: record[name] for name in _SUMMARY}


def log_summary(record: Mapping[str, Any]) -> dict[str, Any]:
    """One face in short, for the job log."""
    if "decision" in record:
        return verdict_summary(record)
    scores = record["scores"]
    return {"face": record["face"], "overall": scores and round(scores["overall"], 2)}


def _public_attempt(attempt: Mapping[str, Any]) -> dict[str, Any]:
    shown = {**attempt, "settings": without_text(attempt["settings"])}
    if shown.get("detail"):
        shown["detail"] = _plain_detail(shown)
    return shown


def _plain_detail(record: Mapping[str, Any]) -> str:
    words = "; ".join(Reason(reason).text for reason in record["reasons"])
    return f"{words}; what it said is in the service's log"
