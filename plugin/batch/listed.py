"""Lists of pictures: text, CSV or Parquet files that name inputs, and folders of object stores."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import Final

from ...core.errors import InvalidInput, MissingExtra
from ...core.images import printable_path
from ...core.images.source import read_regular_file
from .stores import StoreUrl, list_store, parse_source, read_store

__all__ = ["LIST_SUFFIXES", "ListedPicture", "part_sources", "read_list"]

LIST_SUFFIXES: Final = frozenset({".txt", ".csv", ".parquet"})
"""Suffixes, in lower case, by which a named file is taken for a list of inputs."""

_COLUMNS: Final = ("path", "file", "url", "uri", "input", "image", "picture")
_LIMIT_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class ListedPicture:
    """A picture that a list or a store names.

    Attributes:
        path: Where it lies.
        relative: Where its result goes below the output folder, still with its own suffix.
        problem: Why it cannot be done, in one sentence; None where it can.
    """

    path: Path | StoreUrl
    relative: Path
    problem: str | None = None


def part_sources(inputs: Sequence[str]) -> tuple[list[Path], list[ListedPicture]]:
    """Part what was named into paths and what lists and stores name.

    Args:
        inputs: Files, folders, lists and URLs.

    Returns:
        Files and folders as they are; then the pictures of every list and URL, each once, in
        their order.

    Raises:
        InvalidInput: If a list cannot be read, or a URL is of no store that is read.
        MissingExtra: If the library of a store, or of Parquet, is not installed.
    """
    paths: list[Path] = []
    listed: list[ListedPicture] = []
    for text in inputs:
        source = parse_source(text)
        if source.suffix.lower() in LIST_SUFFIXES and not _is_folder(source):
            listed += _pictures_of_list(source)
        elif isinstance(source, StoreUrl):
            listed += (_in_store(found, source) for found in list_store(source))
        else:
            paths.append(source)
    once: dict[str, ListedPicture] = {}
    for one in listed:
        once.setdefault(os.fspath(one.path), one)
    return paths, list(once.values())


def read_list(source: Path | StoreUrl) -> list[str]:
    """The entries of a list, as they stand there.

    A text file has one a line; empty lines and those that begin with # are left out. A CSV or
    Parquet file has a column path, file, url, uri, input, image or picture.

    Raises:
        InvalidInput: If the file cannot be read or has no such column.
        MissingExtra: If it is Parquet and pyarrow is not installed.
    """
    data = (
        read_store(source, _LIMIT_BYTES)
        if isinstance(source, StoreUrl)
        else read_regular_file(source, _LIMIT_BYTES)
    )
    shown = printable_path(source)
    if source.suffix.lower() == ".parquet":
        return _entries_of_parquet(data, shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"expected a list in UTF-8, got other bytes: {shown}; save it so") from (
            error
        )
    if source.suffix.lower() == ".csv":
        return _entries_of_csv(text, shown)
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _entries_of_csv(text: str, shown: str) -> list[str]:
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
        column = names[_column(names, shown)]
        cells = [row[column] for row in rows]
    except csv.Error as error:
        raise InvalidInput(f"expected a CSV file, got {error}: {shown}; save it again") from error
    return [cell.strip() for cell in cells if cell and cell.strip()]


def _entries_of_parquet(data: bytes, shown: str) -> list[str]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("reading a list in Parquet", "parquet") from error
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        names = {name.strip().lower(): name for name in file.schema_arrow.names}
        cells = file.read(columns=[names[_column(names, shown)]]).column(0).to_pylist()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:120]
        raise InvalidInput(f"expected a Parquet file, got {reason}: {shown}; write it again") from (
            error
        )
    return [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]


def _column(names: Iterable[str], shown: str) -> str:
    known = list(names)
    for column in _COLUMNS:
        if column in known:
            return column
    raise InvalidInput(
        f"expected a column {', '.join(_COLUMNS[:-1])} or {_COLUMNS[-1]} in the list, got "
        f"{', '.join(known[:8]) or 'none'}: {shown}; name the column of the inputs so"
    )


def _pictures_of_list(source: Path | StoreUrl) -> Iterator[ListedPicture]:
    """What a list names; a relative entry is meant from where the list lies."""
    for number, entry in enumerate(read_list(source), start=1):
        try:
            found = parse_source(entry.replace("\0", "\\0"))
        except InvalidInput as error:  # the entry itself is not shown: it may hold a password
            name = f"{printable_path(source)} entry {number}"
            yield ListedPicture(Path(name), Path(f"refused-{number}"), str(error))
            continue
        if isinstance(found, StoreUrl):
            yield _in_store(found, None)
        elif isinstance(source, StoreUrl):
            yield _beside_list(found, source)
        else:
            yield _on_disk(source.parent / found, source.parent)


def _beside_list(entry: Path, source: StoreUrl) -> ListedPicture:
    """A relative entry of a list in a store; an absolute one is a file of this machine."""
    if entry.is_absolute():
        return _on_disk(entry, entry.parent)
    folder = source.url.rpartition("/")[0]
    return _in_store(StoreUrl(f"{folder}/{entry.as_posix()}"), StoreUrl(folder))


def _on_disk(path: Path, folder: Path) -> ListedPicture:
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links stay links, as in a folder
    base = Path(os.path.abspath(folder))  # noqa: PTH100
    inside = whole.is_relative_to(base) and whole != base
    return ListedPicture(path, whole.relative_to(base if inside else whole.anchor))


def _in_store(found: StoreUrl, folder: StoreUrl | None) -> ListedPicture:
    """Below the folder that was named, else by bucket and key."""
    place: PurePath = found.place
    base = folder.place if folder else PurePosixPath()
    if place != base and place.is_relative_to(base):
        place = place.relative_to(base)
    elif folder is not None:
        place = PurePosixPath(place.name)
    problem = None
    if not place.name or ".." in place.parts:
        problem = f"expected a URL that names a file, got {printable_path(found)}; name the file"
        place = PurePosixPath("refused")
    return ListedPicture(found, Path(place), problem)


def _is_folder(source: Path | StoreUrl) -> bool:
    try:
        return isinstance(source, Path) and source.is_dir()
    except (OSError, ValueError):
        return False
