"""From a file's bytes to decoded Pillow pixels, refusing what cannot be trusted.

The size is judged from the header, before a pixel is decoded. Pillow's plugins are called
directly: ``Image.open`` would add its own limit (a process-wide setting, as a warning), try
formats that run other programs, and split a phone's JPEG with a depth map into frames.
"""

from __future__ import annotations

import contextlib
import io
import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..errors import InvalidInput

__all__ = ["BROKEN_FILE_ERRORS", "MAX_PIXELS", "Decoded", "decode", "file_limit_bytes", "peek"]

MAX_PIXELS: Final = 100_000_000
"""Width times height above which a picture is refused unread (a decompression bomb)."""

BROKEN_FILE_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""Everything that Pillow's plugins raise on a broken file (they promise no single type)."""

_READERS: Final[dict[str, tuple[bytes, Callable[[io.BytesIO], ImageFile.ImageFile]]]] = {
    "JPEG": (rb"\xff\xd8\xff", JpegImageFile),
    "PNG": (rb"\x89PNG\r\n\x1a\n", PngImageFile),
    "WebP": (rb"RIFF[\s\S]{4}WEBPVP8", WebPImageFile),
    "TIFF": (rb"II[*+]\0|MM\0[*+]", TiffImageFile),
    "BMP": (rb"BM", BmpImageFile),
    "GIF": (rb"GIF8[79]a", GifImageFile),
    "JPEG 2000": (rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n", Jpeg2KImageFile),
    "PPM": (rb"P[1-6]\s", PpmImageFile),
}
with contextlib.suppress(ImportError):  # Pillow before 11.3 has no AVIF
    from PIL.AvifImagePlugin import AvifImageFile

    _READERS["AVIF"] = (rb"[\s\S]{4}ftypavi[fs]", AvifImageFile)

_STRICT = threading.Lock()
_EXIF_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture and which way is up.

    Attributes:
        image: The loaded picture in the mode that Pillow gives.
        stored_orientation: EXIF orientation in the file, 1 where there is none.
        due_orientation: What of it is still to be applied; Pillow turns TIFF files itself.
    """

    image: ImageFile.ImageFile
    stored_orientation: int
    due_orientation: int


def file_limit_bytes(max_pixels: int) -> int:
    """Largest file worth reading: 16-bit RGBA unpacked, and 64 MiB of everything else."""
    return 8 * max_pixels + (64 << 20)


def decode(data: bytes, shown: str, max_pixels: int) -> Decoded:
    """Decode one still picture.

    Args:
        data: The file's bytes.
        shown: The file's name for messages.
        max_pixels: Refuse more pixels than this from the header alone.

    Returns:
        The loaded picture and its orientation.

    Raises:
        InvalidInput: If it is no picture, too large, animated, damaged or cut off.
    """
    kind = next((name for name, (magic, _) in _READERS.items() if re.match(magic, data)), None)
    if kind is None:
        raise InvalidInput(
            f"expected a picture ({', '.join(_READERS)}), got another kind of file: {shown}; "
            "convert it to PNG or JPEG"
        )
    try:
        image = _READERS[kind][1](io.BytesIO(data))
        _require_size(image, shown, max_pixels)
        _require_still(image, kind, shown)
        before = _orientation(image) if isinstance(image, TiffImageFile) else None
        with _truncation_refused():
            image.load()
    except InvalidInput:
        raise
    except BROKEN_FILE_ERRORS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InvalidInput(
            f"expected a whole {kind} picture, got a damaged or cut-off file ({reason}): {shown}; "
            "copy it again from its source"
        ) from error
    due = _orientation(image)
    return Decoded(image, due if before is None else before, due)


def peek(data: bytes) -> ImageFile.ImageFile | None:
    """The picture as its header tells it, no pixel decoded; None where it tells nothing."""
    for magic, reader in _READERS.values():
        if re.match(magic, data):
            with contextlib.suppress(*BROKEN_FILE_ERRORS):
                return reader(io.BytesIO(data))
    return None


def _require_size(image: ImageFile.ImageFile, shown: str, max_pixels: int) -> None:
    """Refuse by the header's size; Pillow's own limit is met first where its decoder asks it."""
    width, height = image.size
    limit = max_pixels
    if isinstance(image, (TiffImageFile, GifImageFile)) and Image.MAX_IMAGE_PIXELS is not None:
        limit = min(limit, Image.MAX_IMAGE_PIXELS)
    if width * height > limit:
        raise InvalidInput(
            f"expected at most {limit / 1e6:g} megapixels, got {width}x{height} "
            f"({width * height / 1e6:.0f} megapixels): {shown}; scale it down or cut it into parts"
        )


def _require_still(image: ImageFile.ImageFile, kind: str, shown: str) -> None:
    if getattr(image, "is_animated", False):
        raise InvalidInput(
            f"expected one still picture, got a {kind} file of several frames or pages: {shown}; "
            "save the frame that you want as a PNG"
        )


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation; a broken EXIF block says nothing and stops nothing."""
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, _UPRIGHT)
    except BROKEN_FILE_ERRORS:
        return _UPRIGHT
    return value if isinstance(value, int) and 1 <= value <= 8 else _UPRIGHT


@contextlib.contextmanager
def _truncation_refused() -> Iterator[None]:
    """Hold Pillow to refusing cut-off files, even in a program that told it to fill them grey."""
    if not ImageFile.LOAD_TRUNCATED_IMAGES:
        yield
        return
    with _STRICT:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = True
