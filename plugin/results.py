"""What the guard hands back: every face with its verdict, and the picture put together again."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.faces import AlignedFace
from ..core.protocols import Restoration, RGBImage
from ..core.scores import QualityScores
from ..guards.verdict import Verdict

__all__ = ["AssessedFace", "GuardedFace", "GuardedImage"]


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
class GuardedFace:
    """One face of a picture, before and after the guard.

    Attributes:
        face: Where it is; ``face.pixels`` is LQ, (512, 512, 3) uint8 RGB.
        restoration: What the restorer gave, None when it gave nothing.
        verdict: The decision and everything behind it.
        pixels: (512, 512, 3) uint8 RGB that the guard delivers for this face.
    """

    face: AlignedFace
    restoration: Restoration | None
    verdict: Verdict
    pixels: RGBImage


@dataclass(frozen=True, slots=True, eq=False)
class GuardedImage:
    """A picture after the guard.

    Attributes:
        pixels: (H * upscale, W * upscale, 3) uint8 RGB; where no face was accepted or blended
            its bytes are the input's.
        faces: Every face, largest first; empty when none was found.
    """

    pixels: RGBImage
    faces: tuple[GuardedFace, ...]
