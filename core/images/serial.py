"""Which camera body a picture file names in its EXIF data; no pixel is decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .decoding import BROKEN_FILE_ERRORS, MAX_PIXELS, file_limit_bytes, peek
from .source import read_regular_file

__all__ = ["read_body_serial"]

_EXIF_IFD: Final = 0x8769
_BODY_SERIAL_NUMBER: Final = 0xA431


def read_body_serial(path: Path) -> str | None:
    """Read the body serial number of EXIF 2.3.

    Args:
        path: A picture file.

    Returns:
        The number without blanks and NULs around it; None where the file names none.

    Raises:
        InvalidInput: If there is no such file, or it cannot be read.
    """
    image = peek(read_regular_file(path, file_limit_bytes(MAX_PIXELS)))
    if image is None:
        return None
    try:
        value = image.getexif().get_ifd(_EXIF_IFD).get(_BODY_SERIAL_NUMBER)
    except BROKEN_FILE_ERRORS:
        return None
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip(" \0") or None
