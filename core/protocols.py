"""The few shapes through which the parts see each other.

Guards see a restorer, an assessor and an embedder only through these protocols; the folders
that implement them never import each other. Everything is RGB, uint8, height x width x 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from .embedding import Embedding, SimilarityCalibration
from .scores import QualityScores

__all__ = ["Embedder", "QualityAssessor", "RGBImage", "Restoration", "Restorer", "RestorerInfo"]

RGBImage = npt.NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""


@runtime_checkable
class QualityAssessor(Protocol):
    """Predicts the six quality scores of aligned faces."""

    @property
    def name(self) -> str:
        """Name and version, written into every record."""
        ...

    def score(self, face: RGBImage) -> QualityScores:
        """Score one aligned face, (S, S, 3) uint8 RGB in the FFHQ frame."""
        ...

    def score_batch(self, faces: Sequence[RGBImage]) -> list[QualityScores]:
        """Score several aligned faces, in order."""
        ...

    def score_restored(
        self, faces: Sequence[RGBImage], sources: Sequence[RGBImage]
    ) -> tuple[list[QualityScores], list[float]]:
        """Score faces, and say what fidelity the face that each was restored from supports.

        The six scores are those of `score_batch`; the second list is 0..100.
        """
        ...


@runtime_checkable
class Embedder(Protocol):
    """Turns an aligned face into a unit vector in which one person's faces lie close."""

    @property
    def name(self) -> str:
        """Name and version, written into every embedding."""
        ...

    @property
    def calibration(self) -> SimilarityCalibration:
        """What this embedder's cosine similarities mean."""
        ...

    def embed(self, face: RGBImage) -> Embedding:
        """Embed one aligned face, (S, S, 3) uint8 RGB in the FFHQ frame."""
        ...

    def embed_batch(self, faces: Sequence[RGBImage]) -> list[Embedding]:
        """Embed several aligned faces, in order."""
        ...


@dataclass(frozen=True, slots=True)
class RestorerInfo:
    """What a restorer is, before it is loaded.

    Attributes:
        name: Registered name, as used on the command line.
        kind: "generative" (may invent a face), "classical" (filters only) or "test".
        input_size: Side in px of the aligned face that it wants; 0 when any will do.
        settings: pydantic model of its settings; every field has a default and a description.
        licence: Licence of the weights (or of the code where there are none), in words.
        commercial_use: "yes", "no" or "unclear".
        weights: Names of the weights files in the registry, possibly none.
        extra: pip extra that it needs, or None when the base install is enough.
        summary: One line for lists.
    """

    name: str
    kind: str
    input_size: int
    settings: type[BaseModel]
    licence: str
    commercial_use: str
    summary: str
    weights: tuple[str, ...] = ()
    extra: str | None = None


@runtime_checkable
class Restorer(Protocol):
    """Restores one aligned face. Deterministic: same face and settings, same bytes."""

    @property
    def info(self) -> RestorerInfo:
        """What it is and which settings it takes."""
        ...

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Restore one aligned face.

        Args:
            face: (H, W, 3) uint8 RGB in the FFHQ frame.
            settings: An instance of ``info.settings``.

        Returns:
            (S, S, 3) uint8 RGB in the same frame; S may differ from H.

        Raises:
            RestorerFailed: If no restored face can be given. The input is never returned
                in its place.
            WeightsMissing: If its weights are not on this machine.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Restoration:
    """One face before and after one restorer.

    Attributes:
        lq: (S, S, 3) uint8 RGB, the degraded input in the FFHQ frame.
        hq: (S, S, 3) uint8 RGB, what the restorer gave, in the same frame and size.
        restorer: Name of the restorer, or "unknown" for one made elsewhere.
        settings: The settings that it ran with, as plain data.
        seconds: Wall time of the restorer.
    """

    lq: RGBImage
    hq: RGBImage
    restorer: str = "unknown"
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
