"""Lists and object stores as inputs: each entry has a place or a problem."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, MissingExtra
from facefidelity.core.images import read_picture, write_picture
from facefidelity.plugin.batch import stores
from facefidelity.plugin.batch.listed import part_sources, read_list
from facefidelity.plugin.batch.plan import plan_batch
from facefidelity.plugin.batch.stores import (
    StoreUrl,
    list_store,
    parse_source,
    path_of,
    read_source,
    read_store,
    source_sha256,
)

SMALL = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)


@pytest.fixture
def store(tmp_path: Path):
    """A folder of pictures in fsspec's memory store; gives its URL."""
    fsspec = pytest.importorskip("fsspec", reason="needs fsspec: pip install 'facefidelity[ray]'")
    system = fsspec.filesystem("memory")
    write_picture(tmp_path / "small.png", SMALL)
    data = (tmp_path / "small.png").read_bytes()
    root = f"/archive-{tmp_path.name}"
    for name in ("b.png", "a/2.PNG", "a/1.jpg", ".hidden/3.png", "a/notes.md", "empty.png"):
        system.pipe(f"{root}/{name}", b"" if name == "empty.png" else data)
    yield f"memory:/{root}"
    system.rm(root, recursive=True)


def relatives(listed) -> list[str]:
    return [one.relative.as_posix() for one in listed]


def test_a_text_list_keeps_its_order_and_its_structure(tmp_path: Path) -> None:
    place = tmp_path / "list.txt"
    place.write_text(f"\ufeff# ours\nb.png\n\n  a/deep.jpg  \nb.png\n{tmp_path.parent}/c.tif\n")
    paths, listed = part_sources([str(place), str(tmp_path / "folder")])
    assert paths == [tmp_path / "folder"]
    assert [one.path for one in listed[:2]] == [tmp_path / "b.png", tmp_path / "a" / "deep.jpg"]
    assert relatives(listed)[:2] == ["b.png", "a/deep.jpg"]
    assert relatives(listed)[2] == f"{tmp_path.parent}/c.tif".lstrip("/")
    assert len(listed) == 3


def test_nothing_in_a_list_writes_outside_of_the_output_folder(tmp_path: Path) -> None:
    place = tmp_path / "in" / "list.txt"
    place.parent.mkdir()
    entries = ("../../up.png", "s3://bucket/../../up.png", "s3://bucket/a/./b.png", "a\0b.png")
    place.write_text("\n".join(entries))
    _, listed = part_sources([str(place)])
    plans = plan_batch([], tmp_path / "out", ".png", listed)
    assert all(Path(os.path.normpath(one.target)).is_relative_to(tmp_path / "out") for one in plans)
    assert [bool(one.problem) for one in plans] == [False, True, False, False]
    with pytest.raises(InvalidInput, match="a\\\\0b.png"):
        read_source(plans[3].source)


def test_a_csv_list_is_read_by_its_column(tmp_path: Path) -> None:
    place = tmp_path / "list.CSV"
    place.write_text('id,Path,note\r\n1,"a, b.png",x\r\n2,,\r\n3,c.png,\r\n')
    assert read_list(place) == ["a, b.png", "c.png"]
    place.write_text("id,note\n1,x\n")
    with pytest.raises(InvalidInput, match="expected a column path, file, .* got id, note"):
        read_list(place)
    place.write_text('path\n"open\n')
    with pytest.raises(InvalidInput, match="expected a CSV file"):
        read_list(place)
    place.write_bytes(b"path\n\xff\xfe\n")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_list(place)


def test_a_parquet_list_is_read_by_its_column(tmp_path: Path, monkeypatch) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'facefidelity[ray]'")
    from pyarrow import parquet

    place = tmp_path / "list.parquet"
    parquet.write_table(pa.table({"id": [1, 2, 3], "uri": ["a.png", None, "s3://b/c.png"]}), place)
    assert read_list(place) == ["a.png", "s3://b/c.png"]
    _, listed = part_sources([str(place)])
    assert relatives(listed) == ["a.png", "b/c.png"]
    place.write_bytes(place.read_bytes()[:-9])
    with pytest.raises(InvalidInput, match="expected a Parquet file"):
        read_list(place)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"facefidelity\[parquet\]"):
        read_list(place)


def test_a_missing_list_and_an_empty_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nothing at .*gone\.txt"):
        part_sources([str(tmp_path / "gone.txt")])
    (tmp_path / "list.txt").write_text("# nothing\n")
    _, listed = part_sources([str(tmp_path / "list.txt")])
    with pytest.raises(InvalidInput, match="found none"):
        plan_batch([], tmp_path / "out", ".png", listed)


