"""Pixels into data URIs of a bounded size."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image

from ...core.errors import InvalidInput
from ...core.protocols import RGBImage

__all__ = ["FACE_SIDE_PX", "MAX_BYTES", "PICTURE_SIDE_PX", "Thumbnail", "make_thumbnail"]

FACE_SIDE_PX: Final = 384
PICTURE_SIDE_PX: Final = 560
MAX_BYTES: Final = 64 * 1024
"""Largest encoded thumbnail; base64 makes a third more of it on the page."""

_QUALITIES: Final = (90, 84, 76, 64, 48, 30)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy of a picture, ready for ``<img src>``.

    Attributes:
        uri: ``data:image/jpeg;base64,...``.
        width: Width in px.
        height: Height in px.
    """

    uri: str
    width: int
    height: int


def make_thumbnail(pixels: RGBImage, side_px: int) -> Thumbnail:
    """Encode a small copy: JPEG with full colour resolution, so that noise and hue survive.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        side_px: Longest side of the copy in px; a smaller picture is not enlarged.

    Returns:
        The copy, at most `MAX_BYTES` encoded.

    Raises:
        InvalidInput: If it is not an RGB picture.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise InvalidInput(
            "expected a picture (H, W, 3) uint8 RGB for the report, "
            f"got {pixels.shape} {pixels.dtype}; convert it before it is added"
        )
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
    body = _encode(image)
    uri = f"data:image/jpeg;base64,{base64.b64encode(body).decode('ascii')}"
    return Thumbnail(uri, image.width, image.height)


def _encode(image: Image.Image) -> bytes:
    body = b""
    for quality in _QUALITIES:
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=0)  # optimize breaks on noise
        body = buffer.getvalue()
        if len(body) <= MAX_BYTES:
            break
    return body
