"""What an SFIQA-Sim is built of: people, cameras, numbers, and who stands before which camera."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from ...core.errors import InvalidInput
from .dataset import Person
from .simulate.camera import VirtualCamera

__all__ = ["PAPER_CAMERAS", "BuildPlan", "CameraModel", "Turn"]

PAPER_CAMERAS: Final = ("corridor_dome", "street_bullet", "night_ir")
"""The three cameras shaped after the paper's set-up."""

Turn = tuple[int, int]
"""One capture: position of the camera, and number of the picture within that camera."""

_SHARD: Final = 12
_LEAST_PEOPLE: Final = 3


class CameraModel(Protocol):
    """A camera of a set: `NamedCamera` or `RandomCamera`."""

    @property
    def name(self) -> str:
        """Its name, also of its folder."""

    @property
    def summary(self) -> str:
        """What it is, one line."""

    @property
    def held_out(self) -> bool:
        """Whether it has a fault that training never saw."""

    @property
    def occluder_share(self) -> float:
        """Share of its pictures with something before the face."""

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codecs that it may use."""

    def draw(self, rng: np.random.Generator) -> VirtualCamera:
        """Draw the parameters of one picture."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What is built.

    Attributes:
        people: Whose pristine pictures are photographed.
        cameras: Every camera takes the same number of pictures.
        size: Captures in all, a multiple of the cameras.
        restored: Captures of every camera that are also restored.
        seed: Of everything random.

    Raises:
        InvalidInput: If there are too few people, two of one name, no camera, two cameras of one
            name, or numbers that cannot be shared out.
    """

    people: tuple[Person, ...]
    cameras: tuple[CameraModel, ...]
    size: int = 5004
    restored: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.people) < _LEAST_PEOPLE:
            raise InvalidInput(
                f"expected pristine faces of at least {_LEAST_PEOPLE} people, "
                f"got {len(self.people)}"
            )
        if not self.cameras:
            raise InvalidInput("expected at least one camera, got none")
        _require_distinct("people's file names", [each.path.stem for each in self.people])
        _require_distinct("camera names", [each.name for each in self.cameras])
        if self.size < 1 or self.size % len(self.cameras):
            raise InvalidInput(
                f"expected a size that {len(self.cameras)} cameras share evenly, got {self.size}"
            )
        if not 0 <= self.restored <= self.per_camera:
            raise InvalidInput(
                f"expected 0 to {self.per_camera} restored captures a camera, got {self.restored}"
            )
        if self.seed < 0:
            raise InvalidInput(f"expected a seed of 0 or more, got {self.seed}")

    @property
    def per_camera(self) -> int:
        """Captures of one camera."""
        return self.size // len(self.cameras)

    @property
    def pictures(self) -> int:
        """Captures and restorations in all."""
        return self.size + self.restored * len(self.cameras)

    @property
    def shots(self) -> list[Turn]:
        """(camera, number of the picture within the camera), in the order of the table."""
        return [(c, k) for c in range(len(self.cameras)) for k in range(self.per_camera)]

    @property
    def shards(self) -> list[list[Turn]]:
        """The shots in the portions that a process makes at a time."""
        shots = self.shots
        return [shots[i : i + _SHARD] for i in range(0, len(shots), _SHARD)]

    def person_of(self, camera: int, number: int) -> int:
        """Who stands before a camera: everybody in turn, in an order drawn for that camera."""
        order = np.random.default_rng([self.seed, 7, camera]).permutation(len(self.people))
        return int(order[number % len(order)])


def _require_distinct(what: str, names: Sequence[str]) -> None:
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise InvalidInput(f"expected {what} that differ, got {twice[0]!r} more than once")
