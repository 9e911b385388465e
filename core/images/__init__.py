"""Pictures on disk and in memory: find, read, check, encode, write.

Inside facefidelity a picture is (H, W, 3) uint8 RGB in sRGB, upright. This package is the only
place that knows files, colour profiles and bit depths; it knows nothing of faces.
"""

from __future__ import annotations

from .array import require_rgb
from .decoding import MAX_PIXELS
from .finding import PICTURE_SUFFIXES, FoundPicture, find_pictures
from .metadata import PictureMetadata, read_xmp
from .picture import Conversion, Picture
from .reading import decode_picture, read_picture
from .serial import read_body_serial
from .source import printable_path
from .writing import WRITABLE_SUFFIXES, encode_picture, write_encoded, write_picture

__all__ = [
    "MAX_PIXELS",
    "PICTURE_SUFFIXES",
    "WRITABLE_SUFFIXES",
    "Conversion",
    "FoundPicture",
    "Picture",
    "PictureMetadata",
    "decode_picture",
    "encode_picture",
    "find_pictures",
    "printable_path",
    "read_body_serial",
    "read_picture",
    "read_xmp",
    "require_rgb",
    "write_encoded",
    "write_picture",
]
