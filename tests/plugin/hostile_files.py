"""Makes a folder of hostile picture files, the same ones every time, among good ones.

    python tests/plugin/hostile_files.py FOLDER [--large]

Each hostile file is expected to be named as failed ("bad"), or may be done or named ("either": a
flipped bit may decode). Nothing here is a face, and nothing is downloaded. `--large` adds pictures
just below the limit of pixels, which take seconds each.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

GOOD = 50
HOSTILE = 400
FORMATS = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 90}),
    "webp": ("WEBP", {"lossless": True}),
    "tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "jp2": ("JPEG2000", {}),
    "ppm": ("PPM", {}),
}


@dataclass
class Planted:
    """Which files lie there, by their path as bytes below the folder."""

    good: list[bytes] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)
    either: list[bytes] = field(default_factory=list)

    @property
    def hostile(self) -> int:
        """How many are hostile."""
        return len(self.bad) + len(self.either)


def plant(folder: Path, *, large: bool = False) -> Planted:
    """Write 50 good and 400 hostile files below a folder.

    Args:
        folder: Empty, or not there yet.
        large: Whether pictures of 100 megapixels are among them.
    """
    planted, place = Planted(), os.fsencode(folder)
    os.makedirs(place, exist_ok=True)
    for number in range(GOOD):
        suffix = list(FORMATS)[number % len(FORMATS)]
        planted.good.append(
            _put(place, b"good-%02d." % number + suffix.encode(), _encoded(suffix, number))
        )
    _odd_files(place, planted)
    if large:
        planted.either += [_put(place, name, data) for name, data in _large()]
    for name, data in _bad():
        planted.bad.append(_put(place, b"bad-" + name, data))
    for name, data in _odd_pictures():
        planted.either.append(_put(place, b"odd-" + name, data))
    for name, data in _damaged():
        if planted.hostile >= HOSTILE:
            break
        planted.either.append(_put(place, b"hurt-" + name, data))
    return planted


def _put(place: bytes, name: bytes, data: bytes) -> bytes:
    if not name.startswith(b"named"):  # results all end in .png: the suffix keeps them apart
        stem, _, suffix = name.rpartition(b".")
        name = stem + b"-" + suffix + b"." + suffix
    path = os.path.join(place, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return name


def _pixels(seed: int, side: int = 40) -> Image.Image:
    across = np.linspace(0, 255, side)[None, :, None] * np.ones((side, 1, 3))
    noise = np.random.default_rng(seed).integers(0, 40, (side, side, 3))
    return Image.fromarray(np.clip(across + noise, 0, 255).astype(np.uint8))


def _encoded(suffix: str, seed: int = 0, image: Image.Image | None = None) -> bytes:
    name, options = FORMATS[suffix]
    buffer = io.BytesIO()
    (image or _pixels(seed)).save(buffer, name, **options)
    return buffer.getvalue()


def _odd_files(place: bytes, planted: Planted) -> None:
    """Names that break tables, shells and terminals; things that are no files at all."""
    names = [
        b"new\nline.png", b"-rf.png", b"--policy.png", b"\xff\xfe.png", b"\xed\xa0\x80.png",
        "\u202egnp.txt.png".encode(), "\U0001f600.png".encode(), b"$(touch owned).png",
        b"`id`.png", b";ls;.png", b"%s%n.png", b"\x1b[31mred.png", b"tab\there.png", b" .png",
        b"a" * 250 + b".png", b"quote'\".png", b"{0}.png", b"<b>&amp;.png", b"c:\\x.png",
    ]  # fmt: skip
    for index, name in enumerate(names):
        whole = _encoded("png", index)
        planted.either.append(_put(place, b"named/" + name, whole))
        with contextlib.suppress(OSError):
            planted.bad.append(_put(place, b"named-bad/" + name, whole[: len(whole) // 2]))
    for name, target in (
        (b"broken.png", b"nowhere"), (b"loop-a.png", b"loop-b.png"), (b"loop-b.png", b"loop-a.png"),
        (b"itself.png", b"itself.png"), (b"zero.png", b"/dev/zero"), (b"null.png", b"/dev/null"),
    ):  # fmt: skip
        os.symlink(target, os.path.join(place, name))
        planted.bad.append(name)
    os.symlink(place, os.path.join(place, b"again"))
    os.mkfifo(os.path.join(place, b"pipe.png"))
    planted.bad.append(b"pipe.png")
    for name, size in ((b"giant.png", 8 << 30), (b"huge.jpg", 1 << 40), (b"holes.bmp", 700 << 20)):
        path = os.path.join(place, name)
        with open(path, "wb") as file:
            file.write(_encoded(name[-3:].decode())[:60])
            try:
                file.truncate(size)
            except OSError:  # this file system has no such large ones
                file.truncate(1 << 30)
        (planted.either if name == b"holes.bmp" else planted.bad).append(name)
    planted.bad.append(_put(place, b"folder.png/inside.png", b"x"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes, bits: int = 8, colour: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + b"".join(chunks) + _chunk(b"IEND", b"")


def _bad() -> Iterator[tuple[bytes, bytes]]:
    """Bombs, other kinds of file under a picture's name, and animations."""
    zeros = _chunk(b"IDAT", zlib.compress(bytes(10 << 20), 9))
    yield from (
        (b"bomb-%dx%d.png" % size, _png(*size, zeros))
        for size in ((60_000, 60_000), (2**31 - 1, 1), (1, 2**31 - 1), (10_001, 10_000), (0, 0))
    )
    text = zlib.compress(bytes(200 << 20), 9)
    yield b"text-bomb.png", _png(8, 8, _chunk(b"zTXt", b"a\0\0" + text), zeros)
    bmp = bytearray(_encoded("bmp"))
    bmp[18:26] = struct.pack("<ii", 50_000, 50_000)
    yield b"bomb.bmp", bytes(bmp)
    bmp[18:26] = struct.pack("<ii", -5, -5)
    yield b"negative.bmp", bytes(bmp)
    jpeg = bytearray(_encoded("jpg"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
    yield b"bomb.jpg", bytes(jpeg)
    yield b"bomb.ppm", b"P6 70000 70000 255\n" + bytes(100)
    yield b"endless.ppm", b"P6 " + b"9" * 100_000
    yield b"bomb.gif", b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + _encoded("gif")[10:]
    wrong = {
        b"page.html": b"<!DOCTYPE html><img src=x>", b"drawing.svg": b"<svg onload='alert(1)'/>",
        b"paper.pdf": b"%PDF-1.7\n" + bytes(200), b"archive.zip": b"PK\3\4" + bytes(100),
        b"tar": b"a" * 257 + b"ustar" + bytes(250), b"gz": b"\x1f\x8b\x08" + bytes(30),
        b"elf": b"\x7fELF" + bytes(100), b"script": b"#!/bin/sh\ntouch owned\n",
        b"pickle": b"cos\nsystem\n(S'touch owned'\ntR.", b"json": b'{"a": 1}', b"empty": b"",
        b"one": b"\0", b"blank": b" " * 100, b"mp4": b"\0\0\0\x18ftypmp42" + bytes(100),
        b"heic": b"\0\0\0\x18ftypheic" + bytes(100), b"avif": b"\0\0\0\x18ftypavif" + bytes(100),
        b"ps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"psd": b"8BPS\0\1" + bytes(60),
        b"onnx": b"\x08\x07\x12\x04test", b"magic-png": b"\x89PNG\r\n\x1a\n",
        b"magic-jpg": b"\xff\xd8\xff", b"magic-tif": b"II*\0",
        b"magic-webp": b"RIFF\0\0\0\0WEBPVP8 ",
        b"magic-jp2": b"\xff\x4f\xff\x51", b"bom": b"\xef\xbb\xbf\x89PNG", b"ff": b"\xff" * 4096,
    }  # fmt: skip
    yield from ((name + b".png", data) for name, data in wrong.items())
    frames = [_pixels(seed) for seed in range(3)]
    for suffix, name in (("gif", "GIF"), ("webp", "WEBP"), ("tif", "TIFF"), ("png", "PNG")):
        buffer = io.BytesIO()
        frames[0].save(buffer, name, save_all=True, append_images=frames[1:])
        yield b"animated." + suffix.encode(), buffer.getvalue()
    loop = bytearray(_encoded("tif"))
    loop[4:8] = struct.pack("<I", 4)  # the directory lies in its own pointer
    yield b"loop.tif", bytes(loop)
    for suffix in FORMATS:
        whole = _encoded(suffix)
        yield b"head-only." + suffix.encode(), whole[:12]


def _odd_pictures() -> Iterator[tuple[bytes, bytes]]:
    """Rare but legal pictures, and metadata that is not."""
    base = _pixels(7)
    for mode in ("L", "1", "P", "LA", "RGBA", "I;16"):
        image = base.convert("L").convert("I;16") if mode == "I;16" else base.convert(mode)
        yield mode.replace(";", "").encode() + b".png", _encoded("png", image=image)
    for mode in ("CMYK", "L", "YCbCr"):
        yield mode.encode() + b".jpg", _encoded("jpg", image=base.convert(mode))
    for mode in ("CMYK", "LAB", "F", "I;16", "1"):
        source = base.convert("L") if mode in {"F", "I;16"} else base
        image = source.convert(mode) if mode != "LAB" else Image.new("LAB", (40, 40))
        buffer = io.BytesIO()
        image.save(buffer, "TIFF")
        yield mode.replace(";", "").encode() + b".tif", buffer.getvalue()
    for number, junk in enumerate((b"", b"\0" * 65_000, b"Exif\0\0II*\0" + b"\xff" * 60_000)):
        buffer = io.BytesIO()
        base.save(buffer, "JPEG", exif=junk)
        yield b"exif-%d.jpg" % number, buffer.getvalue()
        buffer = io.BytesIO()
        base.save(buffer, "PNG", icc_profile=junk or b"x")
        yield b"icc-%d.png" % number, buffer.getvalue()
    for turn in (0, 9, 255, 65_535):
        exif = Image.Exif()
        exif[0x0112] = turn
        buffer = io.BytesIO()
        base.save(buffer, "JPEG", exif=exif)
        yield b"turned-%d.jpg" % turn, buffer.getvalue()
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    buffer = io.BytesIO()
    base.save(buffer, "PNG", pnginfo=info)
    yield b"entity.png", buffer.getvalue()
    for width, height in ((1, 1), (1, 3000), (3000, 1), (2, 2)):
        yield (
            b"thin-%dx%d.png" % (width, height),
            _encoded("png", image=Image.new("RGB", (width, height), (9, 9, 9))),
        )
    buffer = io.BytesIO()
    Image.new("1", (3000, 3000)).save(buffer, "PNG")
    yield b"wide.png", buffer.getvalue()


def _large() -> Iterator[tuple[bytes, bytes]]:
    """Small files of almost as many pixels as are read at all."""
    for mode in ("1", "L", "RGB"):
        buffer = io.BytesIO()
        Image.new(mode, (9_999, 9_999)).save(buffer, "PNG", compress_level=9)
        yield b"large-%s.png" % mode.encode(), buffer.getvalue()


def _damaged() -> Iterator[tuple[bytes, bytes]]:
    """Truncations, flipped bits, and bytes taken out, doubled or overwritten."""
    draw = random.Random(0)
    for number in range(HOSTILE):
        suffix = list(FORMATS)[number % len(FORMATS)]
        data = bytearray(_encoded(suffix, number))
        at = draw.randrange(8, len(data))
        kind = ("cut", "flip", "flips", "gap", "double", "zeros", "noise")[number % 7]
        if kind == "cut":
            del data[at:]
        elif kind == "flip":
            data[at] ^= 1 << draw.randrange(8)
        elif kind == "flips":
            for _ in range(20):
                data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        elif kind == "gap":
            del data[at : at + draw.randrange(1, 40)]
        elif kind == "double":
            data[at:at] = data[at : at + draw.randrange(1, 40)]
        elif kind == "zeros":
            data[at : at + 16] = bytes(len(data[at : at + 16]))
        else:
            data[at : at + 16] = draw.randbytes(len(data[at : at + 16]))
        yield f"{kind}-{number:03d}.{suffix}".encode(), bytes(data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--large", action="store_true")
    words = parser.parse_args()
    made = plant(words.folder, large=words.large)
    told = f"{len(made.good)} good, {len(made.bad)} bad, {len(made.either)} odd or damaged"
    print(told)  # noqa: T201 - a script
