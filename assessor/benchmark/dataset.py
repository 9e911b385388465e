"""Builds a set of simulated captures and restorations with pseudo-MOS and identity truth.

Pictures are kept as one memory-mapped array beside a CSV that says for every row who it shows,
which chain made it, and what is true of it. A restored row points to the row that it came from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.protocols import Embedder, RGBImage
from .labels import LABEL_SIZE_PX, PristineStatistics, full_reference_labels, measure_pristine
from .simulate.camera import VirtualCamera
from .simulate.occluders import OCCLUDERS, occlude
from .simulate.random_camera import draw_camera
from .simulate.restorations import SIMULATED_RESTORATIONS, SIMULATED_SHARES, mix, restore_simulated

__all__ = [
    "FRAME_PX",
    "Person",
    "RestoreFace",
    "Row",
    "Shot",
    "jitter",
    "measure_row",
    "photograph",
    "provenance_text",
    "read_people",
    "restore_shot",
    "simulate_person",
]

FRAME_PX: Final = 512
_BORDER: Final = (132, 133, 135)
_UNTOUCHED_SHARE: Final = 0.3
_BLENDED_SHARE: Final = 0.2
_COLUMNS: Final = ("file", "sex", "ethnicity", "split")
RestoreFace = Callable[[RGBImage, np.random.Generator], RGBImage]
DrawCamera = Callable[[np.random.Generator], VirtualCamera]


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the pristine set: file, sex, ethnicity and split by person."""

    path: Path
    sex: str
    ethnicity: str
    split: str


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One capture before it is measured.

    Attributes:
        lq: (512, 512, 3) uint8 RGB.
        truth: Of the scene that the camera saw.
        provenance: What was done, as plain data.
    """

    lq: RGBImage
    truth: PristineStatistics
    provenance: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One simulated picture and what is true of it.

    Attributes:
        image: (256, 256, 3) uint8 RGB.
        labels: The five full-reference pseudo-MOS and "structure", each 0..100.
        vectors: Unit vector per embedder name.
        restoration: "none" for a capture, else what was done to it.
        source: Position of the capture within the same person's rows; its own for a capture.
        provenance: The camera's parameters.
    """

    image: RGBImage
    labels: dict[str, float]
    vectors: dict[str, npt.NDArray[np.float32]]
    restoration: str
    source: int
    provenance: dict[str, object]


def read_people(table: Path, folder: Path) -> list[Person]:
    """Read a CSV with the columns file, sex, ethnicity, split.

    Raises:
        InvalidInput: If it cannot be read, names nobody, or a column is missing.
    """
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            rows, columns = list(reader), reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"expected a CSV of people at {table}, got: {error}") from error
    if not rows or not set(_COLUMNS) <= set(columns):
        raise InvalidInput(
            f"expected the columns {', '.join(_COLUMNS)} and at least one person in {table}, "
            f"got {', '.join(columns) or 'no columns'} and {len(rows)} people"
        )
    return [_person(row, table, folder) for row in rows]


def _person(row: Mapping[str, str | None], table: Path, folder: Path) -> Person:
    file = row["file"]
    if not file:
        raise InvalidInput(f"expected a file for every person in {table}, got a row without one")
    sex, ethnicity, split = (row[column] or "unknown" for column in _COLUMNS[1:])
    return Person(folder / file, sex, ethnicity, split)


def jitter(face: RGBImage, rng: np.random.Generator) -> RGBImage:
    """Move a face a little within its frame, as landmark errors do: 2 %, 3 degrees, 4 % size."""
    size = face.shape[0]
    affine = cv2.getRotationMatrix2D(
        (size / 2, size / 2), float(rng.normal(0, 1.5)), float(np.exp(rng.normal(0, 0.025)))
    )
    affine[:, 2] += rng.normal(0, 0.012 * size, 2)
    moved = cv2.warpAffine(face, affine, (size, size), borderValue=_BORDER)
    return np.asarray(moved, np.uint8)


