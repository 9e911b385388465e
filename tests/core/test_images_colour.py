"""Colour truth: every kind of file comes out as the upright sRGB picture that it means."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import PIL
import pytest
from PIL import Image

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import Conversion, read_picture

RED, GREEN, GREY = (255, 0, 0), (0, 255, 0), (90, 90, 90)
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
"""EXIF: which side of the upright picture the stored row 0 and the stored column 0 are."""


def upright(stored, orientation):
    """Turn a stored array by the standard's own words."""
    sides = SIDES[orientation]
    turned = stored.swapaxes(0, 1) if sides[0] in {"left", "right"} else stored
    if "bottom" in sides:
        turned = turned[::-1]
    return turned[:, ::-1] if "right" in sides else turned


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_orientation(tmp_path, orientation, suffix, saved, ramp):
    stored = ramp(2, 3, 4)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    picture = saved(tmp_path, f"p{suffix}", Image.fromarray(stored), exif=exif, **lossless)
    expected = upright(stored, orientation)
    assert np.array_equal(picture.pixels, expected[:, :, :3])
    assert np.array_equal(picture.alpha, expected[:, :, 3])
    assert (Conversion.ORIENTATION_APPLIED in picture.notes) == (orientation != 1)


@pytest.mark.parametrize("orientation", [0, 1, 6, 9])
def test_orientation_of_a_jpeg(tmp_path, orientation, saved):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = saved(tmp_path, "p.jpg", Image.new("RGB", (32, 16)), exif=exif)
    turned = orientation == 6
    assert picture.pixels.shape == ((32, 16, 3) if turned else (16, 32, 3))
    assert picture.notes == ((Conversion.ORIENTATION_APPLIED,) if turned else ())


@pytest.mark.parametrize(("name", "tolerance"), [("p.jpg", 2), ("p.tif", 0)])
def test_cmyk_red_stays_red(tmp_path, name, tolerance, saved):
    """Pillow writes JPEG's CMYK inverted with Adobe's marker, as Photoshop does."""
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    picture = saved(tmp_path, name, image)
    if name == "p.jpg":
        assert b"Adobe" in (tmp_path / name).read_bytes()
    assert np.abs(picture.pixels.astype(int) - RED).max() <= tolerance
    assert picture.notes == (Conversion.CMYK_CONVERTED,)


DEEP_GREY = [
    (np.uint16([[0, 257, 32896, 65535]]), [0, 1, 128, 255], None),
    (np.uint16([[0, 128, 129, 300]]), [0, 0, 1, 1], None),
    (np.float32([[0, 0.25, 0.5, 1]]), [0, 64, 128, 255], None),
    (np.float32([[0, 1, 100.4, 255]]), [0, 1, 100, 255], None),
    (np.float32([[0, 257, 32896, 65535]]), [0, 1, 128, 255], None),
    (np.float32([[-1, 0, 1, 2]]), r"got -1\.\.2", InvalidInput),
    (np.float32([[0, 1, 2, np.nan]]), r"got nan\.\.nan", InvalidInput),
    (np.float32([[0, 1, 2, 70000]]), r"got 0\.\.70000", InvalidInput),
    (np.int32([[0, 257, 32896, 65535]]), [0, 1, 128, 255], None),
    (np.int32([[0, 1, 2, 65536]]), r"got 0\.\.65536", InvalidInput),
    (np.int32([[-5, 1, 2, 3]]), r"got -5\.\.3", InvalidInput),
]


@pytest.mark.parametrize(("values", "expected", "exception"), DEEP_GREY)
def test_deep_grey_is_scaled_not_clipped(tmp_path, values, expected, exception, saved):
    image = Image.fromarray(values)
    if exception is None:
        picture = saved(tmp_path, "p.tif", image)
        assert picture.pixels[0].tolist() == [[value] * 3 for value in expected]
        assert picture.notes == (Conversion.DEPTH_REDUCED, Conversion.GREY_EXPANDED)
    else:
        with pytest.raises(exception, match=expected):
            saved(tmp_path, "p.tif", image)


@pytest.mark.parametrize(
    ("colour_type", "channels", "grey"), [(0, 1, True), (2, 3, False), (4, 2, True), (6, 4, False)]
)
def test_16_bit_png(hostile, colour_type, channels, grey):
    values = (np.arange(2 * channels) * 9000 + 500).astype(">u2").reshape(1, 2, channels)
    path = hostile.png("p.png", (2, 1), 16, colour_type, b"\0" + values.tobytes())
    picture = read_picture(path)
    exact = values.astype(np.float64) / 257
    assert np.abs(picture.pixels - exact[:, :, : 1 if grey else 3]).max() <= 1
    assert (picture.alpha is None) == (channels in {1, 3})
    if picture.alpha is not None:
        assert np.abs(picture.alpha - exact[:, :, -1]).max() <= 1
    assert picture.notes[0] is Conversion.DEPTH_REDUCED


def test_a_16_bit_pgm(hostile):
    path = hostile.put("p.pgm", b"P5 3 1 65535\n" + np.array([0, 32896, 65535], ">u2").tobytes())
    assert read_picture(path).pixels[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("bits", "photometric", "row", "expected"),
    [
        (12, 1, bytes([0xFF, 0xF8, 0x00]), [255, 128]),
        (16, 1, struct.pack("<HH", 0, 65535), [0, 255]),
        (16, 0, struct.pack("<HH", 0, 65535), [255, 0]),
        (8, 0, bytes([0, 255]), [255, 0]),
    ],
    ids=["12 bits", "16 bits", "16 bits negative", "8 bits negative"],
)
def test_scanners_tiffs(hostile, bits, photometric, row, expected):
    picture = read_picture(hostile.tiff_grey("p.tif", bits, photometric, 2, row))
    assert picture.pixels[0, :, 0].tolist() == expected


