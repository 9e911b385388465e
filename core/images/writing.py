"""Writing a picture file: same pixels, same bytes, and never half a file.

No profile is written: pixels are sRGB, which is what untagged files mean, and a profile's creation
time would change the bytes. Metadata is written only where the caller hands it over.
"""

from __future__ import annotations

import hashlib
import io
import stat
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..errors import InvalidInput
from ..files import replace_file
from ..protocols import RGBImage
from .array import require_alpha, require_rgb
from .metadata import PictureMetadata, save_options
from .source import printable_path

__all__ = ["WRITABLE_SUFFIXES", "encode_picture", "write_encoded", "write_picture"]

_JPEG: Final[dict[str, Any]] = {"format": "JPEG", "quality": 95, "subsampling": 0}
_TIFF: Final[dict[str, Any]] = {"format": "TIFF", "compression": "tiff_adobe_deflate"}
_FORMATS: Final[dict[str, dict[str, Any]]] = {
    # on photographs level 4 is as small as 6, in 0.6 of the time
    ".png": {"format": "PNG", "compress_level": 4},
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": {"format": "WEBP", "lossless": True, "exact": True, "quality": 75, "method": 4},
    ".tif": _TIFF,
    ".tiff": _TIFF,
}
WRITABLE_SUFFIXES: Final = tuple(_FORMATS)
"""Suffixes that a written picture may have, in lower case."""


def encode_picture(
    pixels: RGBImage,
    suffix: str,
    alpha: npt.NDArray[np.uint8] | None = None,
    metadata: PictureMetadata | None = None,
) -> bytes:
    """Encode a picture; with one Pillow the same input gives the same bytes.

    PNG, TIFF and WebP are lossless and keep the colour under clear pixels. JPEG is quality 95
    without chroma subsampling. WebP leaves out an alpha that is solid everywhere.

    Args:
        pixels: (H, W, 3) uint8 RGB, sRGB.
        suffix: One of ``WRITABLE_SUFFIXES``, in any case.
        alpha: (H, W) uint8, or None. JPEG has no alpha: it is dropped there, and the colour is
            written as it is, not laid over a background.
        metadata: What the file says of itself; None for nothing.

    Returns:
        The file's bytes.

    Raises:
        InvalidInput: If the arrays are no picture, the suffix is not known, or the picture is
            larger than the format can hold.
    """
    options = _FORMATS.get(suffix.lower())
    if options is None:
        raise InvalidInput(
            f"expected a suffix out of {', '.join(_FORMATS)}, got {suffix!r}; "
            "name the output with one of them"
        )
    image = Image.fromarray(require_rgb(pixels))
    if alpha is not None:
        plane = require_alpha(alpha, pixels)
        if options is not _JPEG:
            image.putalpha(Image.fromarray(plane))
    said = {} if metadata is None else save_options(options["format"], metadata)
    buffer = io.BytesIO()
    try:
        image.save(buffer, **options, **said)
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"expected a picture that {options['format']} can hold, got {image.width}x"
            f"{image.height} ({error}); write a PNG instead"
        ) from error
    return buffer.getvalue()


def write_picture(
    path: Path,
    pixels: RGBImage,
    *,
    alpha: npt.NDArray[np.uint8] | None = None,
    overwrite: bool = True,
) -> str:
    """Write a picture whole or not at all.

    The bytes go to a hidden temporary file in the same folder, are flushed to the disk and take
    the name in one step; whatever fails, the old file stays and the temporary one goes. A link
    is replaced, not followed. An old file's permissions are kept.

    Args:
        path: Where to; the suffix sets the format as in ``encode_picture``. Its folder exists.
        pixels: (H, W, 3) uint8 RGB, sRGB.
        alpha: (H, W) uint8, or None; dropped for JPEG.
        overwrite: Whether a file of that name may be replaced. That it is not the source is for
            the caller to see to.

    Returns:
        SHA-256 of the written bytes, in hex.

    Raises:
        InvalidInput: If the picture cannot be encoded, the name is taken, or the disk refuses.
    """
    path = Path(path)
    data = encode_picture(pixels, path.suffix, alpha)
    return write_encoded(path, data, overwrite=overwrite)


def write_encoded(path: Path, data: bytes, *, overwrite: bool = True) -> str:
    """Write a picture that `encode_picture` encoded, whole or not at all, as `write_picture`.

    Args:
        path: Where to. Its folder exists.
        data: The file's bytes.
        overwrite: Whether a file of that name may be replaced.

    Returns:
        SHA-256 of the bytes, in hex.

    Raises:
        InvalidInput: If the name is taken, or the disk refuses (the cause is the OSError).
    """
    shown = printable_path(path)
    try:
        replace_file(path, data, _mode_of_old_file(path, overwrite, shown))
    except InvalidInput:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(
            f"expected to be able to write {shown}, got an error ({reason}); see that its folder "
            "exists, is writable and has space, nothing was changed"
        ) from error
    return hashlib.sha256(data).hexdigest()


def _mode_of_old_file(path: Path, overwrite: bool, shown: str) -> int | None:
    """Permissions of the file to be replaced; None where the name is free or a link."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not overwrite:
        raise InvalidInput(
            f"expected a free name, got an existing file: {shown}; choose another name or allow "
            "overwriting"
        )
    if stat.S_ISLNK(mode):
        return None
    if not stat.S_ISREG(mode):
        raise InvalidInput(
            f"expected a file to replace, got a folder or a device: {shown}; choose another name"
        )
    return stat.S_IMODE(mode)
