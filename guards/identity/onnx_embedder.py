"""One embedder class for every face recogniser that comes as an ONNX file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from ...core.embedding import Embedding, SimilarityCalibration
from ...core.errors import InvalidInput, UnsupportedWeights
from ...core.faces.aligned import LandmarkScheme
from ...core.faces.alignment import TEMPLATES
from ...core.protocols import RGBImage
from .calibration import load_calibration
from .sampling import fit_similarity, sample_chip
from .session import open_session

__all__ = ["EmbedderSpec", "OnnxEmbedder", "ShippedEmbedder"]

_BATCH: Final = 16
"""Faces per inference; more costs memory and gains nothing on a CPU."""


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """How an embedder wants its faces.

    Attributes:
        name: Name and version, written into every embedding.
        weights: Name of its weights file.
        side_px: Side of its square chip.
        scheme: Which five points the template means.
        template: Where those points lie in the chip, five (x, y) in px.
        mean: Subtracted from each value 0..255 of the RGB chip.
        scale: Multiplied afterwards.
    """

    name: str
    weights: str
    side_px: int
    scheme: LandmarkScheme
    template: tuple[tuple[float, float], ...]
    mean: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.side_px < 16 or len(self.template) != 5 or self.scale == 0:
            raise InvalidInput(
                f"{self.name}: expected a side of at least 16 px, five template points and a scale "
                f"other than 0, got {self.side_px}, {len(self.template)}, {self.scale}"
            )

    @property
    def frame_to_chip(self) -> npt.NDArray[np.float64]:
        """(2, 3) similarity from the 512 px FFHQ frame to chip px."""
        return fit_similarity(TEMPLATES[self.scheme], np.array(self.template))


class OnnxEmbedder:
    """Embeds aligned faces with an ONNX network: (N, 3, S, S) float32 RGB in, (N, D) out.

    The same face gives the same bytes each time, and the same vector within 1e-6 whatever batch
    it is in. Not to be shared between processes; open one in each.
    """

    def __init__(self, spec: EmbedderSpec, path: Path, threads: int = 0) -> None:
        """Open the network.

        Args:
            spec: How it wants its faces.
            path: The ONNX file.
            threads: Threads inside one inference; 0 leaves the choice to onnxruntime.

        Raises:
            InvalidInput: If threads is negative.
            WeightsMissing: If there is no such file.
            UnsupportedWeights: If it is no ONNX network of one such input.
        """
        self._spec = spec
        self._session = open_session(path, threads)
        self._frame_to_chip = spec.frame_to_chip
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or not _takes_chips(inputs[0].shape, spec.side_px):
            raise UnsupportedWeights(
                f"{spec.name}: expected {path} to take (N, 3, {spec.side_px}, {spec.side_px}), "
                f"got {[(i.name, i.shape) for i in inputs]}"
            )
        shape = inputs[0].shape
        self._input: str = inputs[0].name
        self._fixed = isinstance(shape[0], int)
        self._batch: int = shape[0] if self._fixed else _BATCH

    @property
    def name(self) -> str:
        """Name and version, written into every embedding."""
        return self._spec.name

    @property
    def spec(self) -> EmbedderSpec:
        """How it wants its faces."""
        return self._spec

    @cached_property
    def calibration(self) -> SimilarityCalibration:
        """What its cosine similarities mean, measured on real people.

        Raises:
            InvalidInput: If they have not been measured; the message says how to.
        """
        return load_calibration(self._spec.name)

    def embed(self, face: RGBImage) -> Embedding:
        """Embed one aligned face.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame, S >= 32.

        Returns:
            A unit vector under this embedder's name.

        Raises:
            InvalidInput: If the face is not such a picture.
            UnsupportedWeights: If the network gives no usable vector.
        """
        return self.embed_batch([face])[0]

    def embed_batch(self, faces: Sequence[RGBImage]) -> list[Embedding]:
        """Embed several aligned faces, in order; raises what `embed` raises."""
        if not faces:
            return []
        descriptors = self.describe(np.stack([self.chip(face) for face in faces]))
        norms = np.linalg.norm(descriptors, axis=1, keepdims=True)
        if not (np.isfinite(descriptors).all() and (norms > 0).all()):
            raise UnsupportedWeights(
                f"{self.name}: expected finite vectors other than zero, got none for some face; "
                "the weights are not this embedder's"
            )
        return [Embedding(vector, self.name) for vector in descriptors / norms]

    def chip(self, face: RGBImage) -> RGBImage:
        """Sample the chip that the network sees from an aligned face, (side_px, side_px, 3)."""
        return sample_chip(face, self._frame_to_chip, self._spec.side_px)

    def describe(self, chips: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Run the network on ready chips.

        Args:
            chips: (N, side_px, side_px, 3) uint8 RGB, N >= 1.

        Returns:
            (N, D) float32, the network's own output, not normalised.

        Raises:
            InvalidInput: If the chips have another shape or type.
        """
        side = self._spec.side_px
        if chips.dtype != np.uint8 or chips.shape != (len(chips), side, side, 3) or not len(chips):
            raise InvalidInput(
                f"expected chips (N, {side}, {side}, 3) uint8, got {chips.shape} {chips.dtype}"
            )
        return np.concatenate(list(self._run(chips)))

    def _run(self, chips: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.float32]]:
        for start in range(0, len(chips), self._batch):
            part = chips[start : start + self._batch]
            values = (part.astype(np.float32) - np.float32(self._spec.mean)) * np.float32(
                self._spec.scale
            )
            missing = self._batch - len(part) if self._fixed else 0
            values = np.pad(values, ((0, missing), (0, 0), (0, 0), (0, 0)))
            planes = np.ascontiguousarray(values.transpose(0, 3, 1, 2))
            (output, *_) = self._session.run(None, {self._input: planes})
            yield np.asarray(output, np.float32).reshape(len(planes), -1)[: len(part)]


class ShippedEmbedder(OnnxEmbedder):
    """An embedder whose network lies in this folder."""

    SHIPPED: ClassVar[EmbedderSpec]

    def __init__(self, threads: int = 0) -> None:
        """Open the network that ships with the package.

        Args:
            threads: Threads inside one inference; 0 leaves the choice to onnxruntime.

        Raises:
            InvalidInput: If threads is negative.
            WeightsMissing: If the package was installed without its weights.
        """
        super().__init__(self.SHIPPED, Path(__file__).with_name(self.SHIPPED.weights), threads)


def _takes_chips(shape: Sequence[int | str | None], side_px: int) -> bool:
    """Whether an input of this shape takes chips; an axis that is not a number is free."""
    return len(shape) == 4 and all(
        not isinstance(axis, int) or axis == wanted
        for axis, wanted in zip(shape[1:], (3, side_px, side_px), strict=True)
    )
