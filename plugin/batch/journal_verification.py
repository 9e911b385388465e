"""Checks a journal: its chain, the files that it names, and decisions.jsonl beside it."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from ...core.images import printable_path
from ...core.weights.verification import sha256_of
from .journal_file import JOURNAL_NAME, SELECT_ROWS, open_for_reading, row_of, telling
from .journal_reading import current_rows, decision_lines
from .journal_rows import GENESIS, ChainedRow, Row, chained, hidden_name, is_hidden, path_text

__all__ = ["LOG_NAME", "Finding", "path_of", "verify_journal"]

LOG_NAME: Final = "decisions.jsonl"
_ESCAPED_BYTE: Final = re.compile(r"\\udc([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the journal says.

    Attributes:
        kind: "row", "end", "head", "output", "input" or "log".
        row: Number of the row, None where it is about none.
        path: The file that it is about, printable; "" for the journal itself.
        message: In one sentence.
    """

    kind: str
    row: int | None
    path: str
    message: str


def verify_journal(folder: Path, head: str | None = None) -> Iterator[Finding]:
    """Check the journal of an output folder.

    Of a broken chain the first broken row is named and no other: what follows hangs on it. An
    input that is no longer there is no finding; one with other bytes is.

    Args:
        folder: What `restore -o` wrote.
        head: A chain hash that was noted earlier; a journal without it was written anew.

    Yields:
        What is wrong; nothing where all is as it was written.

    Raises:
        InvalidInput: If there is no journal.
    """
    path = folder / JOURNAL_NAME
    connection = open_for_reading(path)
    try:
        with telling(path):
            yield from _check_chain(connection, head)
            yield from _check_files(connection, folder)
            yield from _check_log(connection, folder / LOG_NAME)
    finally:
        connection.close()


def path_of(text: str) -> Path:
    """The file of a path in a journal, where bytes that are no UTF-8 are written as escapes."""
    path = Path(text)
    if path.exists() or not _ESCAPED_BYTE.search(text):
        return path
    return Path(_ESCAPED_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), text))


def _check_chain(connection: sqlite3.Connection, head: str | None) -> Iterator[Finding]:
    last = ChainedRow(0, GENESIS, GENESIS, Row("batch"))
    is_known = head is None
    for values in connection.execute(f"{SELECT_ROWS} ORDER BY number"):
        found = row_of(values)
        if found != _expected(last, found):
            yield Finding("row", found.number, "", _broken(last, found))
            return
        last = found
        is_known = is_known or head == found.chain
    kept: tuple[Any, ...] = connection.execute("SELECT number, chain FROM head").fetchone() or (
        0,
        GENESIS,
    )
    if kept != (last.number, last.chain):
        said = f"expected {kept[0]} rows, found {last.number}: the end was cut off or added to"
        yield Finding("end", last.number, "", said)
    if not is_known:
        yield Finding("head", None, "", f"expected a row with the chain {head}, found none")


def _expected(last: ChainedRow, found: ChainedRow) -> ChainedRow | None:
    """The row as it would have been written; None where it cannot be one."""
    try:
        return chained(last, found.row)
    except TypeError:  # bytes in the place of text
        return None


def _broken(last: ChainedRow, found: ChainedRow) -> str:
    if found.number != last.number + 1:
        return f"expected row {last.number + 1}, found row {found.number}: rows were taken out"
    return f"row {found.number} or the order of rows was changed after it was written"


def _check_files(connection: sqlite3.Connection, folder: Path) -> Iterator[Finding]:
    sessions = connection.execute(
        "SELECT json_extract(record, '$.folder') FROM rows WHERE kind = 'session' "
        "AND json_valid(record) ORDER BY number DESC LIMIT 1"
    ).fetchone()
    start = Path(str(sessions[0])) if sessions and sessions[0] else Path()
    places = _Places(folder)
    for found in current_rows(connection):
        row = found.row
        if row.kind != "picture":
            continue
        if row.output is not None and row.output_sha256 is not None:
            place = places.of(row.output)
            said = _differs(place, row.output_sha256, is_needed=True)
            if said:
                yield Finding("output", found.number, printable_path(place), said)
        if row.input_sha256 is not None and not is_hidden(row.input):
            source = path_of(str(start / row.input))
            said = _differs(source, row.input_sha256, is_needed=False)
            if said:
                yield Finding("input", found.number, printable_path(source), said)


class _Places:
    """Where results lie; those with hidden names are found by trying every file of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hidden: dict[str, Path] | None = None

    def of(self, name: str) -> Path:
        """The file of a result; a name that no file has stays as it is."""
        if not is_hidden(name):
            return path_of(str(self._folder / name))
        if self._hidden is None:
            files = (path for path in self._folder.rglob("*") if path.is_file())
            self._hidden = {
                hidden_name(path_text(path.relative_to(self._folder))): path for path in files
            }
        return self._hidden.get(name, self._folder / name)


def _differs(path: Path, sha256: str, *, is_needed: bool) -> str | None:
    """Why a file is not the one of a row, None where it is."""
    try:
        if not path.is_file():
            return "it is missing" if is_needed else None
        found = sha256_of(path)
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    return None if found == sha256 else f"expected SHA-256 {sha256}, found {found}: it was changed"


def _check_log(connection: sqlite3.Connection, log: Path) -> Iterator[Finding]:
    """Compare decisions.jsonl with the rows, line by line, by their hashes."""
    shown = printable_path(log)
    try:
        with log.open("rb") as file:
            wanted = (
                line.encode("utf-8", "backslashreplace") for line in decision_lines(connection)
            )
            for number, (line, want) in enumerate(zip_longest(file, wanted), start=1):
                if line is None or want is None or _sha256(line) != _sha256(want):
                    said = f"line {number} is not what the journal says"
                    yield Finding("log", None, shown, f"{said}; restore --resume mends it")
                    return
    except FileNotFoundError:
        yield Finding("log", None, shown, "it is missing; restore --resume mends it")
    except OSError as error:
        yield Finding("log", None, shown, f"it cannot be read: {error.strerror or error}")


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
