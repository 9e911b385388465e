"""Restores a clip with a restorer and a judge that cost nothing: for the memory of everything else.

    python benchmarks/video_machinery.py blocks.mp4 result.mp4

Decoding, following, placing, smoothing, composing, encoding, segments and join are the real ones.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

import facefidelity as ff
from facefidelity.core.faces import DetectedFace, LandmarkScheme
from facefidelity.core.protocols import Restoration
from facefidelity.guards.verdict import Decision, Reason, Verdict
from facefidelity.plugin.results import GuardedFace
from facefidelity.plugin.video import restore_clip
from facefidelity.plugin.video.judging import ClipJudge

TEMPLATE = np.array([[170.3, 242.5], [219.6, 246.3], [292.2, 246.3], [341.5, 242.5], [255.9, 335]])
ACCEPTED = Verdict(Decision.ACCEPT, 1.0, (Reason.QUALITY_GAINED,), "balanced")


def write_blocks(path: Path, frames: int) -> None:
    """Two bright blocks that a detector without a network finds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(frames):
            picture = np.full((360, 640, 3), 60, np.uint8)
            for x, y in ((40 + number % 200, 60), (500 - number % 200, 220)):
                picture[y : y + 80, x : x + 80] = 200
            shot = av.VideoFrame.from_ndarray(picture, format="rgb24")
            shot.pts, shot.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(shot))
        container.mux(stream.encode(None))


class BlockDetector:
    """Finds bright blocks."""

    name = "blocks"

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        mask = np.asarray(image.min(axis=2) > 130, np.uint8)
        return [
            DetectedFace(
                (float(x), float(y), float(x + w), float(y + h)),
                (TEMPLATE - [101, 155]) * w / 303 + [x, y],
                LandmarkScheme.DLIB5,
                1.0,
            )
            for x, y, w, h, pixels in cv2.connectedComponentsWithStats(mask)[2][1:]
            if pixels > 400
        ]


def accept(face: Any, *_: Any) -> GuardedFace:
    """As `Guard.guard_face`."""
    better = cv2.add(face.pixels, (20, 20, 20, 0))
    return GuardedFace(face, Restoration(face.pixels, better, "made"), ACCEPTED, better)


def measure_nothing(*_: Any) -> object:
    """As `ClipJudge._source`."""
    return object()


def main() -> None:
    source, target = map(Path, sys.argv[1:3])
    guard = ff.Guard("classical", detector=BlockDetector())
    guard.guard_face = accept  # type: ignore[assignment]
    ClipJudge._source = measure_nothing  # type: ignore[assignment, method-assign]
    done = restore_clip(source, target, guard)
    assert done.changed
    print(f"{done.frames} frames, {len(done.tracks)} tracks")


if __name__ == "__main__":
    main()
