"""What is known of one person in a clip: when the face was seen, and a few best faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ...core.embedding import Embedding
from ...core.faces import DetectedFace
from ...core.scores import QualityScores

__all__ = ["BEST_FACES", "Sighting", "Track", "robust_mean"]

BEST_FACES: Final = 8
"""How many faces of a track make its reference."""
_SPACING_FRAMES: Final = 5
"""Of so many frames in a row one face at most enters a reference: they are nearly one picture."""
_LEAST_TO_DROP: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One face that the detector found in one frame.

    Attributes:
        face: Where it is.
        embedding: Whose it is, by the embedder that tells people apart.
        scores: Its six scores, None where it cannot be assessed.
        likeness: The same by the embedder that compares with references; `embedding` where None.
    """

    face: DetectedFace
    embedding: Embedding
    scores: QualityScores | None
    likeness: Embedding | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BestFace:
    """A face that a track's reference is made of."""

    fidelity: float
    frame: int
    embedding: Embedding
    likeness: Embedding


@dataclass(slots=True, eq=False)
class Track:
    """One person.

    Attributes:
        number: From 1, in order of appearance.
        first_frame: Where it was seen first.
        last_frame: Where it was seen last.
        sightings: In how many frames the detector found it.
        best: Its best faces by fidelity, at most `BEST_FACES`, the best first.
    """

    number: int
    first_frame: int
    last_frame: int
    sightings: int = 0
    best: list[BestFace] = field(default_factory=list)
    _mean: Embedding | None = None

    def see(self, frame: int, sighting: Sighting, *, surely: bool) -> None:
        """Note a sighting.

        Args:
            frame: Its number, not before the last one.
            sighting: What was seen.
            surely: Whether it looks like the person; else it does not enter the reference.
        """
        self.last_frame = frame
        self.sightings += 1
        if sighting.scores is None or not (surely or not self.best):
            return
        likeness = sighting.likeness or sighting.embedding
        self._offer(BestFace(sighting.scores.fidelity, frame, sighting.embedding, likeness))

    def _offer(self, face: BestFace) -> None:
        moment = face.frame // _SPACING_FRAMES
        near = [one for one in self.best if one.frame // _SPACING_FRAMES == moment]
        if any(one.fidelity >= face.fidelity for one in near):
            return
        kept = [one for one in self.best if one not in near] + [face]
        kept.sort(key=lambda one: (-one.fidelity, one.frame))
        self.best = kept[:BEST_FACES]
        self._mean = None

    @property
    def reference(self) -> Embedding | None:
        """Robust mean of the best faces, None before the first one; tells people apart."""
        if self._mean is None and self.best:
            self._mean = robust_mean([one.embedding for one in self.best])
        return self._mean

    @property
    def likeness(self) -> Embedding | None:
        """The same of what frames are compared with as a reference."""
        return robust_mean([one.likeness for one in self.best]) if self.best else None


def robust_mean(embeddings: list[Embedding]) -> Embedding:
    """Mean direction of embeddings without the quarter that lies farthest from it.

    Args:
        embeddings: At least one, all of one embedder.
    """
    vectors = np.stack([one.vector for one in embeddings]).astype(np.float64)
    mean = vectors.mean(axis=0)
    if len(vectors) >= _LEAST_TO_DROP:
        order = np.argsort(-(vectors @ mean), kind="stable")
        mean = vectors[order[: len(vectors) - len(vectors) // 4]].mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length == 0:  # no direction is the mean of opposite ones
        return embeddings[0]
    return Embedding((mean / length).astype(np.float32), embeddings[0].embedder)
