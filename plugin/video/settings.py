"""What can be chosen of a clip's restoration beside the guard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...core.errors import InvalidInput

__all__ = ["ClipSettings"]

_MOST_HALF_WINDOW: Final = 60


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """How a clip is looked at, smoothed and written.

    Attributes:
        crf: Quality of the H.264 that is written, 0..51, lower is better and larger.
        steady_seconds: To either side of a frame, within which no judged frame may allow less than
            what is delivered; 0 delivers what each frame's own judgement allows, flicker and all.
        detect_every: The detector looks at every so many frames.
        upscale: Whole factor, 1..8, by which frames grow.
        segment_frames: Frames of one segment, the unit of resuming.

    Raises:
        InvalidInput: If one of them is out of range.
    """

    crf: float = 18.0
    steady_seconds: float = 0.5
    detect_every: int = 1
    upscale: int = 1
    segment_frames: int = 100

    def __post_init__(self) -> None:
        ranges = {
            "crf": (0, 51),
            "steady_seconds": (0, 10),
            "detect_every": (1, 1000),
            "upscale": (1, 8),
            "segment_frames": (1, 100_000),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidInput(f"expected {name} in {low}..{high}, got {value}")

    def half_window(self, frame_rate: float) -> int:
        """Frames to either side that smoothing looks at; bounded, since faces wait in memory."""
        return min(_MOST_HALF_WINDOW, round(self.steady_seconds * frame_rate))
