"""Genuine and impostor comparisons for an error-versus-discard curve, from a rated set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .correlation import Vector

__all__ = ["Comparisons", "compare_faces"]

_IMPOSTORS: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Similarities by pair.

    Attributes:
        genuine: (G,) cosine similarities of pairs of one person.
        probe: (G,) index of the pair's picture.
        other: (G,) index of the pair's other picture, -1 where it is an enrolled reference.
        impostor: (M,) cosine similarities of pairs of different persons.
    """

    genuine: Vector
    probe: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    impostor: Vector

    def pair_quality(self, quality: Vector) -> Vector:
        """(G,) quality of each pair: the lower of its two pictures; a reference does not count."""
        partner = np.where(self.other >= 0, quality[self.other], np.inf)
        return np.minimum(quality[self.probe], partner)


def compare_faces(
    vectors: npt.NDArray[np.float32],
    person: Sequence[str],
    references: npt.NDArray[np.float32] | None = None,
    is_reference: npt.NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Comparisons:
    """Compare every picture with its person and with up to 50 strangers.

    With references, a picture is compared with its own reference and with other persons'; without,
    with the person's next picture in the table and with pictures of other persons.

    Args:
        vectors: (N, D) unit vectors.
        person: (N,) whose each picture is.
        references: (N, D) unit vectors of each row's reference picture.
        is_reference: (N,) rows that are their own reference; they make no genuine pair.
        seed: Of the choice of strangers.
    """
    names = np.asarray(person)
    rng = np.random.default_rng(seed)
    gallery = vectors if references is None else references
    index = np.arange(len(names))
    other = _next_of_same(names) if references is None else index
    has_partner = other != index
    if references is not None:
        has_partner = np.full(len(names), True) if is_reference is None else ~is_reference
    probe = index[has_partner]
    genuine = np.sum(vectors[probe] * gallery[other[probe]], axis=1)
    impostor = []
    for row, name in enumerate(names):
        strangers = np.flatnonzero(names != name)
        chosen = rng.choice(strangers, min(_IMPOSTORS, len(strangers)), replace=False)
        impostor.append(gallery[chosen] @ vectors[row])
    return Comparisons(
        genuine=genuine.astype(np.float64),
        probe=probe,
        other=other[probe] if references is None else np.full(len(probe), -1),
        impostor=np.concatenate(impostor).astype(np.float64) if impostor else np.empty(0),
    )


def _next_of_same(names: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """For each row the next row of the same person, the first again after the last."""
    following = np.arange(len(names))
    for name in np.unique(names):
        rows = np.flatnonzero(names == name)
        following[rows] = np.roll(rows, -1)
    return following
