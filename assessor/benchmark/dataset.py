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
from .camera import draw_camera
from .labels import LABEL_SIZE_PX, PristineStatistics, full_reference_labels, measure_pristine
from .restorations import SIMULATED_RESTORATIONS, mix, restore_simulated

__all__ = ["FRAME_PX", "Person", "Row", "jitter", "read_people", "simulate_person"]

FRAME_PX: Final = 512
_BORDER: Final = (132, 133, 135)
RestoreFace = Callable[[RGBImage, np.random.Generator], RGBImage]


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the pristine set: file, sex, ethnicity and split by person."""

    path: Path
    sex: str
    ethnicity: str
    split: str


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One simulated picture and what is true of it.

    Attributes:
        image: (256, 256, 3) uint8 RGB.
        labels: The five full-reference pseudo-MOS.
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
        InvalidInput: If a column is missing.
    """
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    needed = {"file", "sex", "ethnicity", "split"}
    if not rows or not needed <= set(rows[0]):
        raise InvalidInput(
            f"expected the columns {sorted(needed)} in {table}, got {list(rows[:1])}"
        )
    return [Person(folder / r["file"], r["sex"], r["ethnicity"], r["split"]) for r in rows]


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
) -> Iterator[Row]:
    """Photograph one person with random cameras and restore some of the captures.

    Args:
        pristine: (512, 512, 3) uint8 RGB.
        exemplars: Other persons' pristine faces, for the swaps.
        embedders: The teachers, whose vectors are kept per row.
        restorers: Real restorers by name; simulated ones fill in where it is empty.
        captures: How many cameras.
        restored_share: Share of captures that are also restored.
        rng: Source of all randomness.

    Yields:
        A capture's row, then its restoration's row where there is one.
    """
    position = 0
    for number in range(captures):
        moved = jitter(pristine, rng)
        truth = measure_pristine(_small(moved))
        camera = draw_camera(rng)
        untouched = number == 0 and rng.random() < 0.3
        lq = moved if untouched else camera.capture(moved, rng)
        facts: dict[str, object] = {"pristine": True} if untouched else camera.provenance()
        yield _row(lq, truth, embedders, "none", position, facts)
        source, position = position, position + 1
        if rng.random() < restored_share:
            name, hq = _restore(lq, exemplars, restorers, rng)
            yield _row(hq, truth, embedders, name, source, facts)
            position += 1


def _restore(
    lq: RGBImage,
    exemplars: Sequence[RGBImage],
    restorers: Mapping[str, RestoreFace],
    rng: np.random.Generator,
) -> tuple[str, RGBImage]:
    if restorers:
        name = str(rng.choice(sorted(restorers)))
        return name, restorers[name](lq, rng)
    name = str(rng.choice(SIMULATED_RESTORATIONS, p=[0.15, 0.15, 0.1, 0.6]))
    exemplar = _small(exemplars[int(rng.integers(len(exemplars)))])
    small = _small(lq)
    hq = restore_simulated(name, small, exemplar, rng)
    if rng.random() < 0.25:
        name, hq = f"{name}+blend", mix(small, hq, float(rng.uniform(0.3, 0.8)))
    return name, _large(hq)


def _row(
    frame: RGBImage,
    truth: PristineStatistics,
    embedders: Sequence[Embedder],
    restoration: str,
    source: int,
    provenance: dict[str, object],
) -> Row:
    image = _small(frame)
    vectors = {embedder.name: embedder.embed(frame).vector for embedder in embedders}
    labels = full_reference_labels(image, truth)
    return Row(image, labels, vectors, restoration, source, provenance)


def provenance_text(facts: Mapping[str, object]) -> str:
    """One line of JSON for a CSV cell."""
    return json.dumps(facts, sort_keys=True, default=str)
