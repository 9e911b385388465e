"""Puts a face back into its picture, without a seam and without touching anything else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import InvalidInput
from ..protocols import RGBImage
from .aligned import FACE_SIZE_PX, AlignedFace

__all__ = [
    "face_mask",
    "fit_aligned",
    "give_back_face",
    "inverse_affine",
    "keep_box",
    "paste_face",
    "upscale_background",
]

_HARD_BORDER: Final = 0.02
_FEATHER: Final = 0.12
"""Shares of the frame's side: fully transparent rim, and width of the ramp inside it. Opaque
from 72 px in: the mean box of a face (docs/results/landmark_template.md) but for 18 px of chin."""
_MOST_PIXELS: Final = 400_000_000


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
        InvalidInput: If the factor is not 1..8, or the result would be enormous.
    """
    if upscale not in range(1, 9):
        raise InvalidInput(f"expected a whole upscale factor from 1 to 8, got {upscale}")
    pixels = image.shape[0] * image.shape[1] * upscale**2
    if pixels > _MOST_PIXELS:
        raise InvalidInput(
            f"expected a result of at most {_MOST_PIXELS // 10**6} megapixels, got "
            f"{pixels // 10**6}; choose a smaller upscale factor"
        )
    if upscale == 1:
        return image.copy()
    size = (image.shape[1] * upscale, image.shape[0] * upscale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)


def paste_face(
    background: RGBImage,
    face: AlignedFace,
    restored: RGBImage,
    upscale: float = 1,
    replaced: RGBImage | None = None,
) -> RGBImage:
    """Blend a restored crop into the picture that its face came from.

    Where the face is larger in the picture than in the 512 px frame, only the change is pasted, so
    that the picture's own finer detail stays.

    Args:
        background: (H * upscale, W * upscale, 3) uint8 RGB; not changed.
        face: The aligned face, whose affine says where the crop lies.
        restored: (512, 512, 3) uint8 RGB.
        upscale: How much larger the background is than the picture of the affine.
        replaced: (512, 512, 3) uint8 RGB crop of the background, ``face.pixels`` by default.

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
    size = (right - left, bottom - top)
    under = result[top:bottom, left:right]
    if np.linalg.det(inverse[:, :2]) > 1:
        base = face.pixels if replaced is None else replaced
        change = _warp(restored.astype(np.float32) - base, inverse, size)
    else:
        change = _warp(restored, inverse, size) - under
    weight = _frame_weight(inverse, size)
    result[top:bottom, left:right] = _add(under, weight, change)
    return result


def fit_aligned(picture: RGBImage, replaced: RGBImage, restored: RGBImage) -> RGBImage:
    """Bring a restored crop to the size of the aligned picture that it came from.

    Args:
        picture: (S, S, 3) uint8 RGB aligned face of any size.
        replaced: (512, 512, 3) uint8 RGB, the same at 512 px.
        restored: (512, 512, 3) uint8 RGB.

    Returns:
        (S, S, 3) uint8 RGB; above 512 px the picture's own finer detail stays.
    """
    side = picture.shape[0]
    if side == FACE_SIZE_PX:
        return restored
    if side < FACE_SIZE_PX:
        return np.asarray(
            cv2.resize(restored, (side, side), interpolation=cv2.INTER_AREA), np.uint8
        )
    change = cv2.resize(restored.astype(np.float32) - replaced, (side, side))
    return _add(picture, np.float32(1), np.asarray(change, np.float32))


def give_back_face(
    picture: RGBImage, original: RGBImage, face: AlignedFace, upscale: float = 1
) -> RGBImage:
    """Undo what happened to one face's frame.

    Args:
        picture: (H, W, 3) uint8 RGB; not changed.
        original: Same shape; its bytes come back where the face's mask is one.
        face: Which face.
        upscale: How much larger both are than the picture of the affine.

    Returns:
        A new picture, softly joined along the frame's rim.
    """
    result = picture.copy()
    inverse = inverse_affine(face, upscale)
    left, top, right, bottom = _bounds(inverse, picture.shape)
    if right <= left or bottom <= top:
        return result
    inverse[:, 2] -= (left, top)
    weight = _frame_weight(inverse, (right - left, bottom - top))
    region = (slice(top, bottom), slice(left, right))
    result[region] = _add(
        picture[region], weight, original[region].astype(np.float32) - picture[region]
    )
    return result


def keep_box(
    picture: RGBImage, original: RGBImage, face: AlignedFace, upscale: float = 1
) -> RGBImage:
    """Keep a face's box as it was, whatever its neighbours did to it.

    Args:
        picture: (H, W, 3) uint8 RGB; not changed.
        original: Same shape; inside the box its bytes come back.
        face: Whose box.
        upscale: How much larger both are than the picture of the box.

    Returns:
        A new picture, softly joined within a sixth of the box's width around it.
    """
    x0, y0, x1, y1 = (value * upscale for value in face.box)
    ramp = max(1.0, (x1 - x0) / 6)
    weight_x = _ramp(np.arange(picture.shape[1]), x0, x1, ramp)
    weight_y = _ramp(np.arange(picture.shape[0]), y0, y1, ramp)
    weight = (weight_y[:, None] * weight_x[None, :])[..., None]
    return _add(picture, weight, original.astype(np.float32) - picture)


def _ramp(
    position: npt.NDArray[np.int64], start: float, end: float, ramp: float
) -> npt.NDArray[np.float32]:
    outside = np.maximum(np.maximum(np.floor(start) - position, position - np.ceil(end)), 0)
    linear = np.clip(1 - outside / ramp, 0, 1)
    return np.asarray(linear * linear * (3 - 2 * linear), np.float32)


def _add(
    under: RGBImage, weight: npt.NDArray[np.float32] | np.float32, change: npt.NDArray[np.float32]
) -> RGBImage:
    rounded = np.clip(np.rint(under + weight * change), 0, 255).astype(np.uint8)
    return np.asarray(np.where(weight > 0, rounded, under), np.uint8)


def _bounds(inverse: npt.NDArray[np.float64], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Bounding box of the crop in the background, clipped to it."""
    side = FACE_SIZE_PX
    corners = np.array([[0, 0, 1], [side, 0, 1], [0, side, 1], [side, side, 1]]) @ inverse.T
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    return max(left, 0), max(top, 0), min(right, shape[1]), min(bottom, shape[0])


def _frame_weight(
    inverse: npt.NDArray[np.float64], size: tuple[int, int]
) -> npt.NDArray[np.float32]:
    """(H, W, 1) weight of the face's frame in the picture."""
    return _warp(face_mask(), inverse, size, cv2.BORDER_CONSTANT)[..., None]


def _warp(
    crop: npt.NDArray[Any],
    inverse: npt.NDArray[np.float64],
    size: tuple[int, int],
    border: int = cv2.BORDER_REPLICATE,
) -> npt.NDArray[np.float32]:
    """Warp a crop into the picture; area-averaged first where it shrinks below half."""
    factor = float(np.sqrt(abs(np.linalg.det(inverse[:, :2]))))
    if factor < 0.5:
        side = max(8, round(FACE_SIZE_PX * factor))
        ratio = FACE_SIZE_PX / side
        inverse = inverse.copy()
        inverse[:, 2] += inverse[:, :2] @ np.full(2, (ratio - 1) / 2)
        inverse[:, :2] *= ratio
        crop = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.warpAffine(crop, inverse, size, borderMode=border), np.float32)
