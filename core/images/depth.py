"""Bit depth: what the file stored, and how grey of more than 8 bits becomes 8 bits.

The full scale of the file becomes 255; nothing is clipped and nothing is stretched to the picture's
own brightest pixel, so that the frames of one camera stay comparable.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from ..errors import InvalidInput

__all__ = ["DEEP_GREY_MODES", "grey_to_8_bits", "source_bits"]

DEEP_GREY_MODES: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
"""Pillow's modes for grey of more than 8 bits."""

_FLOAT_SCALES: Final = (1.0, 255.0, 65535.0)
_PNG_DEPTH_OFFSET: Final = 24
_TIFF_BITS: Final = 258
_TIFF_PHOTOMETRIC: Final = 262
_TIFF_WHITE_IS_ZERO: Final = 0


def source_bits(image: Image.Image, data: bytes) -> int:
    """Bits a channel that the file stored; Pillow hides this where it reduced them itself.

    Args:
        image: The picture as Pillow opened it.
        data: The file's bytes.

    Returns:
        1 to 32; 8 where the format does not say.
    """
    if data.startswith(b"\x89PNG") and len(data) > _PNG_DEPTH_OFFSET:
        return data[_PNG_DEPTH_OFFSET]
    if isinstance(image, TiffImageFile):
        bits = image.tag_v2.get(_TIFF_BITS, 8)
        return int(max(bits)) if isinstance(bits, tuple) else int(bits)
    return 16 if image.mode in DEEP_GREY_MODES else 8


def grey_to_8_bits(image: Image.Image, bits: int, shown: str) -> Image.Image:
    """Scale deep grey to 8 bits, rounding.

    Integers are scaled by the full scale of their bits (65535 for 16). Floats carry no full
    scale: the smallest of 1, 255 and 65535 that holds every value is taken.

    Args:
        image: A picture in one of ``DEEP_GREY_MODES``.
        bits: What ``source_bits`` said.
        shown: The file's name for messages.

    Returns:
        The picture in mode "L", 0 black.

    Raises:
        InvalidInput: If the values have no agreed white: negative, not finite, or too large.
    """
    values = np.asarray(image)
    scale = _full_scale(values, bits)
    if scale is None:
        raise InvalidInput(
            "expected grey in 0..1, 0..255 or 0..65535, got "
            f"{float(values.min()):g}..{float(values.max()):g}: {shown}; save it as 16-bit PNG"
        )
    grey = np.rint(values * np.float32(255.0 / scale)).astype(np.uint8)
    if _is_negative(image):
        grey = 255 - grey
    return Image.fromarray(grey)


def _full_scale(values: npt.NDArray[Any], bits: int) -> float | None:
    """The value that means white, or None where the file's values have none."""
    low, high = float(values.min()), float(values.max())
    candidates = _FLOAT_SCALES if values.dtype.kind == "f" else (float(2 ** min(bits, 16) - 1),)
    return next((scale for scale in candidates if low >= 0.0 and high <= scale), None)


def _is_negative(image: Image.Image) -> bool:
    """Whether 0 means white; Pillow turns 8-bit pictures of this kind itself, deeper ones not."""
    return (
        isinstance(image, TiffImageFile)
        and image.tag_v2.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO
    )
