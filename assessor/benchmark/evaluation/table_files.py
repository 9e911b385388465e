"""Reading the rows of a table file, CSV or JSON lists, whatever is wrong with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ....core.errors import InvalidInput
from ....core.images import printable_path

__all__ = ["RawTable", "find_table", "read_table"]

_MOST_BYTES: Final = 512 * 1024 * 1024
_SEPARATORS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as text.

    Attributes:
        path: Where it was read from.
        header: Column names.
        rows: Line number and cells by column; a missing cell is "".
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def find_table(data: Path, names: Sequence[str]) -> Path:
    """The table that a file or a folder stands for.

    Args:
        data: The table itself, or the folder that holds it.
        names: What it may be called in a folder; where none is there, the only CSV is taken.

    Raises:
        InvalidInput: If there is no table, or several.
    """
    if data.is_file():
        return data
    shown = printable_path(data)
    if not data.is_dir():
        raise InvalidInput(f"expected a ratings table or its folder at {shown}, found nothing")
    for name in names:
        if (data / name).is_file():
            return data / name
    tables = sorted(data.glob("*.csv"))
    if len(tables) != 1:
        found = f"{len(tables)} CSV files" if tables else "none"
        raise InvalidInput(
            f"expected one table ({', '.join(names)} or a single CSV) in {shown}, found {found}; "
            "name the file itself with --data"
        )
    return tables[0]


def read_table(path: Path) -> RawTable:
    """Read a CSV (comma, semicolon or tab; UTF-8) or a JSON object of equally long lists.

    Raises:
        InvalidInput: If it cannot be read, is not text, or holds no rows.
    """
    shown = printable_path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidInput(f"expected a table of at most 512 MiB: {shown} is larger; split it")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"expected a readable table, got {error.strerror}: {shown}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"expected a table in UTF-8 text, got other bytes: {shown}") from error
    table = _from_json(path, text) if path.suffix.lower() == ".json" else _from_csv(path, text)
    if not table.rows:
        raise InvalidInput(f"expected a table with a header and rows, found no row in {shown}")
    return table


def _from_csv(path: Path, text: str) -> RawTable:
    shown = printable_path(path)
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header = tuple(cell.strip() for cell in next(lines, ()))
        rows = tuple((lines.line_num, cells) for cells in lines if any(map(str.strip, cells)))
    except csv.Error as error:
        raise InvalidInput(f"expected a CSV, got one that is broken ({error}): {shown}") from error
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InvalidInput(f"expected distinct columns, got {', '.join(twice)} twice: {shown}")
    return RawTable(path, header, tuple((n, _by_column(header, cells)) for n, cells in rows))


def _by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return {name: cell.strip() for name, cell in zip(header, padded, strict=False)}


def _from_json(path: Path, text: str) -> RawTable:
    expected = f"expected JSON as an object of equally long lists in {printable_path(path)}"
    try:
        lists = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{expected}, got {error}") from error
    if not isinstance(lists, dict) or not all(isinstance(v, list) for v in lists.values()):
        raise InvalidInput(f"{expected}, got something else")
    if len({len(values) for values in lists.values()}) > 1:
        raise InvalidInput(f"{expected}, got lists of different lengths")
    header = tuple(map(str, lists))
    cells = zip(*lists.values(), strict=True)
    rows = tuple((n, _by_column(header, list(map(str, row)))) for n, row in enumerate(cells, 1))
    return RawTable(path, header, rows)