def _small(image: RGBImage) -> RGBImage:
    size = (LABEL_SIZE_PX, LABEL_SIZE_PX)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _large(image: RGBImage) -> RGBImage:
    size = (FRAME_PX, FRAME_PX)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def simulate_person(
    pristine: RGBImage,
    exemplars: Sequence[RGBImage],
    embedders: Sequence[Embedder],
    restorers: Mapping[str, RestoreFace],
    captures: int,
    restored_share: float,
    rng: np.random.Generator,
    *,
    draw: DrawCamera = draw_camera,
    occluder_share: float = 0.03,
) -> Iterator[Row]:
    """Photograph one person with drawn cameras and restore some of the captures.

    Three first captures in ten are the pristine picture itself. An occluder is part of the scene:
    the pristine face that labels compare with wears it too, the person's embedding does not.

    Args:
        pristine: (512, 512, 3) uint8 RGB.
        exemplars: Other persons' pristine faces, for the swaps.
        embedders: The teachers, whose vectors are kept per row.
        restorers: Real restorers by name; simulated ones fill in where it is empty.
        captures: How many captures.
        restored_share: Share of captures that are also restored.
        rng: Source of all randomness.
        draw: Draws the camera of one capture.
        occluder_share: Share of captures with something before the face.

    Yields:
        A capture's row, then its restoration's row where there is one.
    """
    position = 0
    for number in range(captures):
        untouched = number == 0 and rng.random() < _UNTOUCHED_SHARE
        shot = photograph(pristine, None if untouched else draw(rng), occluder_share, rng)
        yield measure_row(shot.lq, shot, embedders, "none", position)
        source, position = position, position + 1
        if rng.random() < restored_share:
            name, hq = restore_shot(shot, exemplars, restorers, rng)
            yield measure_row(hq, shot, embedders, name, source)
            position += 1


def photograph(
    pristine: RGBImage,
    camera: VirtualCamera | None,
    occluder_share: float,
    rng: np.random.Generator,
) -> Shot:
    """Take one picture of a face.

    Args:
        pristine: (512, 512, 3) uint8 RGB.
        camera: Its camera, or None for the pristine picture itself.
        occluder_share: Probability of something before the face.
        rng: Source of all randomness.
    """
    scene = jitter(pristine, rng)
    occluder = str(rng.choice(OCCLUDERS)) if rng.random() < occluder_share else ""
    scene = occlude(scene, occluder, rng)
    facts: dict[str, object] = {"pristine": True} if camera is None else camera.provenance()
    lq = scene if camera is None else camera.capture(scene, rng)
    return Shot(lq, measure_pristine(_small(scene)), {**facts, "occluder": occluder})


def restore_shot(
    shot: Shot,
    exemplars: Sequence[RGBImage],
    restorers: Mapping[str, RestoreFace],
    rng: np.random.Generator,
) -> tuple[str, RGBImage]:
    """Restore a capture with one of the restorers, or with a simulated one where there is none.

    Args:
        shot: The capture.
        exemplars: Other persons' pristine faces, for the swaps.
        restorers: Real restorers by name.
        rng: Source of all randomness.

    Returns:
        What was done, "+blend" where the result is a mixture with the capture; and the face,
        (S, S, 3) uint8 RGB: 512 px from a real restorer, 256 px from a simulated one.
    """
    if restorers:
        name, lq = str(rng.choice(sorted(restorers))), shot.lq
        hq = restorers[name](lq, rng)
    else:
        name, lq = str(rng.choice(SIMULATED_RESTORATIONS, p=SIMULATED_SHARES)), _small(shot.lq)
        exemplar = _small(exemplars[int(rng.integers(len(exemplars)))])
        hq = restore_simulated(name, lq, exemplar, rng)
    if rng.random() < _BLENDED_SHARE:
        name, hq = f"{name}+blend", mix(lq, hq, float(rng.uniform(0.3, 0.8)))
    return name, hq


def measure_row(
    frame: RGBImage, shot: Shot, embedders: Sequence[Embedder], restoration: str, source: int
) -> Row:
    """Measure a capture or its restoration against the scene.

    Args:
        frame: (S, S, 3) uint8 RGB of 512 px, or of 256 px, which are then taken as they are.
        shot: The capture, whose scene is the truth.
        embedders: The teachers, whose vectors are kept.
        restoration: What was done to the capture, "none" for the capture itself.
        source: Goes into the row.
    """
    ready = frame.shape[0] == LABEL_SIZE_PX
    image, large = (frame, _large(frame)) if ready else (_small(frame), frame)
    vectors = {embedder.name: embedder.embed(large).vector for embedder in embedders}
    labels = full_reference_labels(image, shot.truth)
    return Row(image, labels, vectors, restoration, source, shot.provenance)


def provenance_text(facts: Mapping[str, object]) -> str:
    """One line of JSON for a CSV cell."""
    return json.dumps(facts, sort_keys=True, default=str)
