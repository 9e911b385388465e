"""The people among whom an independent recogniser looks for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...assessor.benchmark.identity_labels import cohort_z
from ...core.errors import InvalidInput
from ...core.protocols import Embedder, RGBImage

__all__ = ["ENOUGH_PEOPLE", "Gallery", "Sight", "Vector", "require_independent"]

ENOUGH_PEOPLE: Final = 400
"""With fewer people "ranked first" says little; the report warns."""
_LEAST_PEOPLE: Final = 3
_LEAST_COHORT: Final = 10
_STRANGERS: Final = 50
_SAME_NETWORK: Final = 0.999

Vector = npt.NDArray[np.float32]
"""(D,) unit vector of a face."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the recogniser sees in one face.

    Attributes:
        rank1: Whether nobody else of the gallery is more alike.
        z: Cohort z-score of the similarity to the person's own pristine face.
        genuine: That similarity, a cosine.
        impostor: (S,) cosines to strangers, up to 50.
    """

    rank1: bool
    z: float
    genuine: float
    impostor: npt.NDArray[np.float64]


class Gallery:
    """One pristine face a person.

    Args:
        vectors: Unit vector of each person's pristine face.
        sexes: Sex of each person, where it is known: the cohort is of the same sex.

    Raises:
        InvalidInput: If there are fewer than three people.
    """

    def __init__(self, vectors: dict[str, Vector], sexes: dict[str, str] | None = None) -> None:
        if len(vectors) < _LEAST_PEOPLE:
            raise InvalidInput(
                f"expected a gallery of at least {_LEAST_PEOPLE} people, got {len(vectors)}"
            )
        self._place = {name: index for index, name in enumerate(vectors)}
        self._vectors = np.stack(list(vectors.values()))
        known = sexes or {}
        self._sexes = np.array([known.get(name, "") for name in vectors])

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, person: str) -> bool:
        return person in self._place

    def see(self, vector: Vector, person: str) -> Sight:
        """Look for a person in a face.

        Args:
            vector: Unit vector of the face.
            person: Whom it should show; one of the gallery.
        """
        place = self._place[person]
        alike = self._vectors @ vector
        others = np.arange(len(alike)) != place
        same = others & (self._sexes == self._sexes[place])
        cohort = same if same.sum() >= _LEAST_COHORT else others
        z = cohort_z(vector[None], self._vectors[place][None], self._vectors[cohort])
        strangers = np.flatnonzero(others)
        chosen = np.random.default_rng(place).permutation(strangers)[:_STRANGERS]
        return Sight(
            rank1=not bool((alike[others] > alike[place]).any()),
            z=float(z[0]),
            genuine=float(alike[place]),
            impostor=alike[chosen].astype(np.float64),
        )


def require_independent(recogniser: Embedder, guard: Embedder, face: RGBImage) -> None:
    """Refuse a recogniser that is the guard's own embedder, under whatever name.

    Args:
        recogniser: Who tells the truth.
        guard: The embedder inside the guard.
        face: (S, S, 3) uint8 RGB, any aligned face.

    Raises:
        InvalidInput: If both are one network.
    """
    first, second = recogniser.embed(face).vector, guard.embed(face).vector
    same = first.shape == second.shape and float(first @ second) > _SAME_NETWORK
    if same or recogniser.name == guard.name:
        raise InvalidInput(
            f"expected a recogniser that is not in the guard, got {recogniser.name}, which is its "
            "own embedder; name another ONNX file with --recogniser"
        )
