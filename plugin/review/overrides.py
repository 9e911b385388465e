"""A person's decision on one face, and where it may take effect.

An override holds for one face of one file: the bytes, the face's number and its box must all be
those that the person looked at, and what is accepted or blended must be the same restoration.
What does not fit is handed back with the reason, never applied to something near it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final, Literal, NamedTuple

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from ...core.faces import AlignedFace
from ...guards.verdict import Decision

__all__ = [
    "LEAST_OVERLAP",
    "IgnoredOverride",
    "Override",
    "Place",
    "first_problem",
    "match_overrides",
    "overlap",
]

LEAST_OVERLAP: Final = 0.9
"""Intersection over union of two boxes that are one face's; boxes are rounded in the record."""
_HUMAN: Final = (Decision.ACCEPT, Decision.BLEND, Decision.REJECT)


class Place(NamedTuple):
    """Which face of which file.

    Attributes:
        input_sha256: Of the input file.
        face: Number of the face in it, largest first.
    """

    input_sha256: str
    face: int


class Override(BaseModel):
    """One line of an overrides file: what a person decided on one face."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: Literal[1] = Field(default=1, description="Of this schema.")
    input_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the input file.")
    path: str = Field(default="", description="Where the input was; for people only.")
    face: int = Field(ge=0, description="Number of the face in its picture, largest first.")
    box: tuple[float, float, float, float] = Field(description="x0, y0, x1, y1 in picture px.")
    restorer: str = Field(description="Whose restoration was looked at.")
    settings: dict[str, Any] = Field(default_factory=dict, description="Its settings.")
    guard: Decision = Field(description="What the guard had decided or, observing, proposed.")
    decision: Decision = Field(description="ACCEPT, BLEND or REJECT.")
    share: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Of BLEND: share of the restoration in a pixel mixture.",
    )
    mixture: str | None = Field(
        default=None, description="Of BLEND without a share: the guard's mixture that is approved."
    )
    note: str = Field(default="", max_length=2000, description="Why.")
    who: str = Field(default="", max_length=100, description="Whose decision it is.")
    when: AwareDatetime = Field(default_factory=lambda: datetime.now(timezone.utc))

    @field_validator("decision")
    @classmethod
    def _decides(cls, decision: Decision) -> Decision:
        if decision not in _HUMAN:
            names = ", ".join(one.value for one in _HUMAN)
            raise ValueError(f"a person decides one of {names}")
        return decision

    @model_validator(mode="after")
    def _fits_together(self) -> Override:
        x0, y0, x1, y1 = self.box
        if not (x0 < x1 and y0 < y1):
            raise ValueError(f"a box needs x0 < x1 and y0 < y1, got {list(self.box)}")
        told = [one for one in (self.share, self.mixture) if one is not None]
        if len(told) != (self.decision is Decision.BLEND):
            raise ValueError(
                "BLEND has either a share or the guard's mixture; ACCEPT and REJECT have neither"
            )
        return self

    @property
    def place(self) -> Place:
        """Which face it is about."""
        return Place(self.input_sha256, self.face)

    def is_about(self, restorer: str, settings: Mapping[str, Any]) -> bool:
        """Whether this restorer with these settings made what the person looked at."""
        return restorer == self.restorer and _plain(settings) == _plain(self.settings)

    def as_record(self) -> dict[str, Any]:
        """What a decision record says of it, as plain data."""
        return {
            "decision": self.decision.value,
            "share": self.share,
            "mixture": self.mixture,
            "note": self.note,
            "who": self.who,
            "when": self.when.isoformat(),
        }


class IgnoredOverride(NamedTuple):
    """An override that could not be honoured.

    Attributes:
        override: Which.
        problem: Why, in one sentence.
    """

    override: Override
    problem: str


def match_overrides(
    overrides: Sequence[Override], faces: Sequence[AlignedFace]
) -> tuple[dict[int, Override], tuple[IgnoredOverride, ...]]:
    """Find the face of every override of one picture.

    Args:
        overrides: Of this very file, at most one a face number.
        faces: Every face that was found in it, in their order.

    Returns:
        Overrides by the number of their face, and those that fit none.
    """
    matched: dict[int, Override] = {}
    ignored: list[IgnoredOverride] = []
    for one in overrides:
        if one.face >= len(faces):
            ignored.append(IgnoredOverride(one, f"{len(faces)} faces were found in the picture"))
        elif overlap(one.box, faces[one.face].box) < LEAST_OVERLAP:
            said = ", ".join(f"{value:.0f}" for value in faces[one.face].box)
            ignored.append(IgnoredOverride(one, f"the face of this number is at {said}"))
        else:
            matched[one.face] = one
    return matched, tuple(ignored)


def overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1), 0..1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    both = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other)) - shared
    return shared / both if both > 0 else 0.0


def first_problem(error: ValidationError) -> str:
    """What is wrong with a record, in a few words: which field, and why."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {first['msg']}" if field else str(first["msg"])


def _plain(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True, default=str)
