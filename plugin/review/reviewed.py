"""What a batch left of each face, read back from its `decisions.jsonl` for people to look over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.errors import InvalidInput
from ...core.faces import LandmarkScheme
from ...core.images import printable_path
from ...guards.verdict import Decision
from .agreement import DECIDED
from .overrides import Override, Place, first_problem

__all__ = ["SORTINGS", "FaceFilter", "ReviewedFace", "Told", "read_batch", "sort_faces"]

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class Told(BaseModel):
    """The explanation in a record, for people."""

    model_config = ConfigDict(frozen=True)

    summary: str = ""
    reasons: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


class ReviewedFace(BaseModel):
    """The fields of one line of `decisions.jsonl` that a review needs; others are not read."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    path: str
    output: str
    input_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    output_sha256: str
    face: int = Field(ge=0)
    box: Box
    landmarks: tuple[Point, Point, Point, Point, Point]
    landmark_scheme: LandmarkScheme
    decision: Decision
    proposed: Decision | None = None
    delivered: Decision | None = None
    blend: float = 0.0
    mixture: str | None = None
    reasons: tuple[str, ...] = ()
    policy: str = ""
    identity_risk: float | None = None
    probability_same: float | None = None
    cosine_similarity: float | None = None
    embedder: str | None = None
    scores_before: dict[str, float] | None = None
    scores_after: dict[str, float] | None = None
    restorer: str = "unknown"
    settings: dict[str, Any] = Field(default_factory=dict)
    detail: str | None = None
    explanation: Told = Told()

    @property
    def place(self) -> Place:
        """Which face of which file."""
        return Place(self.input_sha256, self.face)

    @property
    def name(self) -> str:
        """The input's file name."""
        return self.path.replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def guard_says(self) -> Decision:
        """The guard's decision or, where its policy only observes, what it proposed."""
        return self.proposed or self.decision

    def decide(
        self, decision: Decision, *, share: float | None = None, note: str = "", who: str = ""
    ) -> Override:
        """Make a person's decision on this face.

        Args:
            decision: ACCEPT, BLEND or REJECT.
            share: Of the restoration in a pixel mixture, above 0 and below 1, with BLEND only;
                None approves the guard's own mixture.
            note: Why.
            who: Whose decision it is.

        Raises:
            InvalidInput: If it is no decision that can be followed.
        """
        blends = decision is Decision.BLEND
        if decision is not Decision.REJECT and self.guard_says not in DECIDED:
            raise InvalidInput(
                f"expected REJECT, got {decision.value}: there is no restoration of this face, the "
                f"guard says {self.guard_says.value}"
            )
        if blends and share is None and self.mixture is None:
            raise InvalidInput(
                "expected a share above 0 and below 1 for BLEND, got none; the guard made no "
                "mixture of this face that could be approved"
            )
        try:
            return Override(
                input_sha256=self.input_sha256,
                path=self.path,
                face=self.face,
                box=self.box,
                restorer=self.restorer,
                settings=self.settings,
                guard=self.guard_says,
                decision=decision,
                share=share,
                mixture=self.mixture if blends and share is None else None,
                note=note,
                who=who,
            )
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "decision"
            raise InvalidInput(
                f"expected a decision, got a wrong {field}: {first['msg']}"
            ) from error


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Which faces are looked at.

    Attributes:
        decisions: What the guard decided; empty for any.
        reason: A reason that must be among the verdict's; empty for any.
        name: A part of the input's path, whatever its case.
        risk: Least and largest identity risk. The whole range also lets unmeasured faces pass.
        undecided: Only faces that no person has decided on.
    """

    decisions: frozenset[Decision] = frozenset()
    reason: str = ""
    name: str = ""
    risk: tuple[float, float] = (0.0, 1.0)
    undecided: bool = False

    def lets_pass(self, face: ReviewedFace, decided: bool = False) -> bool:
        """Whether a face is looked at; `decided` says that a person has decided on it."""
        low, high = self.risk
        risk = face.identity_risk
        inside = low <= 0 and high >= 1 if risk is None else low <= risk <= high
        return (
            inside
            and (not self.decisions or face.decision in self.decisions)
            and (not self.reason or self.reason in face.reasons)
            and self.name.casefold() in face.path.casefold()
            and not (self.undecided and decided)
        )


SORTINGS: Final = ("highest risk", "lowest risk", "file name", "log")


def sort_faces(faces: Sequence[ReviewedFace], by: str) -> tuple[ReviewedFace, ...]:
    """Sort by one of `SORTINGS`; faces without a risk come last, equals keep their order.

    Raises:
        InvalidInput: If the sorting is unknown.
    """
    if by not in SORTINGS:
        raise InvalidInput(f"expected a sorting out of {'; '.join(SORTINGS)}, got {by!r}")
    if by == "file name":
        return tuple(sorted(faces, key=lambda face: (face.name, face.path, face.face)))
    if by == "log":
        return tuple(faces)
    sign = -1.0 if by == "highest risk" else 1.0
    return tuple(sorted(faces, key=lambda face: _risk_order(face, sign)))


def _risk_order(face: ReviewedFace, sign: float) -> float:
    return 2.0 if face.identity_risk is None else sign * face.identity_risk


def read_batch(log: Path) -> tuple[ReviewedFace, ...]:
    """Read the record of a batch.

    Args:
        log: `decisions.jsonl` of `restore`.

    Raises:
        InvalidInput: If it cannot be read, or a line is no decision of `restore`; the message
            names the line.
    """
    shown = printable_path(log)
    try:
        lines = log.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise InvalidInput(f"expected decisions of a batch at {shown}, got: {told}") from error
    return tuple(_parse(lines, shown))


def _parse(lines: Iterable[str], shown: str) -> Iterable[ReviewedFace]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield ReviewedFace.model_validate_json(line)
        except ValidationError as error:
            raise InvalidInput(
                f"{shown} line {number}: expected a decision of restore, got one that is wrong; "
                f"{first_problem(error)}"
            ) from error
