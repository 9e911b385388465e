"""Compares faces with the truth that is known of them: quality by measurement, identity by rank.

Quality is the full-reference pseudo-MOS of the benchmark (`assessor.benchmark.labels`). Identity is
lost where the face stops being its person's first among the others, or stands out from them by a
standard deviation less than LQ did, which is how the risk model was fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...assessor.benchmark.identity_labels import cohort_z
from ...assessor.benchmark.labels import (
    LABEL_SIZE_PX,
    PristineStatistics,
    full_reference_labels,
    measure_pristine,
)
from ...core.protocols import Embedder, RGBImage
from .hashing import hash_face

__all__ = ["LEAST_COHORT", "LOST_Z", "Look", "Truth"]

LOST_Z: Final = 1.0
"""Fall of the cohort z-score that counts as lost."""
LEAST_COHORT: Final = 8
"""With fewer other people the calibrated similarity alone decides."""
_LOST_PROBABILITY: Final = 0.2

SamePerson = Callable[[float], float]
"""Probability in [0, 1] that a cosine similarity is of one person."""


@dataclass(frozen=True, slots=True)
class Look:
    """What comparing one face with its truth gave.

    Attributes:
        quality: Overall pseudo-MOS, 0..100.
        first: Whether nobody else is more alike.
        standing: Cohort z-score; with few other people the probability of being the same.
        ranked: Whether there were enough other people to rank among.
    """

    quality: float
    first: bool
    standing: float
    ranked: bool

    def lost_in(self, other: Look) -> bool:
        """Whether another face of the same pair lost the identity that this one has."""
        if not self.ranked:
            return self.standing - other.standing > _LOST_PROBABILITY
        return (self.first and not other.first) or self.standing - other.standing > LOST_Z


class Truth:
    """The true faces of a set of pairs.

    Args:
        faces: (S, S, 3) uint8 RGB, the truth of each.
        embedder: Who recognises.
        same_person: Calibration of it; truths that it takes for one person are not each other's
            cohort. None says that every truth is of another person.
        others: (M, D) unit vectors of more people, none of whom is among the faces.
    """

    def __init__(
        self,
        faces: Sequence[RGBImage],
        embedder: Embedder,
        same_person: SamePerson | None,
        others: npt.NDArray[np.float32] | None = None,
    ) -> None:
        self._embedder = embedder
        self._same = same_person
        self._statistics = [measure_pristine(_small(face)) for face in faces]
        self._keys = [f"{embedder.name} {hash_face(face)}" for face in faces]
        own = np.stack([one.vector for one in embedder.embed_batch(list(faces))])
        extra = np.zeros((0, own.shape[1]), np.float32) if others is None else others
        self._own = own
        self._cohorts = [np.concatenate([own[self._apart(i)], extra]) for i in range(len(own))]

    def _apart(self, index: int) -> npt.NDArray[np.bool_]:
        alike = self._own @ self._own[index]
        if self._same is None:
            return np.asarray(np.arange(len(alike)) != index)
        return np.array([self._same(float(cosine)) < 0.5 for cosine in alike])

    def key(self, index: int) -> str:
        """Text that stands for one truth and for who looks."""
        return self._keys[index]

    @property
    def people(self) -> int:
        """Least number of other people that a face is ranked among."""
        return min(len(cohort) for cohort in self._cohorts)

    def look(self, index: int, faces: Sequence[RGBImage]) -> list[Look]:
        """Compare faces with one truth.

        Args:
            index: Which truth.
            faces: (S, S, 3) uint8 RGB each.
        """
        vectors = np.stack([one.vector for one in self._embedder.embed_batch(list(faces))])
        statistics = self._statistics[index]
        return [
            self._one(index, vector, face, statistics)
            for vector, face in zip(vectors, faces, strict=True)
        ]

    def _one(
        self,
        index: int,
        vector: npt.NDArray[np.float32],
        face: RGBImage,
        statistics: PristineStatistics,
    ) -> Look:
        quality = full_reference_labels(_small(face), statistics)["overall"]
        own, cohort = self._own[index], self._cohorts[index]
        genuine = float(vector @ own)
        if len(cohort) < LEAST_COHORT:
            standing = self._same(genuine) if self._same is not None else genuine
            return Look(quality, True, standing, ranked=False)
        first = not bool((cohort @ vector > genuine).any())
        standing = float(cohort_z(vector[None], own[None], cohort)[0])
        return Look(quality, first, standing, ranked=True)


def _small(face: RGBImage) -> RGBImage:
    size = (LABEL_SIZE_PX, LABEL_SIZE_PX)
    if face.shape[:2] == size:
        return face
    return np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_AREA), np.uint8)
