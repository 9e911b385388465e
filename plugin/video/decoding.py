"""Reads a clip's frames one at a time, upright and in RGB, and says what could not be decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from ...core.errors import InvalidInput
from ...core.images import printable_path
from ...core.protocols import RGBImage
from .facts import ClipFacts, facts_of
from .library import require_av

__all__ = ["ClipFrame", "ClipReader"]

_TOLERATED_SHARE: Final = 0.02
_TOLERATED_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ClipFrame:
    """One frame.

    Attributes:
        index: Its number, from 0, as decoded.
        pts: Its time stamp in units of the clip's time base; larger than that of the frame before.
        pixels: (H, W, 3) uint8 RGB, upright.
    """

    index: int
    pts: int
    pixels: RGBImage


class ClipReader:
    """A clip, opened once for its facts and decoded from its beginning by every `frames`.

    Args:
        path: The file.

    Raises:
        InvalidInput: If it is no clip, has no picture stream, or not one frame can be decoded.
        MissingExtra: If PyAV is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged_packets = 0
        self.frames_decoded = 0
        self._seconds_decoded = 0.0
        self._av = require_av()
        with self._opened() as container:
            stream = self._picture_stream(container)
            first = next(self._decoded(container, stream), None)
            if first is None:
                raise InvalidInput(
                    f"expected a clip in {printable_path(path)}, got a file of which not one frame "
                    "can be decoded; it seems damaged"
                )
            self.facts: ClipFacts = facts_of(path, container, stream, first)

    def frames(self, start: int = 0) -> Iterator[ClipFrame]:
        """Decode the clip.

        Args:
            start: Number of the first frame that is wanted; those before are only decoded.

        Yields:
            The frames, in order; the end of what can be decoded is the end.
        """
        self.damaged_packets = self.frames_decoded = 0
        first = last = None
        with self._opened() as container:
            stream = self._picture_stream(container)
            step = max(1, round(1 / (self.facts.frame_rate * self.facts.time_base)))
            for index, frame in enumerate(self._decoded(container, stream)):
                pts = frame.pts
                if pts is None or (last is not None and pts <= last):
                    pts = 0 if last is None else last + (step if pts is None else 1)
                first, last = pts if first is None else first, pts
                self.frames_decoded = index + 1
                self._seconds_decoded = float((last + step - first) * self.facts.time_base)
                if index >= start:
                    yield ClipFrame(index, pts, self._pixels(frame))

    def problem(self) -> str | None:
        """After `frames` came to its end: what was missing, in one sentence; None where nothing."""
        said, got = self.facts.seconds_said, self.frames_decoded
        missing = said - self._seconds_decoded
        if missing > max(_TOLERATED_SECONDS, _TOLERATED_SHARE * said):
            return (
                f"expected {said:.1f} s of pictures, could decode {self._seconds_decoded:.1f} s "
                f"({got} frames); the file seems truncated, what could be decoded was used"
            )
        if self.damaged_packets:
            return (
                f"expected every packet to decode, {self.damaged_packets} did not; the {got} "
                "frames that could be decoded were used"
            )
        return None

    def _opened(self) -> Any:
        try:
            return self._av.open(str(self.path))
        except (self._av.error.FFmpegError, OSError, ValueError) as error:
            told = getattr(error, "strerror", None) or str(error)
            raise InvalidInput(
                f"expected a clip in {printable_path(self.path)}, got: {told}; where it was cut "
                "off while it was written, its index may be missing"
            ) from error

    def _picture_stream(self, container: Any) -> Any:
        covers = self._av.stream.Disposition.attached_pic
        for stream in container.streams.video:
            if not stream.disposition & covers and stream.codec_context is not None:
                return stream
        raise InvalidInput(
            f"expected a clip with pictures, got {printable_path(self.path)} without a video stream"
        )

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """Every frame that can be decoded; a damaged packet is counted and passed over."""
        broken = self._av.error.FFmpegError
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except broken:
                self.damaged_packets += 1
                packet = None
            if packet is None:
                break
            try:
                yield from packet.decode()
            except broken:
                self.damaged_packets += packet.size > 0

    def _pixels(self, frame: Any) -> RGBImage:
        colours, av = self.facts.colours, self._av
        flags = av.video.reformatter.Interpolation
        rgb = frame.reformat(
            format="rgb24",
            src_colorspace=colours.conversion,
            src_color_range=colours.range_number,
            interpolation=flags.BICUBIC | flags.ACCURATE_RND | flags.BITEXACT,
        ).to_ndarray()
        upright = np.ascontiguousarray(np.rot90(rgb, self.facts.quarter_turns))
        size = (self.facts.width, self.facts.height)
        if upright.shape[1::-1] != size:  # the stream changes its size on the way
            upright = np.asarray(cv2.resize(upright, size, interpolation=cv2.INTER_AREA), np.uint8)
        return upright
