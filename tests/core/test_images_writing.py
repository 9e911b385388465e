"""Writing: the same pixels come back, the same bytes go out, and never half a file."""

from __future__ import annotations

import hashlib
import io
import os
import stat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import (
    WRITABLE_SUFFIXES,
    encode_picture,
    find_pictures,
    read_picture,
    write_picture,
)

LOSSLESS = (".png", ".webp", ".tif")
SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def pictures(draw):
    height, width = draw(SIDES)
    pixels = draw(hnp.arrays(np.uint8, (height, width, 3)))
    alpha = draw(st.none() | hnp.arrays(np.uint8, (height, width)))
    return pixels, alpha


def pixels_of(value=200, size=(12, 16)):
    return np.full((*size, 3), value, np.uint8)


@pytest.mark.parametrize("suffix", LOSSLESS)
@settings(max_examples=60, deadline=None)
@given(picture=pictures())
def test_round_trip(tmp_path_factory, suffix, picture):
    pixels, alpha = picture
    path = tmp_path_factory.getbasetemp() / f"round_trip{suffix}"
    digest = write_picture(path, pixels, alpha=alpha)
    back = read_picture(path)
    assert np.array_equal(back.pixels, pixels)
    if back.alpha is None:
        assert alpha is None or (suffix == ".webp" and alpha.min() == 255)
    else:
        assert np.array_equal(back.alpha, alpha)
    assert digest == back.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert back.notes == ()


def test_jpeg_is_close_and_drops_the_alpha_without_a_background(tmp_path):
    ramp = np.linspace(0, 255, 48).astype(np.uint8)
    pixels = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], np.uint8(90)), axis=2)
    path = tmp_path / "p.jpg"
    write_picture(path, pixels, alpha=np.zeros((48, 48), np.uint8))
    back = read_picture(path)
    assert back.alpha is None
    assert np.abs(back.pixels.astype(int) - pixels).mean() < 1.5
    with Image.open(path) as image:
        assert {component[1:3] for component in image.layer} == {(1, 1)}


@pytest.mark.parametrize("suffix", [*WRITABLE_SUFFIXES, ".PNG"])
def test_the_same_picture_gives_the_same_bytes(suffix):
    pixels = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    alpha = pixels[:, :, 0].copy()
    first = encode_picture(pixels, suffix, alpha)
    assert first == encode_picture(pixels[:, ::-1][:, ::-1], suffix, alpha[::-1][::-1])
    with Image.open(io.BytesIO(first)) as image:
        assert "icc_profile" not in image.info


@pytest.mark.parametrize(
    ("arguments", "expected", "exception"),
    [
        ((pixels_of(), ".bmp"), r"suffix out of \.png, .*got '\.bmp'", InvalidInput),
        ((pixels_of(), ""), r"got ''", InvalidInput),
        ((pixels_of()[:, :, 0], ".png"), r"got shape \(12, 16\)", InvalidInput),
        ((pixels_of(), ".png", np.zeros((16, 12), np.uint8)), r"size \(12, 16\)", InvalidInput),
        ((pixels_of(), ".jpg", np.zeros((12, 16), np.float32)), r"dtype float32", InvalidInput),
        ((pixels_of(), ".png", "solid"), r"got str; pass None", InvalidInput),
        ((pixels_of(size=(1, 16_384)), ".webp"), r"WEBP can hold, got 16384x1", InvalidInput),
        ((pixels_of(size=(1, 65_536)), ".jpg"), r"JPEG can hold, got 65536x1", InvalidInput),
    ],
)
def test_what_cannot_be_encoded(arguments, expected, exception):
    with pytest.raises(exception, match=expected):
        encode_picture(*arguments)


class DiskFull:
    def __call__(self, *args, **kwargs):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["fsync", "replace", "fdopen"])
