"""Identity embeddings: a unit vector that remembers which embedder made it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import EmbedderMismatch, InvalidInput

__all__ = ["Embedding", "SimilarityCalibration"]


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """One face as a unit vector of one embedder.

    Attributes:
        vector: (D,) float32, L2 norm 1.
        embedder: Name of the embedder; vectors of two embedders do not compare.
    """

    vector: npt.NDArray[np.float32]
    embedder: str

    def __post_init__(self) -> None:
        vector = self.vector
        if vector.ndim != 1 or vector.dtype != np.float32:
            raise InvalidInput(f"expected a (D,) float32 vector, got {vector.shape} {vector.dtype}")
        norm = float(np.linalg.norm(vector))
        if not abs(norm - 1.0) < 1e-3:
            raise InvalidInput(f"expected a unit vector, got one of norm {norm:.4f}")

    def cosine_similarity(self, other: Embedding) -> float:
        """Cosine similarity in [-1, 1] with another face of the same embedder.

        Raises:
            EmbedderMismatch: If the other embedding came from another embedder.
        """
        if other.embedder != self.embedder:
            raise EmbedderMismatch(
                f"expected an embedding of {self.embedder}, got one of {other.embedder}; "
                "embed both faces with the same embedder"
            )
        return float(np.clip(self.vector @ other.vector, -1.0, 1.0))


@dataclass(frozen=True, slots=True)
class SimilarityCalibration:
    """What a raw cosine similarity of one embedder means, measured on labelled pairs.

    ``P(same person) = 1 / (1 + exp(-(slope * cosine + intercept)))`` at even prior odds,
    fitted by logistic regression.

    Attributes:
        embedder: Name of the embedder that it holds for.
        slope: Log-odds per unit of cosine similarity, positive.
        intercept: Log-odds at cosine 0.
        genuine_mean: Mean cosine of pairs of the same person.
        impostor_mean: Mean cosine of pairs of two persons.
        pairs: How many labelled pairs stand behind it.
        source: Which pairs, in words.
    """

    embedder: str
    slope: float
    intercept: float
    genuine_mean: float
    impostor_mean: float
    pairs: int
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.slope < math.inf or not math.isfinite(self.intercept):
            raise InvalidInput(
                f"expected a positive slope and a finite intercept for {self.embedder}, "
                f"got {self.slope} and {self.intercept}"
            )

    def probability_same(self, cosine_similarity: float) -> float:
        """Probability in [0, 1] that a pair of this cosine similarity shows one person."""
        log_odds = self.slope * cosine_similarity + self.intercept
        return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -60.0, 60.0))))
