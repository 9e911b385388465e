"""Puts a face back into its picture, without a seam and without touching anything else."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import InvalidInput
from ..protocols import RGBImage
from .aligned import FACE_SIZE_PX, AlignedFace

__all__ = ["face_mask", "inverse_affine", "paste_face", "upscale_background"]

_HARD_BORDER: Final = 0.02
_FEATHER: Final = 0.14
"""Shares of the frame's side: fully transparent rim, and width of the ramp inside it."""


@lru_cache(maxsize=1)
def face_mask() -> npt.NDArray[np.float32]:
    """(512, 512) float32 weight of the face, 0 at the rim, 1 inside, smooth between."""
    grid = (np.arange(FACE_SIZE_PX) + 0.5) / FACE_SIZE_PX
    distance = np.minimum(grid, 1 - grid)
    ramp = np.clip((distance - _HARD_BORDER) / _FEATHER, 0, 1)
    smooth = ramp * ramp * (3 - 2 * ramp)
    mask = np.asarray(smooth[:, None] * smooth[None, :], np.float32)
    mask.setflags(write=False)
    return mask


def inverse_affine(face: AlignedFace, upscale: float = 1.0) -> npt.NDArray[np.float64]:
    """(2, 3) affine from crop px to px of the picture magnified by `upscale`."""
    inverse = np.asarray(cv2.invertAffineTransform(face.affine), dtype=np.float64)
    inverse *= upscale
    inverse[:, 2] += (upscale - 1) / 2
    return inverse


def upscale_background(image: RGBImage, upscale: int) -> RGBImage:
    """Magnify a picture by a whole factor (Lanczos); 1 returns a copy.

    Raises:
        InvalidInput: If the factor is not 1..8.
    """
    if not 1 <= upscale <= 8:
        raise InvalidInput(f"expected an upscale factor from 1 to 8, got {upscale}")
    if upscale == 1:
        return image.copy()
    size = (image.shape[1] * upscale, image.shape[0] * upscale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)


def paste_face(
    background: RGBImage, face: AlignedFace, restored: RGBImage, upscale: int = 1
) -> RGBImage:
    """Blend a restored crop into the picture that its face came from.

    Args:
        background: (H * upscale, W * upscale, 3) uint8 RGB; not changed.
        face: The aligned face, whose affine says where the crop lies.
        restored: (512, 512, 3) uint8 RGB.
        upscale: How much larger the background is than the picture of the affine.

    Returns:
        A new picture; where the mask is zero its bytes are the background's.

    Raises:
        InvalidInput: If the crop has another size.
    """
    if restored.shape != face.pixels.shape or restored.dtype != np.uint8:
        raise InvalidInput(
            f"expected a (512, 512, 3) uint8 crop, got {restored.shape} {restored.dtype}"
        )
    result = background.copy()
    inverse = inverse_affine(face, upscale)
    left, top, right, bottom = _bounds(inverse, background.shape)
    if right <= left or bottom <= top:
        return result
    inverse[:, 2] -= (left, top)
    crop, mask, inverse = _shrink(restored, inverse)
    size = (right - left, bottom - top)
    pixels = cv2.warpAffine(crop, inverse, size, borderMode=cv2.BORDER_REPLICATE)
    weight = cv2.warpAffine(mask, inverse, size, borderMode=cv2.BORDER_CONSTANT)[..., None]
    under = result[top:bottom, left:right]
    blended = under + weight * (pixels.astype(np.float32) - under)
    rounded = np.clip(np.rint(blended), 0, 255).astype(np.uint8)
    result[top:bottom, left:right] = np.where(weight > 0, rounded, under)
    return result


def _bounds(inverse: npt.NDArray[np.float64], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Bounding box of the crop in the background, clipped to it."""
    side = FACE_SIZE_PX
    corners = np.array([[0, 0, 1], [side, 0, 1], [0, side, 1], [side, side, 1]]) @ inverse.T
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    return max(left, 0), max(top, 0), min(right, shape[1]), min(bottom, shape[0])


def _shrink(
    restored: RGBImage, inverse: npt.NDArray[np.float64]
) -> tuple[RGBImage, npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Area-average the crop first where the warp would shrink it below half: no aliasing."""
    factor = float(np.sqrt(abs(np.linalg.det(inverse[:, :2]))))
    if factor >= 0.5:
        return restored, face_mask(), inverse
    side = max(8, round(FACE_SIZE_PX * factor))
    ratio = FACE_SIZE_PX / side
    adjusted = inverse.copy()
    adjusted[:, 2] += adjusted[:, :2] @ np.full(2, (ratio - 1) / 2)
    adjusted[:, :2] *= ratio
    small = cv2.resize(restored, (side, side), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(face_mask(), (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.asarray(mask, np.float32), adjusted
