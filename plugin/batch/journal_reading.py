"""Reads a journal: its rows, the decisions that hold, and a summary."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .journal_file import SELECT_ROWS, open_for_reading, row_of, telling
from .journal_rows import GENESIS, ChainedRow

__all__ = ["JournalSummary", "current_rows", "decision_lines", "journal_rows", "summarise"]

# Every picture where it first came, with the rows that count now: its last ones.
_PICTURES = (
    "SELECT max(number) FROM rows WHERE kind = 'picture' GROUP BY input, output "
    "ORDER BY min(number)"
)


@dataclass(frozen=True, slots=True)
class JournalSummary:
    """What a journal tells of its batch.

    Attributes:
        pictures: By how they ended: DONE, INCOMPLETE, FAILED.
        faces: By decision.
        delivered: By what was done in the end; a person may have decided otherwise.
        rows: How many rows there are.
        sessions: How often the batch was begun or continued.
        seconds: Of the restorers, in all.
        digest: The same for two batches that decided and wrote the same.
        chain: The last hash; kept elsewhere, it shows whether the journal is still this one.
        batch: Settings, weights and versions.
    """

    pictures: dict[str, int]
    faces: dict[str, int]
    delivered: dict[str, int]
    rows: int
    sessions: int
    seconds: float
    digest: str
    chain: str
    batch: dict[str, Any] = field(default_factory=dict)


def journal_rows(path: Path) -> Iterator[ChainedRow]:
    """Every row in its order.

    Raises:
        InvalidInput: If there is no journal.
    """
    connection = open_for_reading(path)
    try:
        with telling(path):
            for values in connection.execute(f"{SELECT_ROWS} ORDER BY number"):
                yield row_of(values)
    finally:
        connection.close()


def current_rows(connection: sqlite3.Connection) -> Iterator[ChainedRow]:
    """The rows that count: of each picture its last ones, pictures in the order of their first."""
    query = f"{SELECT_ROWS} WHERE number >= ? ORDER BY number"
    for (number,) in connection.execute(_PICTURES):
        for index, values in enumerate(connection.execute(query, (number,))):
            found = row_of(values)
            if index and found.row.kind != "face":
                break
            yield found


def decision_lines(connection: sqlite3.Connection) -> Iterator[str]:
    """The lines of decisions.jsonl, with their line ends."""
    for found in current_rows(connection):
        if found.row.kind == "face":
            yield found.row.record + "\n"


def summarise(path: Path) -> JournalSummary:
    """Count what a journal holds.

    Raises:
        InvalidInput: If there is no journal.
    """
    connection = open_for_reading(path)
    pictures: Counter[str] = Counter()
    faces: Counter[str] = Counter()
    delivered: Counter[str] = Counter()
    seconds = 0.0
    try:
        with telling(path):
            for found in current_rows(connection):
                kind, verdict = found.row.kind, found.row.verdict or ""
                if kind == "picture":
                    pictures[verdict] += 1
                    continue
                faces[verdict] += 1
                delivered[json.loads(found.row.record).get("delivered", verdict)] += 1
                seconds += found.row.seconds or 0.0
            last = connection.execute(f"{SELECT_ROWS} ORDER BY number DESC LIMIT 1").fetchone()
            kinds = dict(connection.execute("SELECT kind, count(*) FROM rows GROUP BY kind"))
            batch = connection.execute(
                "SELECT record FROM rows WHERE kind = 'batch' ORDER BY number DESC LIMIT 1"
            ).fetchone()
    finally:
        connection.close()
    end = row_of(last) if last else None
    return JournalSummary(
        pictures=dict(sorted(pictures.items())),
        faces=dict(sorted(faces.items())),
        delivered=dict(sorted(delivered.items())),
        rows=sum(kinds.values()),
        sessions=kinds.get("session", 0),
        seconds=round(seconds, 3),
        digest=end.digest if end else GENESIS,
        chain=end.chain if end else GENESIS,
        batch=json.loads(batch[0]) if batch else {},
    )