@pytest.mark.parametrize("old", [b"the old file", None])
def test_a_failed_write_changes_nothing(tmp_path, monkeypatch, step, old):
    path = tmp_path / "out.png"
    if old is not None:
        path.write_bytes(old)
    monkeypatch.setattr(os, step, DiskFull())
    with pytest.raises(InvalidInput, match=r"write .*out\.png, got an error \(No space left"):
        write_picture(path, pixels_of())
    monkeypatch.undo()
    assert [entry.name for entry in tmp_path.iterdir()] == ([] if old is None else ["out.png"])
    assert old is None or path.read_bytes() == old


def test_an_interrupt_leaves_no_temporary_file(tmp_path, monkeypatch):
    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_picture(tmp_path / "out.png", pixels_of())
    assert list(tmp_path.iterdir()) == []


def test_the_name_appears_only_when_the_file_is_whole_on_disk(tmp_path, monkeypatch):
    path = tmp_path / "out.png"
    steps = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append(("folder" if is_folder else "file", path.exists()))
        assert find_pictures([tmp_path]) == find_pictures([path] if path.exists() else [])
        real_fsync(descriptor)

    def replace(source, target):
        steps.append(("replace", path.exists()))
        assert os.path.dirname(source) == os.path.dirname(target)
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_picture(path, pixels_of())
    assert steps == [("file", False), ("replace", False), ("folder", True)]


def test_a_folder_that_cannot_be_flushed_stops_nothing(tmp_path, monkeypatch):
    real_fsync = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_picture(tmp_path / "out.png", pixels_of())
    assert read_picture(tmp_path / "out.png").pixels.max() == 200


@pytest.mark.parametrize(("overwrite", "exception"), [(True, None), (False, InvalidInput)])
def test_overwriting(tmp_path, overwrite, exception):
    path = tmp_path / "out.png"
    write_picture(path, pixels_of(1), overwrite=overwrite)
    if exception is None:
        write_picture(path, pixels_of(2), overwrite=overwrite)
    else:
        with pytest.raises(exception, match=r"got an existing file: .*out\.png"):
            write_picture(path, pixels_of(2), overwrite=overwrite)
    assert read_picture(path).pixels.max() == (2 if overwrite else 1)


def test_permissions_are_the_systems_for_a_new_file_and_kept_for_an_old_one(tmp_path):
    path = tmp_path / "out.png"
    before = os.umask(0o027)
    try:
        write_picture(path, pixels_of(1))
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write_picture(path, pixels_of(2))
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
    finally:
        os.umask(before)


def test_a_link_is_replaced_and_what_it_names_is_left_alone(tmp_path):
    precious, link = tmp_path / "precious.png", tmp_path / "out.png"
    write_picture(precious, pixels_of(1))
    link.symlink_to(precious)
    write_picture(link, pixels_of(2))
    assert not link.is_symlink()
    assert read_picture(precious).pixels.max() == 1


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda path: path.mkdir(), r"got a folder or a device: .*out\.png"),
        (os.mkfifo, r"got a folder or a device: .*out\.png"),
    ],
)
def test_a_folder_or_a_pipe_is_not_replaced(tmp_path, prepare, expected):
    path = tmp_path / "out.png"
    prepare(path)
    with pytest.raises(InvalidInput, match=expected):
        write_picture(path, pixels_of())
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.png"]
    assert not path.is_file()


@pytest.mark.parametrize("name", ["nowhere/out.png", "a\0b.png", "x" * 300 + ".png"])
def test_a_place_that_cannot_be_written(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"expected to be able to write .*see that its folder"):
        write_picture(tmp_path / name, pixels_of())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written(tmp_path, as_ordinary_user):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    with (
        as_ordinary_user(),
        pytest.raises(InvalidInput, match=r"Permission denied"),
    ):
        write_picture(folder / "out.png", pixels_of())
    assert list(folder.iterdir()) == []


def test_a_name_that_is_not_utf8_is_written(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    write_picture(path, pixels_of())
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9.png"]
