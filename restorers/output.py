"""What counts as a restored face at all, before anybody judges how good it is.

Restorers do not call this: whoever guards them does, so that a broken one cannot vouch for itself.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..core.errors import RestorerDidNothing, RestorerOutputInvalid
from ..core.protocols import RGBImage

__all__ = ["check_restored"]

_SMALLEST_PX: Final = 32
_SAME_WITHIN_LEVELS: Final = 1


def check_restored(face: RGBImage, restored: Any, restorer: str = "the restorer") -> RGBImage:
    """Decide whether what a restorer returned is a restored face.

    Args:
        face: (S, S, 3) uint8 RGB, what went in.
        restored: What came out; should be (T, T, 3) uint8 RGB, T of at least 32 px.
        restorer: Name for the error message.

    Returns:
        ``restored``, unchanged.

    Raises:
        RestorerOutputInvalid: If it is no array, has another shape or type, holds NaN, is one flat
            colour.
        RestorerDidNothing: If it is the input again (within one grey level, at either's size).
    """
    if not isinstance(restored, np.ndarray):
        raise RestorerOutputInvalid(
            f"{restorer} failed: expected a (S, S, 3) uint8 array, got {type(restored).__name__}"
        )
    _require_picture(restored, restorer)
    if int(np.ptp(restored.reshape(-1, 3), axis=0).max()) <= _SAME_WITHIN_LEVELS:
        raise RestorerOutputInvalid(
            f"{restorer} failed: expected a face, got one flat colour "
            f"{tuple(int(level) for level in restored[0, 0])}"
        )
    if _is_input(face, restored):
        raise RestorerDidNothing(
            f"{restorer} failed: expected a restored face, got its input back "
            f"(within {_SAME_WITHIN_LEVELS} grey level)"
        )
    return restored


def _require_picture(restored: np.ndarray[Any, Any], restorer: str) -> None:
    if restored.ndim != 3 or restored.shape[2] != 3 or restored.shape[0] != restored.shape[1]:
        raise RestorerOutputInvalid(
            f"{restorer} failed: expected shape (S, S, 3), got {tuple(restored.shape)}"
        )
    if restored.shape[0] < _SMALLEST_PX:
        raise RestorerOutputInvalid(
            f"{restorer} failed: expected at least {_SMALLEST_PX} px a side, "
            f"got {restored.shape[0]}"
        )
    if np.issubdtype(restored.dtype, np.floating) and not np.isfinite(restored).all():
        raise RestorerOutputInvalid(f"{restorer} failed: its output holds NaN or infinity")
    if restored.dtype != np.uint8:
        raise RestorerOutputInvalid(f"{restorer} failed: expected type uint8, got {restored.dtype}")


def _is_input(face: RGBImage, restored: RGBImage) -> bool:
    """Whether one is the other, or the other merely resized."""
    size, other = face.shape[0], restored.shape[0]
    if size == other:
        return _same(face, restored)
    import cv2

    down = cv2.INTER_AREA
    ups = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
    if other < size:
        return _same(cv2.resize(face, (other, other), interpolation=down), restored)
    if _same(cv2.resize(restored, (size, size), interpolation=down), face):
        return True
    return any(_same(cv2.resize(face, (other, other), interpolation=up), restored) for up in ups)


def _same(first: Any, second: Any) -> bool:
    difference = np.abs(first.astype(np.int16) - second.astype(np.int16))
    return int(difference.max()) <= _SAME_WITHIN_LEVELS
