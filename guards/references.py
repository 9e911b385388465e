"""Enrolled pictures of a person, and how a face resembles them.

One bad picture (a profile, a blur, somebody else) must not decide: of three or more, the one
that resembles the others least is left out, once for the whole set, and the median counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..core.embedding import Embedding, SimilarityCalibration
from ..core.errors import InvalidInput
from .findings import ReferenceMatch

__all__ = ["ReferenceSet"]

_LEAST_TO_DROP: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceSet:
    """Embeddings of one person's enrolled pictures.

    Attributes:
        embeddings: One a picture, at least one, all of one embedder.
        calibration: What that embedder's cosine similarities mean.
    """

    embeddings: tuple[Embedding, ...]
    calibration: SimilarityCalibration

    def __post_init__(self) -> None:
        if not self.embeddings:
            raise InvalidInput("expected at least one reference picture, got none")

    def similarity(self, face: Embedding) -> float:
        """Aggregate cosine similarity in [-1, 1] of a face with the enrolled pictures.

        Raises:
            EmbedderMismatch: If the face was embedded by another embedder.
        """
        cosines = [face.cosine_similarity(one) for one in self._steady()]
        return float(np.median(cosines))

    def match(self, lq: Embedding, hq: Embedding) -> ReferenceMatch:
        """Compare LQ and HQ with the enrolled pictures.

        Raises:
            EmbedderMismatch: If a face was embedded by another embedder.
        """
        before, after = self.similarity(lq), self.similarity(hq)
        return ReferenceMatch(
            pictures=len(self.embeddings),
            lq_cosine=before,
            hq_cosine=after,
            lq_probability=self.calibration.probability_same(before),
            hq_probability=self.calibration.probability_same(after),
            embedder=lq.embedder,
        )

    def _steady(self) -> tuple[Embedding, ...]:
        """The pictures without the one that resembles the others least."""
        if len(self.embeddings) < _LEAST_TO_DROP:
            return self.embeddings
        alike = [
            sum(one.cosine_similarity(each) for each in self.embeddings) for one in self.embeddings
        ]
        worst = int(np.argmin(alike))
        return tuple(one for index, one in enumerate(self.embeddings) if index != worst)
