"""SFIQA-Sim: cameras x people, six pseudo-MOS a picture, bit-for-bit repeatable.

The layout is what people use for rated sets too: pictures beside one CSV. Every picture is drawn
from its own seed, so the number of processes changes nothing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ...core.errors import InvalidInput
from ...core.images import read_picture
from ...core.protocols import Embedder, RGBImage
from .build_plan import BuildPlan, Turn
from .dataset import FRAME_PX, RestoreFace, Row, measure_row, photograph, restore_shot

__all__ = ["SimulatedPicture", "Workshop", "read_pristine", "simulate"]


@dataclass(frozen=True, slots=True)
class Workshop:
    """How a process makes its own tools; both are called at most once in every process.

    Attributes:
        embedders: Makes the teachers of the fidelity label.
        restorers: Makes the restorers by name; none: simulated restorations.
    """

    embedders: Callable[[], Sequence[Embedder]]
    restorers: Callable[[], Mapping[str, RestoreFace]] = dict


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedPicture:
    """One row with what it shows.

    Attributes:
        row: The picture and what is true of it; its source is 0 for a capture, and for a
            restoration 1 back.
        person: Position in the plan's people.
        camera: Position in the plan's cameras.
    """

    row: Row
    person: int
    camera: int


def simulate(plan: BuildPlan, workshop: Workshop, jobs: int) -> Iterator[list[SimulatedPicture]]:
    """Make every picture, one shard of the plan at a time and always in the same order.

    Args:
        plan: What is built.
        workshop: Makes the tools of a process.
        jobs: Processes; their number changes nothing in what is made.

    Raises:
        InvalidInput: If a pristine picture cannot be read or is no aligned face.
        MissingExtra: If a camera has a video codec and PyAV is absent.
    """
    if jobs == 1:
        yield from map(_Bench(plan, workshop).take, plan.shards)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _equip, (plan, workshop)) as pool:
        yield from pool.map(_take, plan.shards)


def read_pristine(path: Path) -> RGBImage:
    """Read one pristine face and bring it to 512 px.

    Raises:
        InvalidInput: If it is not square or cannot be read.
    """
    pixels = read_picture(path).pixels
    if pixels.shape[0] != pixels.shape[1]:
        raise InvalidInput(
            f"expected a square aligned face in {path.name}, got "
            f"{pixels.shape[1]}x{pixels.shape[0]}; align the faces first"
        )
    if pixels.shape[0] == FRAME_PX:
        return pixels
    way = cv2.INTER_AREA if pixels.shape[0] > FRAME_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (FRAME_PX, FRAME_PX), interpolation=way), np.uint8)


class _Bench:
    """One process at work: the plan, and its own tools, made when first needed."""

    def __init__(self, plan: BuildPlan, workshop: Workshop) -> None:
        self._plan = plan
        self._workshop = workshop

    @cached_property
    def _tools(self) -> tuple[Sequence[Embedder], Mapping[str, RestoreFace]]:
        cv2.setNumThreads(1)
        return self._workshop.embedders(), self._workshop.restorers()

    def take(self, turns: Sequence[Turn]) -> list[SimulatedPicture]:
        """Make the pictures of some turns, each from its own seed."""
        return [picture for camera, number in turns for picture in self._one(camera, number)]

    def _one(self, camera: int, number: int) -> Iterator[SimulatedPicture]:
        plan, (embedders, restorers) = self._plan, self._tools
        rng = np.random.default_rng([plan.seed, 11, camera, number])
        who, model = plan.person_of(camera, number), plan.cameras[camera]
        pristine = read_pristine(plan.people[who].path)
        try:
            shot = photograph(pristine, model.draw(rng), model.occluder_share, rng)
        except InvalidInput as error:
            raise InvalidInput(f"{plan.people[who].path.name}: {error}") from error
        row = measure_row(shot.lq, shot, embedders, "none", 0)
        yield SimulatedPicture(row, who, camera)
        if number < plan.restored:
            others = [i for i in rng.permutation(len(plan.people)) if i != who][:2]
            exemplars = [read_pristine(plan.people[i].path) for i in others]
            name, hq = restore_shot(shot, exemplars, restorers, rng)
            yield SimulatedPicture(measure_row(hq, shot, embedders, name, 1), who, camera)


_of_this_process: Final[list[_Bench]] = []


def _equip(plan: BuildPlan, workshop: Workshop) -> None:
    _of_this_process[:] = [_Bench(plan, workshop)]


def _take(turns: Sequence[Turn]) -> list[SimulatedPicture]:
    return _of_this_process[0].take(turns)
