"""Reading: which files are refused, in which words, and what a good file gives."""

from __future__ import annotations

import hashlib
import os
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile, PngImagePlugin

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import MAX_PIXELS, Conversion, Picture, printable_path, read_picture

BAD_FILES = [
    ("empty", r"got an empty file: .*empty\.jpg", InvalidInput),
    ("text_named_jpg", r"got another kind of file: .*notes\.jpg", InvalidInput),
    ("truncated_jpeg", r"whole JPEG picture, got a damaged or cut-off file", InvalidInput),
    ("truncated_png", r"whole PNG picture, got a damaged or cut-off file", InvalidInput),
    ("garbled_png", r"whole PNG picture, got a damaged or cut-off file", InvalidInput),
    ("huge_header_png", r"at most 100 megapixels, got 40000x40000", InvalidInput),
    ("huge_header_jpeg", r"at most 100 megapixels, got 40000x40000", InvalidInput),
    ("huge_header_bmp", r"at most 100 megapixels, got 40000x40000", InvalidInput),
    ("huge_header_tiff", r"at most [\d.]+ megapixels, got 40000x40000", InvalidInput),
    ("sparse", r"at most \d+ MiB, got 1048576 MiB", InvalidInput),
    ("animated_gif", r"one still picture, got a GIF file of several frames", InvalidInput),
    ("animated_webp", r"one still picture, got a WebP file of several frames", InvalidInput),
    ("animated_png", r"one still picture, got a PNG file of several frames", InvalidInput),
    ("paged_tiff", r"one still picture, got a TIFF file of several frames or pages", InvalidInput),
    ("missing", r"got nothing at .*nowhere\.png", InvalidInput),
    ("below_a_file", r"got nothing at .*inside\.png", InvalidInput),
    ("null_in_name", r"null byte.*a\\x00b\.png", InvalidInput),
    ("is_a_folder", r"got a folder: .*folder\.jpg", InvalidInput),
    ("pipe", r"got a pipe: .*pipe\.jpg", InvalidInput),
    ("device", r"got a device: .*zero\.jpg", InvalidInput),
    ("broken_link", r"got nothing at .*gone\.jpg", InvalidInput),
    ("linked_to_itself", r"got an error \(.*\): .*ouroboros\.jpg", InvalidInput),
]


@pytest.mark.parametrize(("build", "expected", "exception"), BAD_FILES)
def test_a_bad_file_is_refused_in_one_sentence(hostile, build, expected, exception):
    path = getattr(hostile, build)()
    with pytest.raises(exception, match=expected) as caught:
        read_picture(path)
    message = str(caught.value)
    assert message.startswith("expected ")
    assert message.isprintable()
    assert ", got " in message
    assert "; " in message


def test_a_bomb_is_refused_before_a_pixel_is_decoded(hostile, monkeypatch):
    def load(self):
        raise AssertionError("the pixels were decoded")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", load)
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(InvalidInput, match="megapixels"):
        read_picture(hostile.huge_header_png())


@pytest.mark.parametrize(("limit", "exception"), [(24 * 32, None), (24 * 32 - 1, InvalidInput)])
def test_the_limit_is_the_callers(hostile, limit, exception):
    path = hostile.png("p.png", (32, 24), 8, 0, bytes(33 * 24))
    if exception is None:
        assert read_picture(path, max_pixels=limit).pixels.shape == (24, 32, 3)
    else:
        with pytest.raises(exception, match="32x24"):
            read_picture(path, max_pixels=limit)


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.webp", "p.bmp"])
def test_pillows_own_limit_neither_warns_nor_refuses(hostile, monkeypatch, name):
    path = hostile.folder / name
    Image.new("RGB", (8, 8), "red").save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_picture(path).width_px == 8
    assert Image.MAX_IMAGE_PIXELS == 40


def test_pillows_limit_is_met_by_refusal_where_its_tiff_decoder_asks_it(hostile, monkeypatch):
    path = hostile.folder / "p.tif"
    Image.new("RGB", (8, 8), "red").save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidInput, match="megapixels, got 8x8"):
            read_picture(path)


