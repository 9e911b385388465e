"""From a ratings table to rated pictures on one scale, 0 to 100, higher is better.

A row that cannot be used is named with its line and one sentence; the others go on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ....core.errors import InvalidInput
from ....core.images import printable_path
from ....core.scores import HEADS
from .table_files import RawTable, find_table, read_table
from .tables import ColumnMap, Preset

__all__ = ["RatedPicture", "RatedSet", "RowProblem", "read_ratings"]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out.

    Attributes:
        line: Its line in the table, the header being line 1.
        file: The picture that it names, possibly empty.
        reason: Why, in one sentence.
    """

    line: int
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class RatedPicture:
    """One picture and its ratings.

    Attributes:
        line: Its line in the table.
        name: The picture as the table names it.
        path: The picture.
        facts: Person, camera, restoration, sex, ethnicity, where the table says them.
        source: The picture that a restoration came from, if the table names it.
        reference: An enrolled picture of the person, if the table names it.
        ratings: MOS by head, 0..100, higher is better; a head that was not rated is absent.
        half_widths: Half of the MOS' 95 % interval by head, on the same scale.
    """

    line: int
    name: str
    path: Path
    facts: Mapping[str, str]
    source: Path | None
    reference: Path | None
    ratings: Mapping[str, float]
    half_widths: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RatedSet:
    """A table that was read.

    Attributes:
        path: The table.
        heads: The rated heads, in the order of `HEADS`.
        pictures: Rows that can be used.
        problems: Rows that cannot.
    """

    path: Path
    heads: tuple[str, ...]
    pictures: tuple[RatedPicture, ...]
    problems: tuple[RowProblem, ...]


def read_ratings(
    data: Path, preset: Preset, columns: ColumnMap | None = None, limit: int | None = None
) -> RatedSet:
    """Read a table of rated pictures; the pictures themselves are not opened.

    Args:
        data: The table, or the folder that holds it.
        preset: Its layout.
        columns: Columns in place of the preset's.
        limit: Take only the first rows.

    Raises:
        InvalidInput: If there is no table, or it has no picture column, no rated head, or lacks a
            column that was asked for by name.
    """
    path = find_table(Path(data), preset.tables)
    table = read_table(path)
    columns = columns or preset.columns
    heads = _require_columns(table, columns)
    folder = path.parent / preset.pictures
    if not folder.is_dir():
        folder = path.parent
    pictures: list[RatedPicture] = []
    problems: list[RowProblem] = []
    for line, cells in table.rows[:limit]:
        try:
            pictures.append(_picture(line, cells, columns, heads, folder))
        except InvalidInput as error:  # noqa: PERF203 - the others go on
            problems.append(RowProblem(line, cells.get(columns.file, ""), str(error)))
    rated = tuple(head for head in heads if any(head in one.ratings for one in pictures))
    return RatedSet(path, rated, tuple(pictures), tuple(problems))


def _require_columns(table: RawTable, columns: ColumnMap) -> tuple[str, ...]:
    """The rated heads; refuses a table without what is needed."""
    there = set(table.header)
    wanted = {"file": columns.file, **columns.facts, **columns.heads}
    wanted |= {f"{head}_ci": column for head, column in columns.half_widths.items()}
    lacking = sorted(
        f"{key}={wanted[key]}" for key in {"file", *columns.named} if wanted[key] not in there
    )
    heads = tuple(head for head in HEADS if columns.heads.get(head) in there)
    if lacking or not heads:
        what = f"column {', '.join(lacking)}" if lacking else "a column of at least one head"
        raise InvalidInput(
            f"expected {what} in {printable_path(table.path)}, got columns "
            f"{', '.join(table.header)}; name them with --columns file=...,overall=..."
        )
    return heads


def _picture(
    line: int, cells: Mapping[str, str], columns: ColumnMap, heads: tuple[str, ...], folder: Path
) -> RatedPicture:
    name = cells[columns.file]
    if not name or "\0" in name:
        raise InvalidInput(f"expected the name of a picture in column {columns.file}, got none")
    facts = {fact: cells[col] for fact, col in columns.facts.items() if cells.get(col)}
    paths = {fact: folder / facts.pop(fact) for fact in ("source", "reference") if fact in facts}
    span = columns.scale_max - columns.scale_min
    widths = {
        head: _number(cells, columns.half_widths[head]) * 100 / span
        for head in heads
        if cells.get(columns.half_widths.get(head, ""))
    }
    ratings = {head: _rating(cells, head, columns) for head in heads if cells[columns.heads[head]]}
    if not ratings:
        raise InvalidInput(f"expected a rating of at least one of {', '.join(heads)}, got none")
    return RatedPicture(
        line=line,
        name=name,
        path=folder / name,
        facts=MappingProxyType(facts),
        source=paths.get("source"),
        reference=paths.get("reference"),
        ratings=MappingProxyType(ratings),
        half_widths=MappingProxyType(widths),
    )


def _rating(cells: Mapping[str, str], head: str, columns: ColumnMap) -> float:
    column = columns.heads[head]
    value = _number(cells, column)
    low, high = columns.scale_min, columns.scale_max
    if not low <= value <= high:
        raise InvalidInput(
            f"expected {column} within {low:g}..{high:g}, got {value:g}; set the scale with --scale"
        )
    share = (value - low) / (high - low)
    return 100 * (1 - share if head in columns.lower_is_better else share)


def _number(cells: Mapping[str, str], column: str) -> float:
    text = cells[column]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidInput(f"expected a number in column {column}, got {text[:40]!r}")
    return value
