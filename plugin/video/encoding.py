"""Encodes frames as H.264, one finished file a segment; packets in, nothing of sound or place."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Final

import cv2
import numpy as np

from ...core.errors import WriteFailed
from ...core.images import printable_path
from ...core.protocols import RGBImage
from .facts import ClipFacts
from .library import require_av

__all__ = ["SegmentWriter", "delivered_size"]

_THREADS: Final = 2
"""Fixed: the encoder's bytes depend on it, and must not on the machine."""


def delivered_size(facts: ClipFacts, upscale: int) -> tuple[int, int]:
    """Width and height of the result: H.264 wants even ones, so an odd side grows by one px."""
    width, height = facts.width * upscale, facts.height * upscale
    return width + width % 2, height + height % 2


class SegmentWriter:
    """Writes one segment; its file takes its name when everything is in it.

    No picture refers to a later one and none to another segment, so that segments can be put
    together as they are.

    Args:
        path: Of the finished segment, in an existing folder.
        facts: Of the clip.
        crf: Quality, 0..51, lower is better.
        upscale: By which frames are larger than the clip's.
        frames: At most so many will be written.
    """

    def __init__(self, path: Path, facts: ClipFacts, crf: float, upscale: int, frames: int) -> None:
        self.path = path
        self._part = path.with_suffix(".part")
        self._facts = facts
        self._av = require_av()
        self._size = delivered_size(facts, upscale)
        self._container = self._av.open(str(self._part), "w", format="nut")
        self._stream = self._make_stream(crf, frames)

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._container.close()
            self._part.unlink(missing_ok=True)
            return
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._part.replace(self.path)
        except (self._av.error.FFmpegError, OSError) as failure:
            raise self._refused(failure) from failure

    def write(self, pixels: RGBImage, pts: int) -> None:
        """Encode one (H, W, 3) uint8 RGB frame.

        Raises:
            WriteFailed: If the disk refuses.
        """
        width, height = self._size
        missing = (height - pixels.shape[0], width - pixels.shape[1])
        if any(missing):
            border = (0, missing[0], 0, missing[1])
            pixels = np.asarray(cv2.copyMakeBorder(pixels, *border, cv2.BORDER_REPLICATE), np.uint8)
        colours, flags = self._facts.colours, self._av.video.reformatter.Interpolation
        frame = self._av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
            format="yuv420p",
            dst_colorspace=colours.conversion,
            dst_color_range=colours.range_number,
            interpolation=flags.BICUBIC | flags.ACCURATE_RND | flags.BITEXACT,
        )
        frame.pts, frame.time_base = pts, self._facts.time_base
        frame.colorspace, frame.color_range = colours.matrix, colours.range_number
        try:
            self._container.mux(self._stream.encode(frame))
        except (self._av.error.FFmpegError, OSError) as failure:
            raise self._refused(failure) from failure

    def _make_stream(self, crf: float, frames: int) -> Any:
        rate, colours = self._facts.frame_rate, self._facts.colours
        stream = self._container.add_stream("libx264", rate=rate.limit_denominator(1_000_000))
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": f"{crf:g}", "preset": "medium", "g": str(frames)}
        context = stream.codec_context
        context.time_base = self._facts.time_base
        context.thread_count = _THREADS
        context.max_b_frames = 0
        context.sample_aspect_ratio = self._facts.pixel_aspect
        context.colorspace, context.color_range = colours.matrix, colours.range_number
        context.color_primaries, context.color_trc = colours.primaries, colours.transfer
        return stream

    def _refused(self, failure: Exception) -> WriteFailed:
        told = getattr(failure, "strerror", None) or str(failure)
        return WriteFailed(
            f"expected to be able to write {printable_path(self.path)}, got: {told}; finished "
            "segments are kept, run the same command again"
        )