def test_a_cut_off_jpeg_is_refused_even_where_the_program_told_pillow_to_fill_it(
    hostile, monkeypatch
):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(InvalidInput, match="cut-off"):
        read_picture(hostile.truncated_jpeg())
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_a_file_that_may_not_be_read(hostile, as_ordinary_user):
    readable, secret = hostile.one_pixel(), hostile.truncated_png()
    secret.chmod(0)
    with as_ordinary_user():
        assert read_picture(readable).pixels.shape == (1, 1, 3)
        with pytest.raises(InvalidInput, match=r"got permission denied: .*cut\.png"):
            read_picture(secret)


def test_a_file_swapped_for_a_pipe_between_look_and_open(hostile, monkeypatch):
    """The second look, at the open file, is what counts."""
    picture, pipe = hostile.one_pixel(), hostile.pipe()
    real_open = os.open
    opened = []

    def swapped(path, flags, *rest):
        opened.append(real_open(pipe if path == picture else path, flags, *rest))
        return opened[-1]

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(InvalidInput, match="got a pipe"):
        read_picture(picture)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_a_name_that_is_not_utf8_is_read_and_shown(hostile):
    picture = hostile.put(b"caf\xe9.png", hostile.one_pixel().read_bytes())
    assert read_picture(picture).path == picture
    broken = hostile.put(b"caf\xe9\n.jpg", b"no picture")
    with pytest.raises(InvalidInput, match=r"caf\\udce9\\n\.jpg") as caught:
        read_picture(broken)
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photos/à b.jpg", "photos/à b.jpg"),
        ("a\nb\t.jpg", "a\\nb\\t.jpg"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\udcff.png", "\\udcff.png"),
    ],
)
def test_printable_path(name, expected):
    assert printable_path(name) == expected


def test_one_pixel_is_a_picture(hostile):
    path = hostile.one_pixel()
    picture = read_picture(path)
    assert picture.pixels.tolist() == [[[255, 0, 0]]]
    assert (picture.alpha, picture.notes, picture.path) == (None, (), path)
    assert picture.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_suffix_does_not_decide(hostile):
    path = hostile.put("really_a_png.jpg", hostile.one_pixel().read_bytes())
    assert read_picture(path).pixels.shape == (1, 1, 3)


def test_a_string_path_will_do(hostile):
    assert read_picture(str(hostile.one_pixel())).path == hostile.folder / "one.png"


def test_a_phones_jpeg_with_a_second_picture_inside_is_still(hostile):
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (8, 8), "blue")
    path = hostile.folder / "phone.jpg"
    first.save(path, "MPO", save_all=True, append_images=[second])
    picture = read_picture(path)
    assert picture.pixels.shape == (16, 16, 3)
    assert np.abs(picture.pixels[8, 8].astype(int) - [255, 0, 0]).max() <= 2


@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0", b"rubbish"])
def test_broken_exif_stops_nothing(hostile, exif):
    path = hostile.folder / "exif.jpg"
    Image.new("RGB", (8, 8), "red").save(path, exif=exif)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert read_picture(path).notes == ()


@pytest.mark.parametrize(
    ("arguments", "expected", "exception"),
    [
        ({"pixels": np.zeros((2, 3, 3), np.uint8)}, (3, 2), None),
        ({"pixels": np.zeros((2, 3), np.uint8)}, "grey", InvalidInput),
        (
            {"pixels": np.zeros((2, 3, 3), np.uint8), "alpha": np.zeros((3, 2), np.uint8)},
            "alpha",
            InvalidInput,
        ),
    ],
)
def test_a_picture_checks_itself(arguments, expected, exception):
    if exception is None:
        picture = Picture(**arguments)
        assert (picture.width_px, picture.height_px) == expected
    else:
        with pytest.raises(exception, match=expected):
            Picture(**arguments)


def test_words_that_reports_rely_on():
    assert MAX_PIXELS == 100_000_000
    assert len({note.value for note in Conversion}) == len(Conversion) == 8
