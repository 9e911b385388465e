"""The journal of a batch: what was done to every picture and face, in a file that tells on edits.

One process writes it, row after row; a picture's rows are written in one step, after its result
is on the disk. Rows are never changed: a picture that is done again gets new rows, and the last
ones count.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ...core.errors import InvalidInput
from .journal_file import SELECT_ROWS, insert_rows, open_for_writing, row_of, telling
from .journal_reading import decision_lines
from .journal_rows import GENESIS, ChainedRow, Row, chain_rows, stable_text

__all__ = ["Journal"]


class Journal:
    """A journal that rows are added to.

    Args:
        path: The file; made where it is missing.

    Raises:
        InvalidInput: If the file is no journal.
        WriteFailed: If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_for_writing(path)
        try:
            self._last = self._read_last()
        except (sqlite3.Error, InvalidInput):
            self._connection.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def last(self) -> ChainedRow | None:
        """The last row; None in a new journal."""
        return self._last

    def facts(self) -> dict[str, Any] | None:
        """What the batch was begun with, the record of its first row; None in a new journal."""
        first = self._one(f"{SELECT_ROWS} WHERE kind = 'batch' ORDER BY number DESC LIMIT 1")
        return None if first is None else dict(json.loads(first.row.record))

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows in one step: all of them or none.

        Raises:
            WriteFailed: If the disk refuses.
        """
        last = self._last
        before = (last.number, last.digest, last.chain) if last else (0, GENESIS, GENESIS)
        added = chain_rows(rows, *before)
        with telling(self._path), self._connection:  # commits, or rolls back
            self._connection.execute("BEGIN IMMEDIATE")
            insert_rows(self._connection, added)
            self._connection.execute("DELETE FROM announced")
        self._last = added[-1]

    def announce(self, output: str, sha256: str) -> None:
        """Say which result is about to be written; its picture's rows take that back.

        Not flushed to the disk: it serves after a kill, and a power cut loses at most this.

        Raises:
            WriteFailed: If the disk refuses.
        """
        with telling(self._path):
            self._connection.execute("PRAGMA synchronous=NORMAL")
            try:
                self._connection.execute(
                    "INSERT OR REPLACE INTO announced VALUES (?, ?)", (output, sha256)
                )
            finally:
                self._connection.execute("PRAGMA synchronous=FULL")

    def announced(self) -> dict[str, str]:
        """Results that were announced and have no rows, with the SHA-256 of what was to come."""
        with telling(self._path):
            return dict(self._connection.execute("SELECT output, sha256 FROM announced"))

    def forget_announced(self) -> None:
        """Take every announcement back."""
        with telling(self._path):
            self._connection.execute("DELETE FROM announced")

    def latest(self, input_: str, output: str | None) -> ChainedRow | None:
        """The last row of a picture, None where it has none."""
        where = "WHERE kind = 'picture' AND input = ? AND output IS ?"
        return self._one(f"{SELECT_ROWS} {where} ORDER BY number DESC LIMIT 1", input_, output)

    def holds(self, rows: Sequence[Row]) -> bool:
        """Whether these are the last rows of their picture already, apart from times."""
        found = self.latest(rows[0].input, rows[0].output)
        if found is None:
            return False
        query = f"{SELECT_ROWS} WHERE number BETWEEN ? AND ? ORDER BY number"
        with telling(self._path):
            values = self._connection.execute(query, (found.number, found.number + len(rows)))
            known = [row_of(one).row for one in values]
        known = known[:1] + [one for one in known[1:] if one.kind == "face"][: len(rows) - 1]
        return list(map(stable_text, known)) == list(map(stable_text, rows))

    def decision_lines(self) -> Iterator[str]:
        """The lines of decisions.jsonl that these rows stand for, with their line ends."""
        with telling(self._path):
            yield from decision_lines(self._connection)

    def close(self) -> None:
        """Close the file; as one plain file that can be copied and read anywhere."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA journal_mode=DELETE")
        self._connection.close()

    def _read_last(self) -> ChainedRow | None:
        return self._one(f"{SELECT_ROWS} ORDER BY number DESC LIMIT 1")

    def _one(self, query: str, *values: str | None) -> ChainedRow | None:
        with telling(self._path):
            found = self._connection.execute(query, values).fetchone()
        return None if found is None else row_of(found)
