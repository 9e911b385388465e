"""Colour truth: every kind of file comes out as the upright sRGB picture that it means."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import PIL
import pytest
from PIL import Image, ImageCms

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
ADOBE_RGB_XYZ = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
SRGB_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
ADOBE_GAMMA = 563 / 256


def upright(stored, orientation):
    """Turn a stored array by the standard's own words."""
    sides = SIDES[orientation]
    turned = stored.swapaxes(0, 1) if sides[0] in {"left", "right"} else stored
    if "bottom" in sides:
        turned = turned[::-1]
    return turned[:, ::-1] if "right" in sides else turned


def ramp(height, width, channels):
    return np.arange(1, 1 + height * width * channels, dtype=np.uint8).reshape(
        height, width, channels
    )


def saved(folder, name, image, **options):
    path = folder / name
    image.save(path, **options)
    return read_picture(path)


def srgb_bytes():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def edited_profile(edits):
    """The built-in sRGB profile with the bytes of some tags replaced (same length or shorter)."""
    data = bytearray(srgb_bytes())
    (count,) = struct.unpack_from(">I", data, 128)
    for index in range(count):
        tag, offset, _ = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if tag in edits:
            data[offset : offset + len(edits[tag])] = edits[tag]
    return bytes(data)


def xyz_tag(values):
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def swapped_profile():
    return edited_profile({b"rXYZ": xyz_tag(SRGB_XYZ[:, 1]), b"gXYZ": xyz_tag(SRGB_XYZ[:, 0])})


