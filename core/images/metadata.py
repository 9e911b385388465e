"""What a written picture says of itself beside its pixels; what the words mean is for the caller.

Only XMP and one sentence are known here, since every reader of metadata knows these two. Nothing
of an input's metadata is carried over: it may name people and places.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from ..errors import InvalidInput
from .decoding import MAX_PIXELS, decode, file_limit_bytes
from .source import printable_path, read_regular_file

__all__ = ["MAX_XMP_BYTES", "PictureMetadata", "read_xmp", "save_options"]

MAX_XMP_BYTES: Final = 65_000
"""Largest packet: one segment of a JPEG holds 65,502 bytes of it."""

_XMP_KEYWORD: Final = "XML:com.adobe.xmp"
_XMP_TAG: Final = 700
_DESCRIPTION_TAG: Final = 270


@dataclass(frozen=True, slots=True)
class PictureMetadata:
    """Metadata of one picture.

    Attributes:
        xmp: The whole packet in UTF-8, at most `MAX_XMP_BYTES`.
        sentence: The same for people, in one line; PNG and TIFF have a place for it.
    """

    xmp: bytes
    sentence: str

    def __post_init__(self) -> None:
        if not 0 < len(self.xmp) <= MAX_XMP_BYTES:
            raise InvalidInput(
                f"expected 1 to {MAX_XMP_BYTES} bytes of XMP, got {len(self.xmp)}; say less"
            )


def save_options(format_name: str, metadata: PictureMetadata) -> dict[str, Any]:
    """Options of Pillow's `save` that write the metadata.

    Args:
        format_name: "PNG", "JPEG", "WEBP" or "TIFF".
        metadata: What to write.
    """
    if format_name == "PNG":
        chunks = PngInfo()
        chunks.add_itxt(_XMP_KEYWORD, metadata.xmp.decode("utf-8"))
        chunks.add_itxt("Description", metadata.sentence)
        return {"pnginfo": chunks}
    if format_name == "TIFF":
        tags = ImageFileDirectory_v2()
        tags[_DESCRIPTION_TAG] = metadata.sentence.encode("ascii", "backslashreplace").decode()
        tags.tagtype[_XMP_TAG] = 1  # bytes
        tags[_XMP_TAG] = metadata.xmp
        return {"tiffinfo": tags}
    return {"xmp": metadata.xmp}


def read_xmp(path: Path, *, max_pixels: int = MAX_PIXELS) -> tuple[bytes, bytes | None]:
    """Read a picture file and the XMP packet in it.

    Args:
        path: A regular file with a picture of any kind that `read_picture` reads.
        max_pixels: Width times height above which it is refused from its header.

    Returns:
        The file's bytes, and the packet; None where there is none or it is larger than
        `MAX_XMP_BYTES`.

    Raises:
        InvalidInput: As `read_picture`.
    """
    shown = printable_path(path)
    data = read_regular_file(path, file_limit_bytes(max_pixels))
    info = decode(data, shown, max_pixels).image.info
    packet = info.get("xmp", info.get(_XMP_KEYWORD))
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    if not isinstance(packet, bytes) or not 0 < len(packet) <= MAX_XMP_BYTES:
        return data, None
    return data, packet
