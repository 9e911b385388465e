"""The square picture that goes into a restorer and comes out of it, and its numeric forms.

Checks the input, resizes, and converts between (S, S, 3) uint8 RGB and the (1, 3, S, S) float32
planes that networks take. No networks here, and cv2 is imported only when a picture is there.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput, RestorerOutputInvalid
from ..core.protocols import RGBImage

__all__ = ["FRAME_PX", "check_face", "from_planes", "resize_square", "to_planes"]

FRAME_PX: Final = 512
"""Side of the FFHQ frame that restorers hand back."""

_SMALLEST_PX: Final = 32


def check_face(face: Any) -> RGBImage:
    """Refuse what is not an aligned face.

    Args:
        face: Should be (S, S, 3) uint8 RGB with S of at least 32 px.

    Returns:
        The same array.

    Raises:
        InvalidInput: If it is anything else.
    """
    if not isinstance(face, np.ndarray):
        raise InvalidInput(f"expected an aligned face as a numpy array, got {type(face).__name__}")
    if face.dtype != np.uint8 or face.ndim != 3 or face.shape[2] != 3:
        raise InvalidInput(
            f"expected an aligned face of shape (S, S, 3) and type uint8, got shape {face.shape} "
            f"and type {face.dtype}"
        )
    height, width = face.shape[:2]
    if height != width or height < _SMALLEST_PX:
        raise InvalidInput(
            f"expected a square aligned face of at least {_SMALLEST_PX} px a side, "
            f"got {width}x{height}; align it first"
        )
    return face


def resize_square(image: RGBImage, side_px: int) -> RGBImage:
    """Resize a square picture: by area when it shrinks, cubic when it grows.

    Args:
        image: (S, S, 3) uint8 RGB.
        side_px: Wanted side.

    Returns:
        (side_px, side_px, 3) uint8 RGB; always a new array.
    """
    if image.shape[0] == side_px:
        return image.copy()
    import cv2

    interpolation = cv2.INTER_AREA if side_px < image.shape[0] else cv2.INTER_CUBIC
    resized = cv2.resize(image, (side_px, side_px), interpolation=interpolation)
    return np.asarray(resized, dtype=np.uint8)


def to_planes(image: RGBImage, low: float, high: float) -> npt.NDArray[np.float32]:
    """Convert a picture to network input.

    Args:
        image: (S, S, 3) uint8 RGB.
        low: What 0 becomes.
        high: What 255 becomes.

    Returns:
        (1, 3, S, S) float32, C-contiguous, RGB, in [low, high].
    """
    scaled = image.astype(np.float32) * np.float32((high - low) / 255.0) + np.float32(low)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def from_planes(planes: npt.NDArray[Any], low: float, high: float, restorer: str) -> RGBImage:
    """Convert network output to a picture; values outside [low, high] are clipped.

    Args:
        planes: (3, S, S) or (1, 3, S, S) floats, RGB.
        low: What becomes 0.
        high: What becomes 255.
        restorer: Name for the error message.

    Returns:
        (S, S, 3) uint8 RGB.

    Raises:
        RestorerOutputInvalid: If the planes hold NaN or infinity, or are not one RGB picture.
    """
    values = np.asarray(planes, dtype=np.float32)
    if values.ndim == 4 and values.shape[0] == 1:
        values = values[0]
    if values.ndim != 3 or values.shape[0] != 3:
        raise RestorerOutputInvalid(
            f"{restorer}: expected one RGB picture (1, 3, S, S) from the network, "
            f"got shape {np.shape(planes)}"
        )
    if not np.isfinite(values).all():
        raise RestorerOutputInvalid(
            f"{restorer}: the network gave NaN or infinity; check its weights"
        )
    levels = (values.transpose(1, 2, 0) - low) * np.float32(255.0 / (high - low))
    return np.ascontiguousarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))
