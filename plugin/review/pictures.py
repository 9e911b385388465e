"""The pictures behind a record: found again, known by their bytes, and cut to the face.

A record is text that anybody may have written. So a result is read only from below the batch's own
folder, and an input only where its bytes have the hash that the record gives.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...core.errors import InvalidInput
from ...core.faces import DetectedFace, align_face, frame_as_aligned
from ...core.images import Picture, read_picture
from ...core.protocols import RGBImage
from ...restorers.output import check_restored
from ...restorers.registry import create_restorer, restorer_info
from ...restorers.settings import parse_settings
from ..timebox import call_restorer
from .reviewed import ReviewedFace

__all__ = ["FaceCrops", "find_crops", "restore_again"]

_MOST_PARTS: Final = 8
_TIME_LIMIT_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrops:
    """One face before and after.

    Attributes:
        before: (512, 512, 3) uint8 RGB of the input, None where that is not there any more.
        after: (512, 512, 3) uint8 RGB of what was delivered, likewise.
        problem: What is not there, in one sentence; None where both are.
    """

    before: RGBImage | None
    after: RGBImage | None
    problem: str | None = None


def find_crops(
    face: ReviewedFace, folder: Path, pictures: Mapping[str, Path] | None = None
) -> FaceCrops:
    """Cut one face out of the input and out of the result.

    Args:
        face: What the batch says of it.
        folder: The batch's output folder.
        pictures: The only files that are read, by the SHA-256 of their bytes; None reads where the
            record says.

    Returns:
        Both crops in the FFHQ frame, cut with one transform; what has moved is named.
    """
    before_at, after_at = _input_places(face, folder), _output_places(face, folder)
    if pictures is not None:
        before_at = _given(pictures, face.input_sha256)
        after_at = _given(pictures, face.output_sha256)
    before = _first_of(before_at, face.input_sha256)
    after = _first_of(after_at, face.output_sha256)
    missing = [
        f"The {kind} {name} is not where the batch left it, or has been changed since."
        for kind, name, picture in (
            ("input", face.name, before),
            ("result", Path(face.output).name, after),
        )
        if picture is None
    ]
    problem = " ".join(missing) or None
    if before is None:
        return FaceCrops(None, None, problem)
    after_crop = (
        None if after is None else _cut(after.pixels, face, after.width_px / before.width_px)
    )
    return FaceCrops(_cut(before.pixels, face, 1.0), after_crop, problem)


def restore_again(face: ReviewedFace, lq: RGBImage) -> RGBImage:
    """Run the restorer of a record once more: a batch leaves no copy of what was refused.

    Args:
        face: What the batch says; its restorer and settings are taken.
        lq: (512, 512, 3) uint8 RGB crop of the input.

    Returns:
        (512, 512, 3) uint8 RGB, the same restoration up to the rounding of the landmarks.

    Raises:
        NotRegistered: If there is no such restorer here.
        InvalidInput: If the settings are not its own.
        WeightsMissing: If its weights are not here; likewise MissingExtra.
        RestorerFailed: If it fails or gives its input back.
    """
    settings = parse_settings(restorer_info(face.restorer), face.settings)
    restorer = create_restorer(face.restorer)
    given = lq.copy()
    restored, _ = call_restorer(
        face.restorer, lambda: restorer.restore(given, settings), _TIME_LIMIT_SECONDS
    )
    return frame_as_aligned(check_restored(lq, restored, face.restorer)).pixels


def _cut(picture: RGBImage, face: ReviewedFace, scale: float) -> RGBImage | None:
    landmarks = np.array(face.landmarks, np.float64) * scale + (scale - 1) / 2
    x0, y0, x1, y1 = (value * scale for value in face.box)
    try:
        found = DetectedFace((x0, y0, x1, y1), landmarks, face.landmark_scheme, 1.0)
        return align_face(picture, found).pixels
    except InvalidInput:  # landmarks that no face has: somebody wrote them by hand
        return None


def _first_of(places: Iterator[Path], sha256: str) -> Picture | None:
    """The first place whose file is a picture with these bytes."""
    for place in places:
        try:
            picture = read_picture(place)
        except InvalidInput:
            continue
        if picture.sha256 == sha256:
            return picture
    return None


def _given(pictures: Mapping[str, Path], sha256: str) -> Iterator[Path]:
    if sha256 in pictures:
        yield pictures[sha256]


def _input_places(face: ReviewedFace, folder: Path) -> Iterator[Path]:
    named = Path(face.path)
    yield named
    if not named.is_absolute():
        yield folder / named
        yield folder.parent / named


def _output_places(face: ReviewedFace, folder: Path) -> Iterator[Path]:
    """The named place, then its last parts below the folder, which may have moved as a whole."""
    if "\0" in face.output:
        return
    inside, parts = os.path.realpath(folder), Path(face.output).parts
    tails = (folder.joinpath(*parts[-n:]) for n in range(1, min(len(parts), _MOST_PARTS) + 1))
    for place in (Path(face.output), *tails):
        if Path(os.path.realpath(place)).is_relative_to(inside):
            yield place
