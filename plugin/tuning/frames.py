"""The faces of a camera's frames: found, aligned, measured; what cannot be read is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from ...assessor.benchmark.simulate.camera import FACE_SHARE
from ...core.errors import InvalidInput
from ...core.faces import FACE_SIZE_PX, AlignedFace
from ...core.images import Picture, find_pictures, printable_path, read_picture
from ...core.protocols import RGBImage
from ...core.scores import QualityScores
from ..assessment import FaceAssessment
from .signals import FaceSignals, block_quality, measure_signals

__all__ = ["MOST_FRAMES", "CameraFace", "CameraFrames", "collect_faces"]

MOST_FRAMES: Final = 400
"""Of more frames a seeded sample of this many is looked at."""
_LUMA_TABLE_MEAN: Final = 57.625
"""Mean of the JPEG standard's luma quantisation table (ITU-T T.81, K.1), quality 50."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and of how many."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraFace:
    """One face of the camera.

    Attributes:
        name: The frame's path, and the face's number where it has several.
        pixels: (512, 512, 3) uint8 RGB in the FFHQ frame.
        signals: What was measured on it.
        scores: Its six scores.
    """

    name: str
    pixels: RGBImage
    signals: FaceSignals
    scores: QualityScores


@dataclass(frozen=True, slots=True, eq=False)
class CameraFrames:
    """What a folder of frames held.

    Attributes:
        faces: Every face that can be assessed, in the order of the frames.
        frames: How many pictures were looked at.
        offered: How many there were.
        problems: (frame, why) of each that could not be used.
        sha256: Hash over the names and contents of the frames that were looked at.
    """

    faces: tuple[CameraFace, ...]
    frames: int
    offered: int
    problems: tuple[tuple[str, str], ...]
    sha256: str


def collect_faces(
    inputs: Sequence[Path],
    assessment: FaceAssessment,
    *,
    aligned: bool = False,
    most_frames: int = MOST_FRAMES,
    seed: int = 0,
    progress: Progress | None = None,
) -> CameraFrames:
    """Find and measure the faces of a camera's frames.

    Args:
        inputs: Pictures and folders.
        assessment: Finds and scores faces.
        aligned: Every picture already is one face in the FFHQ frame.
        most_frames: Of more pictures a sample of this many is drawn, the same for one seed.
        seed: Of that sample.
        progress: Told after every frame.

    Raises:
        InvalidInput: If there is no picture at all.
    """
    found = find_pictures(inputs)
    if not found:
        raise InvalidInput(
            f"expected frames in {', '.join(map(str, inputs))}, found none; name pictures or a "
            "folder of them"
        )
    chosen = _sample(len(found), most_frames, seed)
    faces: list[CameraFace] = []
    problems: list[tuple[str, str]] = []
    digest = hashlib.sha256()
    for done, index in enumerate(chosen, 1):
        path = found[index].path
        try:
            picture = read_picture(path)
            faces += _faces_of(picture, printable_path(path), assessment, aligned)
            digest.update(f"{found[index].relative} {picture.sha256}\n".encode())
        except InvalidInput as error:
            problems.append((printable_path(path), str(error)))
        if progress is not None:
            progress("looking for faces", done, len(chosen))
    return CameraFrames(tuple(faces), len(chosen), len(found), tuple(problems), digest.hexdigest())


def _sample(total: int, most: int, seed: int) -> list[int]:
    if total <= most:
        return list(range(total))
    drawn = np.random.default_rng(seed).choice(total, size=most, replace=False)
    return sorted(int(index) for index in drawn)


def _faces_of(
    picture: Picture, name: str, assessment: FaceAssessment, aligned: bool
) -> list[CameraFace]:
    assessed = [
        (one.face, one.scores)
        for one in assessment.assess(picture.pixels, aligned=aligned)
        if one.scores is not None
    ]
    table = None if picture.path is None else _table_quality(picture.path)
    return [
        CameraFace(
            name=name if len(assessed) == 1 else f"{name}#{number}",
            pixels=face.pixels,
            signals=_signals(face, picture.pixels, table, aligned),
            scores=scores,
        )
        for number, (face, scores) in enumerate(assessed)
    ]


def _signals(face: AlignedFace, frame: RGBImage, table: float | None, aligned: bool) -> FaceSignals:
    quality = table if table is not None else block_quality(_luma_around(face, frame))
    if aligned and frame.shape[0] >= FACE_SIZE_PX:  # perhaps enlarged by whoever aligned it
        return measure_signals(face.pixels, None, quality)
    return measure_signals(face.pixels, FACE_SHARE * FACE_SIZE_PX / face.scale, quality)


def _luma_around(face: AlignedFace, frame: RGBImage) -> Any:
    x0, y0, x1, y1 = (max(0, round(value)) for value in face.box)
    return cv2.cvtColor(np.ascontiguousarray(frame[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)


def _table_quality(path: Path) -> float | None:
    """Quality that a JPEG's own luma table stands for; None for other formats."""
    with Image.open(path) as image:
        tables = getattr(image, "quantization", None)
    if not tables:
        return None
    scale = float(np.mean(next(iter(tables.values())))) / _LUMA_TABLE_MEAN
    return float(np.clip(100 - 50 * scale if scale <= 1 else 50 / scale, 1, 100))
