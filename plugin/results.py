"""What the guard hands back: every face with its verdict, and the picture put together again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..core.faces import AlignedFace
from ..core.protocols import Restoration, RGBImage
from ..core.scores import QualityScores
from ..guards.drift import EvidenceMaps
from ..guards.verdict import Decision, Verdict
from .review.overrides import IgnoredOverride, Override

__all__ = ["AssessedFace", "Attempt", "GuardedFace", "GuardedImage"]


@dataclass(frozen=True, slots=True, eq=False)
class AssessedFace:
    """One face and its six scores.

    Attributes:
        face: Where it is, and its (512, 512, 3) crop.
        scores: Predicted scores, None where it cannot be assessed.
        problem: Why not, in one sentence; None where it can.
    """

    face: AlignedFace
    scores: QualityScores | None
    problem: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """One candidate's turn at a face.

    Attributes:
        restorer: Name of the restorer.
        settings: All its settings, as plain data.
        label: The restorer and the settings that were named, for people.
        seconds: Wall time of the restorer, failed or not.
        verdict: What the guard makes of its result.
        chosen: Whether this verdict is the face's.
    """

    restorer: str
    settings: dict[str, Any]
    label: str
    seconds: float
    verdict: Verdict
    chosen: bool


@dataclass(frozen=True, slots=True, eq=False)
class GuardedFace:
    """One face of a picture, before and after the guard.

    Attributes:
        face: Where it is; ``face.pixels`` is LQ, (512, 512, 3) uint8 RGB.
        restoration: What the restorer gave, None when it gave nothing.
        verdict: The decision and everything behind it.
        pixels: (512, 512, 3) uint8 RGB that the guard delivers for this face.
        restorer: Name of the restorer that was asked, "unknown" for one made elsewhere.
        settings: The settings that it was asked with, as plain data.
        attempts: Every candidate's turn, in their order; empty where none was asked.
        maps: Where the restoration departs from the input, None where it was not judged.
        override: A person's decision that was followed instead of the verdict's, None without one.
    """

    face: AlignedFace
    restoration: Restoration | None
    verdict: Verdict
    pixels: RGBImage
    restorer: str = "unknown"
    settings: dict[str, Any] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    maps: EvidenceMaps | None = None
    override: Override | None = None

    @property
    def decision(self) -> Decision:
        """What was done in the end: the person's decision where there is one, else the guard's."""
        return self.override.decision if self.override else self.verdict.decision

    @property
    def delivered(self) -> bool:
        """Whether the restoration or a mixture of it replaces the face."""
        return self.decision in (Decision.ACCEPT, Decision.BLEND)


@dataclass(frozen=True, slots=True, eq=False)
class GuardedImage:
    """A picture after the guard.

    Attributes:
        pixels: (H * upscale, W * upscale, 3) uint8 RGB; where no face was accepted or blended,
            and in the box of every refused face, its bytes are the (magnified) input's.
        faces: Every face, largest first; empty when none was found.
        ignored: Overrides that could not be honoured, with the reason.
    """

    pixels: RGBImage
    faces: tuple[GuardedFace, ...]
    ignored: tuple[IgnoredOverride, ...] = ()
