"""The report is whole or absent, small, and nothing lies beside it while it grows."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.policy import load_policy
from facefidelity.plugin.report import ReportWriter
from facefidelity.plugin.report import writer as writer_module
from facefidelity.plugin.report.thumbnails import MAX_BYTES, make_thumbnail

POLICY = load_policy("balanced")


def test_the_size_is_bounded(path: Path, picture: Callable) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (2048, 1024, 3), dtype=np.uint8)
    small = make_thumbnail(noise, 384)
    body = base64.b64decode(small.uri.partition(",")[2])
    assert len(body) <= MAX_BYTES
    assert Image.open(BytesIO(body)).size == (small.width, small.height) == (192, 384)
    writer = ReportWriter(path, "t", POLICY)
    writer.write()
    empty = path.stat().st_size
    for _ in range(3):
        writer.add_picture("a.png", None, picture("BLEND"), astronaut())
    writer.write()
    assert empty < 40_000
    assert (path.stat().st_size - empty) / 3 < 5 * MAX_BYTES * 4 / 3 + 20_000


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
    ],
)
def test_pixels_that_are_no_picture_are_refused_whole(
    path: Path, pixels: np.ndarray, read: Callable, picture: Callable
) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_picture("good.png", None, picture("ACCEPT"))
    with pytest.raises(InvalidInput, match="uint8 RGB"):
        writer.add_picture("bad.png", None, picture("REJECT"), pixels)
    writer.write()
    reader = read(path.read_text("utf-8"))
    assert "good.png" in reader.text and "bad.png" not in reader.text
    assert "1 face in 1 picture" in reader.text


def test_a_failure_in_the_middle_leaves_the_old_page_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable
) -> None:
    path.write_text("the old page")
    writer = ReportWriter(path, "t", POLICY)
    writer.add_failure("a.png", "broken")

    def full(source: BinaryIO, target: BinaryIO, length: int) -> None:
        target.write(source.read(10))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer_module.shutil, "copyfileobj", full)
    with pytest.raises(InvalidInput, match="No space left"):
        writer.write()
    assert path.read_text() == "the old page"
    assert [item.name for item in path.parent.iterdir()] == ["report.html"]
    monkeypatch.undo()
    writer.write()
    assert "a.png" in read(path.read_text("utf-8")).text


def test_an_interrupt_in_the_middle_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer_module.shutil, "copyfileobj", interrupt)
    with pytest.raises(KeyboardInterrupt), ReportWriter(path, "t", POLICY) as writer:
        writer.add_failure("a.png", "broken")
        writer.write()
    assert list(path.parent.iterdir()) == []


class FullDisk:
    """A file that takes a few bytes of the next write and then refuses."""

    def __init__(self, spool: BinaryIO) -> None:
        self.spool = spool

    def __getattr__(self, name: str) -> object:
        return getattr(self.spool, name)

    def write(self, body: bytes) -> int:
        self.spool.write(body[:50])
        raise OSError(28, "No space left on device")


def test_a_half_added_picture_is_not_on_the_page(path: Path, read: Callable) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_failure("first.png", "broken")
    spool = writer._spool
    writer._spool = FullDisk(spool)
    with pytest.raises(InvalidInput, match="No space left"):
        writer.add_failure("second.png", "broken")
    writer._spool = spool
    writer.write()
    reader = read(path.read_text("utf-8"))
    assert len(reader.all("section", class_="picture")) == 1 and reader.open == []
    with pytest.raises(InvalidInput):
        writer._spool = FullDisk(spool)
        writer.add_failure("second.png", "broken")
    writer._spool = spool
    writer.add_failure("third.png", "broken")
    writer.write()
    reader = read(path.read_text("utf-8"))
    assert [a["id"] for a in reader.all("section", class_="picture")] == ["picture-1", "picture-2"]
    assert "third.png" in reader.text and reader.open == []


def test_writing_again_holds_what_was_added_since(path: Path, read: Callable) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_failure("first.png", "broken")
    writer.write()
    writer.add_failure("second.png", "broken")
    writer.write()
    text = read(path.read_text("utf-8")).text
    assert text.index("first.png") < text.index("second.png")


def test_nothing_lies_beside_the_page_while_it_grows(path: Path, picture: Callable) -> None:
    writer = ReportWriter(path, "t", POLICY)
    writer.add_picture("a.png", None, picture("REJECT"))
    if os.name == "posix":
        assert list(path.parent.iterdir()) == []
    writer.write()
    writer.close()
    assert [item.name for item in path.parent.iterdir()] == ["report.html"]
    with pytest.raises(InvalidInput, match="closed"):
        writer.add_failure("b.png", "late")


def test_a_folder_is_not_a_report(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="name a file in it"):
        ReportWriter(tmp_path, "t", POLICY)
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="expected to write the report"):
        ReportWriter(tmp_path / "file" / "report.html", "t", POLICY)