def test_urls_and_paths_are_told_apart(tmp_path: Path) -> None:
    assert parse_source("photos/a.png") == Path("photos/a.png")
    assert parse_source("C:/photos/a.png") == Path("C:/photos/a.png")
    assert parse_source((tmp_path / "a b.png").as_uri()) == tmp_path / "a b.png"
    assert parse_source("S3://bucket/a.png") == StoreUrl("s3://bucket/a.png")
    assert path_of(StoreUrl("gs://gate/7/a.png")) == Path("gate/7/a.png")
    assert os.fspath(StoreUrl("s3://b/k")) == str(StoreUrl("s3://b/k")) == "s3://b/k"


@pytest.mark.parametrize("url", ["http://169.254.1.1/a.png", "github://x", "simplecache::s3://b/a"])
def test_what_is_no_store_is_not_fetched(url: str) -> None:
    try:
        assert parse_source(url) == Path(url)  # a name with a colon in it is a file's
    except InvalidInput as error:
        assert "fetch the files first" in str(error)


def test_a_password_in_a_url_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="without a name or password") as caught:
        parse_source("s3://key:secret@bucket/a.png")
    assert "secret" not in str(caught.value)
    (tmp_path / "list.txt").write_text("s3://key:secret@bucket/a.png\nb.png\n")
    _, listed = part_sources([str(tmp_path / "list.txt")])
    assert listed[0].problem
    assert "secret" not in f"{listed[0].path} {listed[0].problem}"
    assert listed[1].problem is None


def test_a_store_is_listed_like_a_folder(store: str) -> None:
    found = [one.url.removeprefix(store) for one in list_store(StoreUrl(store))]
    assert found == ["/a/1.jpg", "/a/2.PNG", "/b.png", "/empty.png"]
    paths, listed = part_sources([store, f"{store}/b.png"])
    assert paths == []
    assert relatives(listed) == ["a/1.jpg", "a/2.PNG", "b.png", "empty.png"]
    _, alone = part_sources([f"{store}/b.png", f"{store}/gone.png"])
    assert relatives(alone) == ["b.png", "gone.png"]


def test_an_object_is_read_like_a_file(store: str, tmp_path: Path) -> None:
    url = StoreUrl(f"{store}/b.png")
    there, here = read_source(url), read_picture(tmp_path / "small.png")
    assert np.array_equal(there.pixels, SMALL)
    assert there.sha256 == here.sha256 == source_sha256(url)
    assert source_sha256(StoreUrl(f"{store}/gone.png")) is None
    with pytest.raises(InvalidInput, match="nothing at memory://"):
        read_source(StoreUrl(f"{store}/gone.png"))
    with pytest.raises(InvalidInput, match="empty one"):
        read_source(StoreUrl(f"{store}/empty.png"))
    with pytest.raises(InvalidInput, match="larger one"):
        read_store(url, 10)


def test_a_list_in_a_store_means_what_lies_beside_it(store: str) -> None:
    import fsspec

    with fsspec.open(f"{store}/list.txt", "w") as file:
        file.write("a/1.jpg\ngone.png\n")
    _, listed = part_sources([f"{store}/list.txt"])
    assert [str(one.path) for one in listed] == [f"{store}/a/1.jpg", f"{store}/gone.png"]
    assert relatives(listed) == ["a/1.jpg", "gone.png"]


def test_pyarrow_stands_in_for_a_store_library_that_is_missing(tmp_path: Path, monkeypatch) -> None:
    fs = pytest.importorskip("pyarrow.fs", reason="needs pyarrow: pip install 'facefidelity[ray]'")
    import fsspec.core

    def no_library(url: str) -> None:
        raise ImportError("Install s3fs to access S3")

    (tmp_path / "bucket").mkdir()
    write_picture(tmp_path / "bucket" / "a.png", SMALL)
    monkeypatch.setattr(fsspec.core, "url_to_fs", no_library)
    client = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    monkeypatch.setattr(fs, "S3FileSystem", lambda: client)
    url = StoreUrl("s3://bucket/a.png")
    assert np.array_equal(read_source(url).pixels, SMALL)
    assert [str(one) for one in list_store(StoreUrl("s3://bucket"))] == ["s3://bucket/a.png"]
    with pytest.raises(InvalidInput, match="library that reads az://"):
        read_source(StoreUrl("az://bucket/a.png"))


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtra, match=r"facefidelity\[ray\]"):
        stores.read_source(StoreUrl("s3://bucket/a.png"))
