"""What was measured, on disk: one SQLite file beside the study, so that nothing runs twice.

A row is one face under one choice. Rows are written as they come and are whole or not there, so a
run that was killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from types import TracebackType

from ...core.errors import WriteFailed
from .measuring import Examined, examined_of, plain_of

__all__ = ["KEPT", "ExaminedCache"]

KEPT = 4
"""Of what is kept of a face; rows of another number are not read."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS facefidelity_examined (key TEXT PRIMARY KEY, content TEXT NOT NULL)"
)


class ExaminedCache:
    """Examined faces by key.

    Args:
        path: The file; made where it is missing. None keeps everything in memory.
        context: What else the numbers depend on: the judge's weights, the limits.

    Raises:
        WriteFailed: If the file cannot be opened or is no such file.
    """

    def __init__(self, path: Path | None, context: str) -> None:
        self._path = path
        self._context = context
        try:
            self._file = sqlite3.connect(":memory:" if path is None else path, timeout=30)
            self._file.execute(_TABLE)
            self._file.commit()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def get(self, face: str, choice: str) -> Examined | None:
        """What was measured of a face under a choice, None where nothing was."""
        query = "SELECT content FROM facefidelity_examined WHERE key = ?"
        try:
            rows = self._file.execute(query, (self._key(face, choice),)).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return examined_of(json.loads(rows[0][0])) if rows else None

    def put(self, face: str, choice: str, examined: Examined) -> None:
        """Keep what was measured.

        Raises:
            WriteFailed: If the disk refuses.
        """
        row = (self._key(face, choice), json.dumps(plain_of(examined)))
        try:
            with self._file:
                self._file.execute("REPLACE INTO facefidelity_examined VALUES (?, ?)", row)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def __enter__(self) -> ExaminedCache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _key(self, face: str, choice: str) -> str:
        return hashlib.sha256(f"{self._context}\n{face}\n{choice}".encode()).hexdigest()

    def _failed(self, error: sqlite3.Error) -> WriteFailed:
        return WriteFailed(
            f"expected to be able to use the tuning record {self._path}, got: {error}; move the "
            "file away to begin anew, or see that the place can be written and has space"
        )