def adobe_like_profile():
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    primaries = {name: xyz_tag(ADOBE_RGB_XYZ[:, i]) for i, name in enumerate(names)}
    return edited_profile({**primaries, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def adobe_to_srgb(values):
    """The conversion from its definition: decode, through XYZ (D50), encode."""
    linear = (values / 255.0) ** ADOBE_GAMMA @ ADOBE_RGB_XYZ.T @ np.linalg.inv(SRGB_XYZ).T
    low = linear.clip(0, 1)
    encoded = np.where(low <= 0.0031308, 12.92 * low, 1.055 * low ** (1 / 2.4) - 0.055)
    return encoded * 255, ((linear >= 0) & (linear <= 1)).all(axis=-1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_orientation(tmp_path, orientation, suffix):
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
def test_orientation_of_a_jpeg(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = saved(tmp_path, "p.jpg", Image.new("RGB", (32, 16)), exif=exif)
    turned = orientation == 6
    assert picture.pixels.shape == ((32, 16, 3) if turned else (16, 32, 3))
    assert picture.notes == ((Conversion.ORIENTATION_APPLIED,) if turned else ())


def test_a_profile_near_srgb_is_still_converted(tmp_path):
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.0 * 256))
    profile = edited_profile(dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))
    picture = saved(tmp_path, "p.png", Image.new("RGB", (2, 2), GREY), icc_profile=profile)
    expected = round(255 * (1.055 * (90 / 255) ** (2.0 / 2.4) - 0.055))
    assert np.abs(picture.pixels.astype(int) - expected).max() <= 1
    assert picture.notes == (Conversion.PROFILE_CONVERTED,)


def test_a_swapped_profile_swaps_the_colours_back(tmp_path):
    image = Image.fromarray(np.array([[RED, GREEN, GREY]], np.uint8))
    picture = saved(tmp_path, "p.png", image, icc_profile=swapped_profile())
    assert np.abs(picture.pixels[0].astype(int) - [GREEN, RED, GREY]).max() <= 2
    assert picture.notes == (Conversion.PROFILE_CONVERTED,)


def test_an_adobe_like_profile_gives_the_textbooks_colours(tmp_path):
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    stored = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    picture = saved(tmp_path, "p.png", Image.fromarray(stored), icc_profile=adobe_like_profile())
    expected, inside = adobe_to_srgb(stored.astype(np.float64))
    assert inside.sum() > 250
    assert np.abs(picture.pixels - expected)[inside].max() <= 1
    assert np.abs(picture.pixels.astype(int) - stored)[inside].max() > 10


def test_alpha_is_not_touched_by_the_profile(tmp_path):
    stored = np.dstack([np.full((1, 3, 3), RED, np.uint8), np.uint8([[0, 128, 255]])])
    picture = saved(tmp_path, "p.png", Image.fromarray(stored), icc_profile=swapped_profile())
    assert picture.alpha.tolist() == [[0, 128, 255]]
    assert np.abs(picture.pixels.astype(int) - GREEN).max() <= 2


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_grey_profile_fits_grey_only(tmp_path, mode):
    gamma_one = edited_profile({b"rTRC": b"curv\0\0\0\0" + struct.pack(">I", 0)})
    data = bytearray(gamma_one)
    data[16:20] = b"GRAY"
    data = data.replace(b"rTRC", b"kTRC")
    image = Image.new("L", (2, 2), 128).convert(mode)
    picture = saved(tmp_path, "p.png", image, icc_profile=bytes(data))
    linear_half_in_srgb = round(255 * (1.055 * (128 / 255) ** (1 / 2.4) - 0.055))
    fits = mode == "L"
    assert abs(int(picture.pixels[0, 0, 0]) - (linear_half_in_srgb if fits else 128)) <= 2
    note = Conversion.PROFILE_CONVERTED if fits else Conversion.PROFILE_IGNORED
    assert note in picture.notes


def test_an_srgb_profile_changes_nothing(tmp_path):
    stored = ramp(4, 5, 3)
    picture = saved(tmp_path, "p.png", Image.fromarray(stored), icc_profile=srgb_bytes())
    assert np.array_equal(picture.pixels, stored)
    assert picture.notes == ()


@pytest.mark.parametrize(
    "profile",
    [b"no profile", srgb_bytes()[:200], srgb_bytes()[:36] + bytes(552), b"\0"],
    ids=["text", "cut", "zeroed", "byte"],
)
@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_broken_profile_is_ignored(tmp_path, profile, mode):
    image = Image.new("RGB", (2, 2), RED).convert(mode)
    picture = saved(tmp_path, "p.tif", image, icc_profile=profile)
    assert picture.pixels[0, 0].tolist() == list(RED)
    assert Conversion.PROFILE_IGNORED in picture.notes


def test_an_rgb_profile_on_cmyk_is_ignored(tmp_path):
    image = Image.new("CMYK", (2, 2), (0, 255, 255, 0))
    picture = saved(tmp_path, "p.tif", image, icc_profile=swapped_profile())
    assert picture.pixels[0, 0].tolist() == list(RED)
    assert picture.notes == (Conversion.CMYK_CONVERTED, Conversion.PROFILE_IGNORED)


@pytest.mark.parametrize(("name", "tolerance"), [("p.jpg", 2), ("p.tif", 0)])
def test_cmyk_red_stays_red(tmp_path, name, tolerance):
    """Pillow writes JPEG's CMYK inverted with Adobe's marker, as Photoshop does."""
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    picture = saved(tmp_path, name, image)
    if name == "p.jpg":
        assert b"Adobe" in (tmp_path / name).read_bytes()
    assert np.abs(picture.pixels.astype(int) - RED).max() <= tolerance
    assert picture.notes == (Conversion.CMYK_CONVERTED,)


def test_lab_is_converted(tmp_path):
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    colours = Image.fromarray(np.array([[RED, GREY, (20, 40, 200)]], np.uint8))
    image = ImageCms.applyTransform(colours, ImageCms.buildTransform(srgb, lab, "RGB", "LAB"))
    for embedded in (True, False):
        if not embedded:
            del image.info["icc_profile"]
        picture = saved(tmp_path, "p.tif", image)
        # 8 bits of Lab are coarse where sRGB's curve is steep
        assert np.abs(picture.pixels.astype(int) - np.asarray(colours)).max() <= 14
        assert picture.pixels[0, 1].tolist() == list(GREY)
        assert picture.notes[0] is Conversion.COLOUR_SPACE_CONVERTED


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
def test_deep_grey_is_scaled_not_clipped(tmp_path, values, expected, exception):
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


def test_alpha_is_kept_aside_and_colour_not_multiplied(tmp_path):
    stored = np.array([[[200, 100, 50, 0], [200, 100, 50, 128], [1, 2, 3, 255]]], np.uint8)
    picture = saved(tmp_path, "p.png", Image.fromarray(stored))
    assert np.array_equal(picture.pixels, stored[:, :, :3])
    assert np.array_equal(picture.alpha, stored[:, :, 3])
    assert picture.notes == ()


def test_grey_with_alpha(tmp_path):
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
def test_palettes(tmp_path, name, options, alpha):
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
def test_plain_modes(tmp_path, mode, expected, notes):
    colour = Image.new("RGB", (2, 2), RED).convert("L") if mode != "RGB" else None
    image = Image.new("RGB", (2, 2), RED) if colour is None else colour
    if mode == "1":
        image = Image.new("1", (2, 2), 1)
    picture = saved(tmp_path, "p.png", image)
    assert picture.pixels[0, 0].tolist() == expected
    assert picture.notes == notes


def test_a_jpegs_colours(tmp_path):
    for colour in (RED, GREEN, GREY, (12, 200, 180)):
        picture = saved(tmp_path, "p.jpg", Image.new("RGB", (16, 16), colour), quality=95)
        assert np.abs(picture.pixels.astype(int) - colour).max() <= 3


def test_reading_twice_gives_the_same(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(ramp(8, 8, 3)).save(buffer, "JPEG", icc_profile=adobe_like_profile())
    (tmp_path / "p.jpg").write_bytes(buffer.getvalue())
    first, second = (read_picture(tmp_path / "p.jpg") for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert first.sha256 == second.sha256
