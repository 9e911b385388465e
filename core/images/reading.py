"""Reading a picture: the one way by which pixels enter facefidelity, from disk or as bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from ..errors import InvalidInput
from .colour import to_upright_rgb
from .decoding import BROKEN_FILE_ERRORS, MAX_PIXELS, decode, file_limit_bytes
from .picture import Picture
from .source import printable_path, read_regular_file

__all__ = ["decode_picture", "read_picture"]


def read_picture(path: Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read one still picture as upright sRGB.

    EXIF orientation is applied; an ICC profile is converted to sRGB (a broken one is ignored);
    16-bit and float grey is scaled to 8 bits, never clipped; grey, palette, CMYK, YCbCr and Lab
    become RGB; alpha is kept aside and the colour is not multiplied by it. The hash is of the
    very bytes that were decoded.

    Args:
        path: A regular file: JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000, PPM or AVIF, whatever
            its suffix.
        max_pixels: Width times height above which it is refused from its header.

    Returns:
        The picture; 1x1 is one too.

    Raises:
        InvalidInput: If it cannot be read, is no picture, is too large, animated, damaged or
            cut off. One sentence that names the file.
    """
    path = Path(path)
    shown = printable_path(path)
    data = read_regular_file(path, file_limit_bytes(max_pixels))
    return _to_picture(data, shown, max_pixels, path)


def decode_picture(data: bytes, shown: str, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """As `read_picture`, from bytes that are here already.

    Args:
        data: What would be the file's content.
        shown: What to call it in errors ("the picture").
        max_pixels: Width times height above which it is refused from its header.

    Raises:
        InvalidInput: If it is no picture, is too large, animated, damaged or cut off.
    """
    return _to_picture(data, shown, max_pixels, None)


def _to_picture(data: bytes, shown: str, max_pixels: int, path: Path | None) -> Picture:
    decoded = decode(data, shown, max_pixels)
    try:
        layers = to_upright_rgb(decoded, data, shown)
    except InvalidInput:
        raise
    except BROKEN_FILE_ERRORS as error:
        raise InvalidInput(
            f"expected colours that can be read as RGB, got mode {decoded.image.mode} ({error}): "
            f"{shown}; convert it to an RGB PNG"
        ) from error
    return Picture(
        pixels=np.array(layers.colour, dtype=np.uint8),
        alpha=None if layers.alpha is None else np.array(layers.alpha, dtype=np.uint8),
        path=path,
        notes=layers.notes,
        sha256=hashlib.sha256(data).hexdigest(),
    )
