"""Tiny clips, written here: bright heads that a detector without a network finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.core.faces import DetectedFace, LandmarkScheme
from facefidelity.core.protocols import RestorerInfo
from facefidelity.guards.policy import load_policy
from facefidelity.plugin.pipeline import Guard
from facefidelity.restorers.settings import RestorerSettings

av = pytest.importorskip("av", reason="needs PyAV (the video extra)")

HEAD_PX = 40
TEMPLATE = np.array(
    [[170.3, 242.5], [219.6, 246.3], [292.2, 246.3], [341.5, 242.5], [255.9, 335.0]]
)


def face_at(x: float, y: float, width: float = HEAD_PX) -> DetectedFace:
    """A face whose box has its top left corner there."""
    points = (TEMPLATE - [101, 155]) * width / 303 + [x, y]
    return DetectedFace((x, y, x + width, y + width), points, LandmarkScheme.DLIB5, 1.0)


def head_frame(heads: Sequence[tuple[int, int]], size: tuple[int, int] = (160, 96)) -> np.ndarray:
    """A grey picture with bright textured heads at these corners."""
    frame = np.full((size[1], size[0], 3), 60, np.uint8)
    for x, y in heads:
        frame[y : y + HEAD_PX, x : x + HEAD_PX] = (210, 180, 160)
        frame[y + 10 : y + 16, x + 8 : x + 32] = (90, 70, 60)
    return frame


class BrightDetector:
    """Finds bright blocks, and counts the frames that it was shown."""

    name = "bright"

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        self.looks += 1
        mask = np.asarray(image.min(axis=2) > 110, np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        boxes = [tuple(map(float, one[:4])) for one in stats[1:] if one[4] > 400]
        return [face_at(x, y, w) for x, y, w, _ in sorted(boxes)]


class Flickering:
    """Brightens a face, which the judge here likes; on the calls that were named it darkens it."""

    info = RestorerInfo("flickering", "test", 0, RestorerSettings, "none", "yes", "for tests")

    def __init__(self, spoilt: Sequence[int] = ()) -> None:
        self.calls = 0
        self.spoilt = set(spoilt)

    def restore(self, face: np.ndarray, settings: object) -> np.ndarray:
        change = cv2.subtract if self.calls in self.spoilt else cv2.add
        self.calls += 1
        return change(face, (30, 30, 30, 0))


@pytest.fixture
def make_guard(fake_judge) -> Callable[..., Guard]:
    """A guard with the made-up judge, which refuses what became darker."""

    def make(spoilt: Sequence[int] = (), **options) -> Guard:
        policy = load_policy("lenient").model_copy(update={"min_consistency": 0.0})
        options = {"policy": policy, "judge": fake_judge, "detector": BrightDetector()} | options
        return Guard(Flickering(spoilt), **options)

    return make


@pytest.fixture
def put_clip(tmp_path: Path) -> Callable[..., Path]:
    """Write frames as a clip below tmp_path and return its path."""

    def put(
        name: str,
        frames: Sequence[np.ndarray],
        *,
        times_ms: Sequence[int] | None = None,
        rotation: int = 0,
        full_range: bool = False,
        sound: bool = False,
    ) -> Path:
        path = tmp_path / name
        height, width = frames[0].shape[:2]
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"crf": "4"})
            stream.width, stream.height = width, height
            stream.pix_fmt = "yuv444p" if width % 2 or height % 2 else "yuv420p"
            stream.codec_context.time_base = Fraction(1, 1000)
            stream.codec_context.color_range = 2 if full_range else 1
            if rotation:
                stream.set_display_rotation(rotation)
            voice = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
            for index, pixels in enumerate(frames):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                    format=stream.pix_fmt, dst_color_range=2 if full_range else 1
                )
                frame.pts = times_ms[index] if times_ms else 40 * index
                frame.time_base = Fraction(1, 1000)
                container.mux(stream.encode(frame))
                if voice is not None:
                    wave = np.sin(np.arange(1920) / 20, dtype=np.float32)[None] * 0.1
                    tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
                    tone.sample_rate, tone.pts = 48_000, 1920 * index
                    tone.time_base = Fraction(1, 48_000)
                    container.mux(voice.encode(tone))
            container.mux(stream.encode(None))
            if voice is not None:
                container.mux(voice.encode(None))
        return path

    return put
