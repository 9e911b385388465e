"""What a clip is, apart from its frames: size, rate, colours, and how long it says it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

__all__ = ["ClipFacts", "ColourFacts", "facts_of"]

_UNSPECIFIED: Final = 2
_FULL_RANGE: Final = 2
_LIMITED_RANGE: Final = 1
_HD_HEIGHT: Final = 720
_SWSCALE: Final = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9}
"""The codec's numbers for matrices as those that conversion takes."""
_ASSUMED_RATE: Final = Fraction(25)
_CLOCK: Final = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class ColourFacts:
    """How a clip's YUV is meant; the numbers are those of ISO/IEC 23091-2.

    Attributes:
        matrix: Matrix coefficients as the clip says them, 2 where it does not.
        full_range: Whether luma takes 0..255 instead of 16..235.
        primaries: As the clip says them.
        transfer: As the clip says it.
        conversion: Matrix by which pixels are converted, in and out: the clip's, or where it says
            none BT.709 from 720 lines and BT.601 below.
    """

    matrix: int
    full_range: bool
    primaries: int
    transfer: int
    conversion: int

    @property
    def range_number(self) -> int:
        """The range as codecs number it."""
        return _FULL_RANGE if self.full_range else _LIMITED_RANGE


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """A clip's picture stream.

    Attributes:
        path: The file.
        width: Of the upright picture, px.
        height: Of the upright picture, px.
        quarter_turns: Counterclockwise quarter turns that bring a decoded frame upright.
        frame_rate: Average, frames per second.
        time_base: Seconds of one unit of time stamps.
        frames_said: How many frames the file says it has, 0 where it does not.
        seconds_said: How long its pictures last by its own word, 0 where it says nothing of them.
        seconds_guessed: The same, or how long the whole file lasts; for progress.
        colours: How its YUV is meant.
        pixel_aspect: Width of a pixel by its height, upright.
    """

    path: Path
    width: int
    height: int
    quarter_turns: int
    frame_rate: Fraction
    time_base: Fraction
    frames_said: int
    seconds_said: float
    seconds_guessed: float
    colours: ColourFacts
    pixel_aspect: Fraction

    @property
    def frames_expected(self) -> int:
        """For progress: how many frames it seems to have; 0 where nothing is known."""
        return round(self.seconds_guessed * self.frame_rate) or self.frames_said


def facts_of(path: Path, container: Any, stream: Any, first: Any) -> ClipFacts:
    """Gather the facts.

    Args:
        path: The file.
        container: Opened by PyAV.
        stream: Its picture stream.
        first: The stream's first decoded frame, which alone knows about rotation.
    """
    turns = round(first.rotation / 90) % 4
    width, height = (first.width, first.height)[:: -1 if turns % 2 else 1]
    aspect = stream.sample_aspect_ratio or Fraction(1)
    rate = stream.average_rate or stream.guessed_rate or _ASSUMED_RATE
    seconds = _seconds_said(stream)
    return ClipFacts(
        path=path,
        width=width,
        height=height,
        quarter_turns=turns,
        frame_rate=Fraction(rate),
        time_base=Fraction(stream.time_base),
        frames_said=stream.frames,
        seconds_said=seconds,
        seconds_guessed=seconds or (container.duration or 0) / 1_000_000,
        colours=_colours(first),
        pixel_aspect=1 / aspect if turns % 2 else Fraction(aspect),
    )


def _seconds_said(stream: Any) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    said = _CLOCK.fullmatch(stream.metadata.get("DURATION", ""))  # Matroska's
    if said is None:
        return 0.0
    return 3600 * int(said[1]) + 60 * int(said[2]) + float(said[3])


def _colours(frame: Any) -> ColourFacts:
    assumed = 1 if frame.height >= _HD_HEIGHT else 5
    full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
    return ColourFacts(
        matrix=frame.colorspace if frame.colorspace in _SWSCALE else _UNSPECIFIED,
        full_range=full,
        primaries=frame.color_primaries,
        transfer=frame.color_trc,
        conversion=_SWSCALE.get(frame.colorspace, assumed),
    )
