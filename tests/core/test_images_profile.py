"""Colour profiles: followed where they fit, left aside in words where they do not."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from facefidelity.core.images import Conversion, read_picture

RED, GREEN, GREY = (255, 0, 0), (0, 255, 0), (90, 90, 90)
ADOBE_RGB_XYZ = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
SRGB_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
ADOBE_GAMMA = 563 / 256


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


def test_a_profile_near_srgb_is_still_converted(tmp_path, saved):
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.0 * 256))
    profile = edited_profile(dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))
    picture = saved(tmp_path, "p.png", Image.new("RGB", (2, 2), GREY), icc_profile=profile)
    expected = round(255 * (1.055 * (90 / 255) ** (2.0 / 2.4) - 0.055))
    assert np.abs(picture.pixels.astype(int) - expected).max() <= 1
    assert picture.notes == (Conversion.PROFILE_CONVERTED,)


def test_a_swapped_profile_swaps_the_colours_back(tmp_path, saved):
    image = Image.fromarray(np.array([[RED, GREEN, GREY]], np.uint8))
    picture = saved(tmp_path, "p.png", image, icc_profile=swapped_profile())
    assert np.abs(picture.pixels[0].astype(int) - [GREEN, RED, GREY]).max() <= 2
    assert picture.notes == (Conversion.PROFILE_CONVERTED,)


def test_an_adobe_like_profile_gives_the_textbooks_colours(tmp_path, saved):
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    stored = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    picture = saved(tmp_path, "p.png", Image.fromarray(stored), icc_profile=adobe_like_profile())
    expected, inside = adobe_to_srgb(stored.astype(np.float64))
    assert inside.sum() > 250
    assert np.abs(picture.pixels - expected)[inside].max() <= 1
    assert np.abs(picture.pixels.astype(int) - stored)[inside].max() > 10


def test_alpha_is_not_touched_by_the_profile(tmp_path, saved):
    stored = np.dstack([np.full((1, 3, 3), RED, np.uint8), np.uint8([[0, 128, 255]])])
    picture = saved(tmp_path, "p.png", Image.fromarray(stored), icc_profile=swapped_profile())
    assert picture.alpha.tolist() == [[0, 128, 255]]
    assert np.abs(picture.pixels.astype(int) - GREEN).max() <= 2


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_grey_profile_fits_grey_only(tmp_path, mode, saved):
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


def test_an_srgb_profile_changes_nothing(tmp_path, saved, ramp):
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
def test_a_broken_profile_is_ignored(tmp_path, profile, mode, saved):
    image = Image.new("RGB", (2, 2), RED).convert(mode)
    picture = saved(tmp_path, "p.tif", image, icc_profile=profile)
    assert picture.pixels[0, 0].tolist() == list(RED)
    assert Conversion.PROFILE_IGNORED in picture.notes


def test_an_rgb_profile_on_cmyk_is_ignored(tmp_path, saved):
    image = Image.new("CMYK", (2, 2), (0, 255, 255, 0))
    picture = saved(tmp_path, "p.tif", image, icc_profile=swapped_profile())
    assert picture.pixels[0, 0].tolist() == list(RED)
    assert picture.notes == (Conversion.CMYK_CONVERTED, Conversion.PROFILE_IGNORED)


def test_lab_is_converted(tmp_path, saved):
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


def test_reading_twice_gives_the_same(tmp_path, ramp):
    buffer = io.BytesIO()
    Image.fromarray(ramp(8, 8, 3)).save(buffer, "JPEG", icc_profile=adobe_like_profile())
    (tmp_path / "p.jpg").write_bytes(buffer.getvalue())
    first, second = (read_picture(tmp_path / "p.jpg") for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert first.sha256 == second.sha256
