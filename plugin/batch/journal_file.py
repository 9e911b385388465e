"""The journal as an SQLite file: opening it, and what SQLite says when it cannot."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ...core.errors import InvalidInput, WriteFailed
from ...core.images import printable_path
from .journal_rows import COLUMNS, ChainedRow, Row

__all__ = [
    "JOURNAL_NAME",
    "SELECT_ROWS",
    "insert_rows",
    "open_for_reading",
    "open_for_writing",
    "row_of",
    "telling",
]

JOURNAL_NAME: Final = "journal.sqlite"
_APPLICATION_ID: Final = 0x46464A31  # "FFJ1"
_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE rows (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL, input TEXT NOT NULL, input_sha256 TEXT, output TEXT, output_sha256 TEXT,
  face INTEGER, verdict TEXT, policy TEXT, profile TEXT, seed INTEGER, seconds REAL,
  record TEXT NOT NULL, digest TEXT NOT NULL, chain TEXT NOT NULL
);
CREATE INDEX pictures ON rows (input, output) WHERE kind = 'picture';
-- How many rows there are and how the last one ends: the end of a chain cannot be cut off unseen.
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, chain TEXT);
-- Results that are about to be written, so that what a kill leaves is known to be ours.
CREATE TABLE announced (output TEXT PRIMARY KEY, sha256 TEXT NOT NULL);
"""
_NAMES: Final = ", ".join(COLUMNS)
SELECT_ROWS: Final = f"SELECT number, digest, chain, {_NAMES} FROM rows"  # noqa: S608 - our names
_INSERT_ROW: Final = (
    f"INSERT INTO rows (number, digest, chain, {_NAMES}) "  # noqa: S608 - our names
    f"VALUES (?, ?, ?{', ?' * len(COLUMNS)})"
)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open a journal, or make a new one, in WAL mode with a flush to the disk at each commit.

    Raises:
        InvalidInput: If the file is no journal.
        WriteFailed: If the disk refuses.
    """
    with telling(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                _make(connection)
            _require_journal(connection, path)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        except (sqlite3.Error, InvalidInput):
            connection.close()
            raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a journal that is not changed; a batch may be writing it.

    Raises:
        InvalidInput: If there is none, or the file is no journal.
    """
    shown = printable_path(path)
    if not path.is_file():
        raise InvalidInput(
            f"expected a journal at {shown}, found none; name the output folder of a restore"
        )
    try:
        connection = _opened(path)
        _require_journal(connection, path)
    except sqlite3.Error as error:
        raise InvalidInput(f"expected a journal at {shown}, got another file: {error}") from error
    return connection


def insert_rows(connection: sqlite3.Connection, rows: list[ChainedRow]) -> None:
    """Add chained rows and move the head; inside the caller's transaction."""
    values = [(one.number, one.digest, one.chain, *one.row) for one in rows]
    connection.executemany(_INSERT_ROW, values)
    last = rows[-1]
    connection.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (last.number, last.chain))


def row_of(values: tuple[Any, ...]) -> ChainedRow:
    """A row as `SELECT_ROWS` reads it."""
    return ChainedRow(values[0], values[1], values[2], Row(*values[3:]))


@contextlib.contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say into one sentence.

    Raises:
        InvalidInput: If the file is no journal.
        WriteFailed: If it cannot be written.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        shown = printable_path(path)
        if isinstance(error, sqlite3.OperationalError):
            raise WriteFailed(
                f"expected to write the journal {shown}, got: {error}; the batch stops here, free "
                "the disk or make it writable and continue with --resume"
            ) from error
        raise InvalidInput(
            f"expected a journal at {shown}, got another or a damaged file ({error}); move it away"
        ) from error


def _make(connection: sqlite3.Connection) -> None:
    connection.executescript(
        f"BEGIN; PRAGMA application_id={_APPLICATION_ID}; PRAGMA user_version={_VERSION};"
        f"{_SCHEMA} COMMIT;"
    )


def _opened(path: Path) -> sqlite3.Connection:
    """Read-only; where even that needs a file beside it and the folder refuses, as it lies."""
    place = path.absolute().as_uri()
    connection = sqlite3.connect(f"{place}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        return sqlite3.connect(f"{place}?immutable=1", uri=True, isolation_level=None)
    return connection


def _require_journal(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (found, version) != (_APPLICATION_ID, _VERSION):
        raise InvalidInput(
            f"expected a journal of facefidelity at {printable_path(path)}, got another database; "
            "move it away or name another output folder"
        )
