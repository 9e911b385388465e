"""GPEN at 256 px, FaceFusion's export: a network that wants faces in another frame than ours.

It was exported for the ArcFace frame, which is a little tighter than FFHQ's. The face is warped
there and back; the rim that the tighter frame does not show stays the input's.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from ..core.protocols import Restorer, RestorerInfo, RGBImage
from .frames import FRAME_PX, check_face, resize_square
from .onnx import OnnxRestorer
from .settings import NoSettings, require_settings
from .weights_file import locate_weights

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INFO", "create"]

INFO: Final = RestorerInfo(
    name="gpen-256-onnx",
    kind="generative",
    input_size=FRAME_PX,
    settings=NoSettings,
    licence="academic and non-commercial use only",
    commercial_use="no",
    summary="FaceFusion's export gpen_bfr_256.onnx, run by onnxruntime without torch",
    weights=("gpen_bfr_256.onnx",),
)

_SIDE_PX: Final = 256
# InsightFace's five points for 112 px, moved 8 px to the right in a 128 px frame.
_ARCFACE_112: Final = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
_RIM: Final = 0.08
"""Share of the frame's side over which the result fades into the input."""


class _Gpen256:
    """Warps to the ArcFace frame, restores there, and warps back."""

    def __init__(self, restore: Callable[[RGBImage], RGBImage]) -> None:
        self._restore = restore

    @property
    def info(self) -> RestorerInfo:
        """What it is and which settings it takes."""
        return INFO

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Restore one aligned face.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame.
            settings: `NoSettings`.

        Returns:
            (512, 512, 3) uint8 RGB in the same frame.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind.
            RestorerFailed: If the network fails or gives NaN.
        """
        require_settings(INFO, settings)
        import cv2

        pixels = resize_square(check_face(face), FRAME_PX)
        there = _to_arcface()
        crop = cv2.warpAffine(pixels, there, (_SIDE_PX, _SIDE_PX), borderMode=cv2.BORDER_REPLICATE)
        restored = resize_square(self._restore(np.asarray(crop, np.uint8)), _SIDE_PX)
        size, flags = (FRAME_PX, FRAME_PX), cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        whole = cv2.warpAffine(
            restored.astype(np.float32),
            there,
            size,
            flags=flags,
            borderMode=cv2.BORDER_REPLICATE,
        )
        weight = cv2.warpAffine(
            _fading(), there, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        mixed = np.rint(pixels + weight[..., None] * (whole - pixels))
        return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def create(
    weights: Path | None = None,
    device: str = "cpu",
    threads: int | None = None,
    trust: bool = False,
) -> Restorer:
    """Load the export; arguments and errors as :class:`OnnxRestorer`."""
    path = locate_weights(INFO.weights[0], weights, trust)
    network = OnnxRestorer(path, device, threads, INFO, trust=True)
    return _Gpen256(lambda crop: network.restore(crop, NoSettings()))


@lru_cache(maxsize=1)
def _to_arcface() -> npt.NDArray[np.float64]:
    """(2, 3) similarity from the 512 px FFHQ frame to the 256 px ArcFace frame, least squares."""
    from ..core.faces import LandmarkScheme
    from ..core.faces.alignment import TEMPLATES

    points = TEMPLATES[LandmarkScheme.FFHQ5]
    wanted = (np.array(_ARCFACE_112) + np.array([8.0, 0.0])) * (_SIDE_PX / 128)
    source: npt.NDArray[Any] = points[:, 0] + 1j * points[:, 1]
    target: npt.NDArray[Any] = wanted[:, 0] + 1j * wanted[:, 1]
    centred = source - source.mean()
    turn = (np.conj(centred) @ (target - target.mean())) / (np.conj(centred) @ centred).real
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


@lru_cache(maxsize=1)
def _fading() -> npt.NDArray[np.float32]:
    """(256, 256) float32: 0 at the rim, 1 inside."""
    place = (np.arange(_SIDE_PX) + 0.5) / _SIDE_PX
    ramp = np.clip(np.minimum(place, 1 - place) / _RIM, 0, 1)
    return np.outer(ramp, ramp).astype(np.float32)
