"""Files that a batch meets one day: broken, hostile, or merely unusual. Built, never stored."""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from facefidelity.core.images import Picture, read_picture

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
NOBODY = 65534


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def noise(height: int = 24, width: int = 32, channels: int = 3) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@dataclass(frozen=True)
class HostileFiles:
    """Writes one unusual file at a time into ``folder`` and gives its path back."""

    folder: Path

    def put(self, name: str | bytes, data: bytes) -> Path:
        path = Path(os.fsdecode(os.path.join(os.fsencode(self.folder), os.fsencode(name))))
        path.write_bytes(data)
        return path

    def png(
        self,
        name: str,
        size: tuple[int, int],
        depth: int,
        colour: int,
        rows: bytes,
        extra: bytes = b"",
    ) -> Path:
        """Any PNG; ``rows`` is the raw data with the filter bytes, ``extra`` goes before it."""
        header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
        data = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows))
        return self.put(name, PNG_SIGNATURE + data + png_chunk(b"IEND", b""))

    def tiff_grey(self, name: str, bits: int, photometric: int, width: int, row: bytes) -> Path:
        """One uncompressed row of a kind that Pillow reads but does not write."""
        tags = [
            (256, 4, width), (257, 4, 1), (258, 3, bits), (259, 3, 1),
            (262, 3, photometric), (273, 4, 8 + 2 + 12 * 8 + 4), (278, 4, 1), (279, 4, len(row)),
        ]  # fmt: skip
        entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        return self.put(name, b"II*\0" + struct.pack("<IH", 8, 8) + entries + bytes(4) + row)

    def empty(self) -> Path:
        return self.put("empty.jpg", b"")

    def text_named_jpg(self) -> Path:
        return self.put("notes.jpg", b"these are notes, not a picture\n")

    def truncated_jpeg(self) -> Path:
        data = encoded(Image.fromarray(noise(64, 64)), "JPEG")
        return self.put("cut.jpg", data[: len(data) // 2])

    def truncated_png(self) -> Path:
        data = encoded(Image.fromarray(noise(64, 64)), "PNG")
        return self.put("cut.png", data[: len(data) // 2])

    def garbled_png(self) -> Path:
        data = bytearray(encoded(Image.fromarray(noise()), "PNG"))
        data[60:90] = bytes(30)
        return self.put("garbled.png", bytes(data))

    def huge_header_png(self) -> Path:
        return self.png("huge.png", (40_000, 40_000), 8, 2, bytes(64))

    def huge_header_jpeg(self) -> Path:
        data = bytearray(encoded(Image.fromarray(noise()), "JPEG"))
        size_at = data.index(b"\xff\xc0") + 5
        data[size_at : size_at + 4] = struct.pack(">HH", 40_000, 40_000)
        return self.put("huge.jpg", bytes(data))

    def huge_header_bmp(self) -> Path:
        data = bytearray(encoded(Image.fromarray(noise()), "BMP"))
        data[18:26] = struct.pack("<ii", 40_000, 40_000)
        return self.put("huge.bmp", bytes(data))

    def huge_header_tiff(self) -> Path:
        data = encoded(Image.new("L", (40_000, 1)), "TIFF")
        height_tag = struct.pack("<HHI", 257, 4, 1)
        width = struct.pack("<HHII", 256, 4, 1, 40_000)
        data = data.replace(width[:2] + data[data.index(width[:2]) + 2 :][:10], width)
        at = data.index(struct.pack("<H", 257), 8)
        return self.put(
            "huge.tif", data[:at] + height_tag + struct.pack("<I", 40_000) + data[at + 12 :]
        )

    def sparse(self) -> Path:
        """A file that claims a terabyte."""
        path = self.put("sparse.jpg", b"\xff\xd8\xff")
        os.truncate(path, 1 << 40)
        return path

    def animated(self, kind: str, suffix: str) -> Path:
        frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        return self.put(f"moving{suffix}", data)

    def animated_gif(self) -> Path:
        return self.animated("GIF", ".gif")

    def animated_webp(self) -> Path:
        return self.animated("WEBP", ".webp")

    def animated_png(self) -> Path:
        return self.animated("PNG", ".png")

    def paged_tiff(self) -> Path:
        return self.animated("TIFF", ".tif")

    def one_pixel(self) -> Path:
        return self.put("one.png", encoded(Image.new("RGB", (1, 1), "red"), "PNG"))

    def missing(self) -> Path:
        return self.folder / "nowhere.png"

    def below_a_file(self) -> Path:
        return self.one_pixel() / "inside.png"

    def null_in_name(self) -> Path:
        return self.folder / "a\0b.png"

    def is_a_folder(self) -> Path:
        path = self.folder / "folder.jpg"
        path.mkdir()
        return path

    def pipe(self) -> Path:
        path = self.folder / "pipe.jpg"
        os.mkfifo(path)
        return path

    def device(self) -> Path:
        path = self.folder / "zero.jpg"
        path.symlink_to("/dev/zero")
        return path

    def broken_link(self) -> Path:
        path = self.folder / "gone.jpg"
        path.symlink_to(self.folder / "not-there.jpg")
        return path

    def linked_to_itself(self) -> Path:
        path = self.folder / "ouroboros.jpg"
        path.symlink_to(path)
        return path


@pytest.fixture
def hostile(tmp_path: Path) -> HostileFiles:
    return HostileFiles(tmp_path)


@pytest.fixture
def as_ordinary_user(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """Give up root for a moment: root reads everything, and a permission test would prove nothing.

    What lies in ``tmp_path`` keeps its owner and mode; the way to it is opened meanwhile.
    """

    @contextmanager
    def dropped() -> Iterator[None]:
        if not hasattr(os, "geteuid"):
            pytest.skip("this system has no POSIX permissions")
        if os.geteuid() != 0:
            yield
            return
        closed = [folder for folder in (tmp_path, *tmp_path.parents) if not _is_open(folder)]
        modes = [stat.S_IMODE(folder.stat().st_mode) for folder in closed]
        for folder, mode in zip(closed, modes, strict=True):
            folder.chmod(mode | 0o055)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            for folder, mode in zip(closed, modes, strict=True):
                folder.chmod(mode)

    return dropped


def _is_open(folder: Path) -> bool:
    return folder.stat().st_mode & 0o005 == 0o005


@pytest.fixture
def ramp() -> Callable[[int, int, int], npt.NDArray[np.uint8]]:
    """Pictures whose every sample is another number."""

    def build(height: int, width: int, channels: int) -> npt.NDArray[np.uint8]:
        return np.arange(1, 1 + height * width * channels, dtype=np.uint8).reshape(
            height, width, channels
        )

    return build


@pytest.fixture
def saved() -> Callable[..., Picture]:
    """Save an image with Pillow and read it back as a picture."""

    def save(folder: Path, name: str, image: Image.Image, **options: object) -> Picture:
        path = folder / name
        image.save(path, **options)
        return read_picture(path)

    return save
