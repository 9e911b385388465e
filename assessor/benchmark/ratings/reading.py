"""Reads raw ratings from CSV; every complaint names the line.

Nothing is guessed: an unknown dimension, a score off the scale or an empty name ends the reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias

from ....core.errors import InvalidInput, NotRegistered
from ....core.images import printable_path
from ....core.scores import HEADS
from ..evaluation.table_files import RawTable, read_table
from .table import SCALES, Rating, RatingTable, Scale

__all__ = ["read_ratings"]

_LONG: Final = ("rater", "image", "dimension", "score")
_BESIDE: Final = frozenset(
    ["camera", "comment", "order", "person", "repeat", "seconds", "session", "split", "time"]
)
"""Columns that a wide table may have besides; they are not read."""

_Cells: TypeAlias = Mapping[str, str]
_Parse: TypeAlias = Callable[[_Cells, Scale], Sequence[Rating]]


def read_ratings(path: Path, scale: str = "1-5") -> RatingTable:
    """Read ratings from a CSV file with a header.

    Long form: the columns rater, image, dimension, score, in any order; further columns are not
    read. Wide form: rater, image and one column a dimension, where an empty cell is no rating.
    The same rater, image and dimension several times are hidden repeats.

    Args:
        path: The file, UTF-8, separated by commas, semicolons or tabs.
        scale: One of `SCALES`.

    Raises:
        InvalidInput: If the file cannot be read, a column is missing, or a line is wrong; the
            message names the line.
        NotRegistered: If a dimension or the scale is unknown; the close matches are named.
    """
    if scale not in SCALES:
        raise NotRegistered("rating scale", scale, SCALES)
    raw = read_table(path)
    parse = _parser([name.lower() for name in raw.header], printable_path(path))
    parsed = (_parse_line(raw, line, parse, SCALES[scale]) for line in range(len(raw.rows)))
    table = RatingTable.collect(chain.from_iterable(parsed), SCALES[scale])
    if not table.score.size:
        raise InvalidInput(f"expected ratings in {printable_path(path)}, found none")
    return table


def _parser(columns: list[str], shown: str) -> _Parse:
    """How this header's lines are read.

    Raises:
        InvalidInput: If columns are missing.
        NotRegistered: If a wide table has a column that is no dimension.
    """
    if set(_LONG) <= set(columns):
        return _parse_long
    if not {"rater", "image"} <= set(columns) or {"dimension", "score"} & set(columns):
        raise InvalidInput(
            f"{shown} line 1: expected the columns {', '.join(_LONG)}, or rater, image and one "
            f"column a dimension; got {', '.join(columns)}"
        )
    heads = [name for name in columns if name not in _BESIDE and name not in {"rater", "image"}]
    for name in heads:
        if name not in HEADS:
            raise NotRegistered(f"dimension (column in {shown})", name, HEADS)
    if not heads:
        raise InvalidInput(f"{shown} line 1: expected a column out of {', '.join(HEADS)}, got none")
    return lambda cells, scale: [
        _rating(cells, head, cells[head], scale) for head in heads if cells[head]
    ]


def _parse_line(raw: RawTable, position: int, parse: _Parse, scale: Scale) -> Sequence[Rating]:
    number, cells = raw.rows[position]
    place = f"{printable_path(raw.path)} line {number}"
    try:
        return parse({name.lower(): cell for name, cell in cells.items()}, scale)
    except InvalidInput as error:
        raise InvalidInput(f"{place}: {error}") from error
    except NotRegistered as error:
        kind, name, known = error.__reduce__()[1]
        raise NotRegistered(f"{kind} (in {place})", name, known) from error


def _parse_long(cells: _Cells, scale: Scale) -> Sequence[Rating]:
    head = cells["dimension"].lower()
    if head not in HEADS:
        raise NotRegistered("dimension", head, HEADS)
    return [_rating(cells, head, cells["score"], scale)]


def _rating(cells: _Cells, head: str, text: str, scale: Scale) -> Rating:
    for name in ("rater", "image"):
        if not cells[name]:
            raise InvalidInput(f"expected a {name}, got an empty cell")
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not scale.low <= score <= scale.high:
        raise InvalidInput(
            f"expected {head} as a number in {scale.low:g}..{scale.high:g}, got {text!r}; is this "
            "the scale that the raters used?"
        )
    return Rating(cells["rater"], cells["image"], head, score)
