"""What a worker hands back for one picture, and the journal's rows for it.

Plain data and pure functions: they cross from one process to another, and any engine may make them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.protocols import RGBImage
from ...guards.policy import Policy
from ..results import GuardedImage
from ..review.overrides import IgnoredOverride
from .journal_rows import Row, hidden_name, path_text
from .plan import PlannedPicture

__all__ = [
    "BatchFacts",
    "PictureOutcome",
    "WorkedPicture",
    "picture_names",
    "picture_rows",
    "record_text",
]


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What decides the result of a batch, as plain data; two batches with the same give the same.

    Attributes:
        settings: Restorers, policies, cameras and everything else that was chosen.
        weights: Weights files and models, by their names or hashes.
        versions: Of facefidelity and of the libraries that compute pixels.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class WorkedPicture:
    """One picture after a worker; nothing is written yet.

    Attributes:
        input_sha256: Of the input file, empty where it could not be read.
        output_sha256: Of `data`.
        data: The encoded result, empty where there is none.
        records: One decision record a face.
        ignored: Overrides that could not be honoured, with the reason.
        policy: Under which was decided, None where it failed.
        profile: The camera's profile and its SHA-256, None without one.
        seconds: Wall time of everything.
        error: Why it failed, in one sentence; None where it did not.
        result: The guarded picture where its pixels are wanted, for a report.
        before: (H, W, 3) uint8 RGB as it was read, where `result` is.
    """

    input_sha256: str = ""
    output_sha256: str = ""
    data: bytes = b""
    records: tuple[dict[str, Any], ...] = ()
    ignored: tuple[IgnoredOverride, ...] = ()
    policy: Policy | None = None
    profile: str | None = None
    seconds: float = 0.0
    error: str | None = None
    result: GuardedImage | None = None
    before: RGBImage | None = None

    @property
    def verdict(self) -> str:
        """DONE, INCOMPLETE or FAILED, as of `Row`."""
        if self.error is not None:
            return "FAILED"
        failed = any(record["decision"] == "FAILED" for record in self.records)
        return "INCOMPLETE" if failed or self.ignored else "DONE"


@dataclass(frozen=True, slots=True, eq=False)
class PictureOutcome:
    """What became of one picture.

    Attributes:
        plan: Its input and output.
        result: The guarded picture, None where it failed or its pixels were not asked for.
        before: (H, W, 3) uint8 RGB, the picture as it was read; None where `result` is.
        records: One decision record a face; empty where it was done in an earlier run.
        error: Why it failed, in one sentence; None where it did not.
        sha256: Of the input file, empty where it failed.
        policy: Under which was decided, None where it failed.
        ignored: Overrides that could not be honoured, with the reason.
        earlier: Whether it was done in an earlier run, verified and left as it is.
    """

    plan: PlannedPicture
    result: GuardedImage | None = None
    before: RGBImage | None = None
    records: tuple[dict[str, Any], ...] = ()
    error: str | None = None
    sha256: str = ""
    policy: Policy | None = None
    ignored: tuple[IgnoredOverride, ...] = ()
    earlier: bool = False


def picture_rows(
    plan: PlannedPicture, worked: WorkedPicture, out: Path, *, redact: bool = False
) -> list[Row]:
    """The rows of one picture: its own, then one a face.

    Args:
        plan: Its input and output.
        worked: What became of it.
        out: The output folder; the journal names results below it.
        redact: Keep file names and what failures say out of the rows.
    """
    name, output = picture_names(plan, out, redact=redact)
    problem = "it failed; stderr named it" if redact and worked.error else worked.error
    whole = Row(
        kind="picture",
        input=name,
        input_sha256=worked.input_sha256 or None,
        output=output,
        output_sha256=worked.output_sha256 or None,
        verdict=worked.verdict,
        policy=worked.policy.name if worked.policy else None,
        profile=worked.profile,
        seconds=round(float(worked.seconds), 3),
        record=record_text(
            {
                "problem": problem,
                "faces": len(worked.records),
                "not_followed": [reason for _, reason in worked.ignored],
            }
        ),
    )
    return [whole, *(_face_row(whole, record) for record in worked.records)]


def picture_names(plan: PlannedPicture, out: Path, *, redact: bool = False) -> tuple[str, str]:
    """Under which names a picture and its result stand in the journal."""
    names = path_text(plan.source), path_text(plan.target.relative_to(out))
    return (hidden_name(names[0]), hidden_name(names[1])) if redact else names


def record_text(record: dict[str, Any]) -> str:
    """One line of JSON that UTF-8 can hold."""
    text = json.dumps(record, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _face_row(whole: Row, record: dict[str, Any]) -> Row:
    seed = record["settings"].get("seed")
    return whole._replace(
        kind="face",
        face=record["face"],
        verdict=record["decision"],
        policy=record["policy"],
        seed=seed if isinstance(seed, int) else None,
        seconds=record["seconds"],
        record=record_text(record),
    )