def test_alpha_is_kept_aside_and_colour_not_multiplied(tmp_path, saved):
    stored = np.array([[[200, 100, 50, 0], [200, 100, 50, 128], [1, 2, 3, 255]]], np.uint8)
    picture = saved(tmp_path, "p.png", Image.fromarray(stored))
    assert np.array_equal(picture.pixels, stored[:, :, :3])
    assert np.array_equal(picture.alpha, stored[:, :, 3])
    assert picture.notes == ()


def test_grey_with_alpha(tmp_path, saved):
    picture = saved(tmp_path, "p.png", Image.fromarray(np.uint8([[[9, 0], [200, 77]]]), "LA"))
    assert picture.pixels.tolist() == [[[9] * 3, [200] * 3]]
    assert picture.alpha.tolist() == [[0, 77]]
    assert picture.notes == (Conversion.GREY_EXPANDED,)


@pytest.mark.parametrize(("mode", "colour"), [("LA", (60, 128)), ("RGBA", (60, 30, 0, 128))])
def test_multiplied_colour_is_divided_by_its_alpha_again(tmp_path, mode, colour):
    path = tmp_path / "p.tif"
    Image.new(mode, (2, 2), colour).save(path)
    plain, multiplied = (struct.pack("<HHIHH", 338, 3, 1, kind, 0) for kind in (2, 1))
    assert plain in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(plain, multiplied))
    try:
        picture = read_picture(path)
    except InvalidInput as error:
        if "unknown pixel mode" not in str(error):
            raise
        pytest.skip(f"Pillow {PIL.__version__} cannot decode premultiplied {mode}")
    stored = np.array([*colour[:-1]] * (3 if mode == "LA" else 1))
    assert np.abs(picture.pixels[0, 0] - stored * 255 / 128).max() <= 1
    assert picture.alpha[0, 0] == 128


def palette_image():
    image = Image.new("P", (3, 1))
    image.putpalette([*RED, *GREEN, *GREY])
    image.putdata([0, 1, 2])
    return image


@pytest.mark.parametrize(
    ("name", "options", "alpha"),
    [
        ("p.png", {}, None),
        ("p.png", {"transparency": 1}, [[255, 0, 255]]),
        ("p.png", {"transparency": bytes([10, 20, 255])}, [[10, 20, 255]]),
        ("p.gif", {}, None),
        ("p.gif", {"transparency": 2}, [[255, 255, 0]]),
    ],
)
def test_palettes(tmp_path, name, options, alpha, saved):
    picture = saved(tmp_path, name, palette_image(), **options)
    assert picture.pixels.tolist() == [[list(RED), list(GREEN), list(GREY)]]
    assert (None if picture.alpha is None else picture.alpha.tolist()) == alpha
    assert picture.notes == (Conversion.PALETTE_EXPANDED,)


@pytest.mark.parametrize(
    ("depth", "colour_type", "row", "key", "alpha"),
    [
        (8, 0, bytes([5, 6, 7]), struct.pack(">H", 6), [[255, 0, 255]]),
        (8, 2, bytes([1, 2, 3, 1, 2, 4, 1, 2, 3]), struct.pack(">HHH", 1, 2, 3), [[0, 255, 0]]),
        (2, 0, bytes([0b00_01_10_00]), struct.pack(">H", 2), [[255, 255, 0]]),
        (1, 0, bytes([0b0100_0000]), struct.pack(">H", 1), [[255, 0, 255]]),
        (16, 0, struct.pack(">HHH", 5, 600, 5), struct.pack(">H", 600), [[255, 0, 255]]),
    ],
    ids=["grey", "rgb", "2 bits", "1 bit", "16 bits"],
)
def test_one_clear_colour(hostile, depth, colour_type, row, key, alpha):
    chunk = struct.pack(">I", len(key)) + b"tRNS" + key
    chunk += struct.pack(">I", zlib.crc32(b"tRNS" + key))
    path = hostile.png("p.png", (3, 1), depth, colour_type, b"\0" + row, chunk)
    assert read_picture(path).alpha.tolist() == alpha


def test_a_16_bit_clear_colour_is_not_guessed_from_8_bits(hostile):
    key = struct.pack(">I", 6) + b"tRNS" + bytes(6)
    key += struct.pack(">I", zlib.crc32(b"tRNS" + bytes(6)))
    path = hostile.png("p.png", (1, 1), 16, 2, b"\0" + bytes([0, 9] * 3), key)
    picture = read_picture(path)
    assert picture.pixels.tolist() == [[[0, 0, 0]]]
    assert picture.alpha is None


@pytest.mark.parametrize(
    ("mode", "expected", "notes"),
    [
        ("1", [255] * 3, (Conversion.GREY_EXPANDED,)),
        ("L", [76] * 3, (Conversion.GREY_EXPANDED,)),
        ("RGB", list(RED), ()),
    ],
)
def test_plain_modes(tmp_path, mode, expected, notes, saved):
    colour = Image.new("RGB", (2, 2), RED).convert("L") if mode != "RGB" else None
    image = Image.new("RGB", (2, 2), RED) if colour is None else colour
    if mode == "1":
        image = Image.new("1", (2, 2), 1)
    picture = saved(tmp_path, "p.png", image)
    assert picture.pixels[0, 0].tolist() == expected
    assert picture.notes == notes


def test_a_jpegs_colours(tmp_path, saved):
    for colour in (RED, GREEN, GREY, (12, 200, 180)):
        picture = saved(tmp_path, "p.jpg", Image.new("RGB", (16, 16), colour), quality=95)
        assert np.abs(picture.pixels.astype(int) - colour).max() <= 3
