"""A journal as a table for other programs: Parquet, CSV or JSON lines, row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ...core.errors import InvalidInput, MissingExtra, WriteFailed
from ...core.files import replace_file
from ...core.images import printable_path
from ...core.scores import HEADS
from .journal_file import SELECT_ROWS, open_for_reading, row_of, telling
from .journal_reading import current_rows
from .journal_rows import ChainedRow, canonical

__all__ = ["EXPORT_COLUMNS", "EXPORT_SUFFIXES", "export_journal", "export_rows"]

EXPORT_SUFFIXES: Final = (".parquet", ".csv", ".jsonl")

_TEXT: Final = "text"
_NUMBER: Final = "number"
_WHOLE: Final = "whole"
_MEASURES: Final = (
    "identity_risk",
    "drop_risk",
    "cosine_similarity",
    "probability_same",
    "fidelity_given_source",
    "source_identifiable",
    "consistency",
    "landmark_shift",
    "blend",
)
EXPORT_COLUMNS: Final[dict[str, str]] = {
    "number": _WHOLE,
    "kind": _TEXT,
    "input": _TEXT,
    "input_sha256": _TEXT,
    "output": _TEXT,
    "output_sha256": _TEXT,
    "face": _WHOLE,
    "verdict": _TEXT,
    "delivered": _TEXT,
    "reasons": _TEXT,
    "policy": _TEXT,
    "profile": _TEXT,
    **{f"before_{head}": _NUMBER for head in HEADS},
    **{f"after_{head}": _NUMBER for head in HEADS},
    **dict.fromkeys(_MEASURES, _NUMBER),
    "identity_state": _TEXT,
    "restorer": _TEXT,
    "settings": _TEXT,
    "problem": _TEXT,
    "weights": _TEXT,
    "versions": _TEXT,
    "seed": _WHOLE,
    "seconds": _NUMBER,
    "record": _TEXT,
    "chain": _TEXT,
}
"""Column to its kind; what is nested stands as JSON text."""

_CHUNK: Final = 1000


def export_rows(journal: Path, *, whole: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of a journal as flat records with the columns of `EXPORT_COLUMNS`.

    Args:
        journal: The file.
        whole: Every row of pictures and faces, also those that later rows took the place of.

    Raises:
        InvalidInput: If there is no journal.
    """
    connection = open_for_reading(journal)
    try:
        with telling(journal):
            first = connection.execute(
                f"{SELECT_ROWS} WHERE kind = 'batch' ORDER BY number DESC LIMIT 1"
            ).fetchone()
            facts = json.loads(row_of(first).row.record) if first else {}
            values = connection.execute(f"{SELECT_ROWS} ORDER BY number") if whole else ()
            rows = map(row_of, values) if whole else current_rows(connection)
            for found in rows:
                if found.row.kind in {"picture", "face"}:
                    yield _flat(found, facts)
    finally:
        connection.close()


def export_journal(journal: Path, target: Path, *, whole: bool = False) -> int:
    """Write a journal as a table, whole or not at all.

    Args:
        journal: The file.
        target: Where to, with one of `EXPORT_SUFFIXES`.
        whole: As of `export_rows`.

    Returns:
        How many rows were written.

    Raises:
        InvalidInput: If there is no journal or the suffix is unknown.
        MissingExtra: For Parquet, if pyarrow is not installed.
        WriteFailed: If the disk refuses.
    """
    if target.suffix not in EXPORT_SUFFIXES:
        raise InvalidInput(
            f"expected a file that ends with {', '.join(EXPORT_SUFFIXES)}, got {target.name}"
        )
    counted = _Counted(export_rows(journal, whole=whole))
    parts = {".csv": _csv_parts, ".jsonl": _json_parts, ".parquet": _parquet_parts}[target.suffix]
    try:
        replace_file(target, parts(counted))
    except WriteFailed:
        raise
    except OSError as error:
        raise WriteFailed(
            f"expected to write {printable_path(target)}, got: {error.strerror or error}; see that "
            "the place can be written and has space"
        ) from error
    return counted.count


class _Counted:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def _flat(found: ChainedRow, facts: dict[str, Any]) -> dict[str, Any]:
    row, record = found.row, json.loads(found.row.record)
    is_face = row.kind == "face"
    values: dict[str, Any] = {**row._asdict(), **found._asdict()}
    values |= {name: record.get(name) for name in _MEASURES}
    for side in ("before", "after"):
        scores = record.get(f"scores_{side}") or {}
        values |= {f"{side}_{head}": scores.get(head) for head in HEADS}
    values |= {
        "delivered": record.get("delivered"),
        "reasons": ", ".join(record.get("reasons", ())),
        "identity_state": record.get("identity_state"),
        "restorer": record.get("restorer"),
        "settings": canonical(record["settings"]) if is_face else None,
        "problem": record.get("detail") if is_face else record.get("problem"),
        "weights": canonical(facts.get("weights", {})),
        "versions": canonical(facts.get("versions", {})),
    }
    return {name: values.get(name) for name in EXPORT_COLUMNS}


def _json_parts(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8")


def _csv_parts(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(EXPORT_COLUMNS))
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
        yield buffer.getvalue().encode("utf-8")
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode("utf-8")


def _parquet_parts(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("a journal as Parquet", "parquet") from error
    kinds = {_TEXT: arrow.string(), _NUMBER: arrow.float64(), _WHOLE: arrow.int64()}
    schema = arrow.schema([(name, kinds[kind]) for name, kind in EXPORT_COLUMNS.items()])
    sink, coming = io.BytesIO(), iter(rows)
    writer = parquet.ParquetWriter(sink, schema)
    while chunk := list(islice(coming, _CHUNK)):
        writer.write_table(arrow.Table.from_pylist(chunk, schema=schema))
        yield from _taken(sink)
    writer.close()
    yield from _taken(sink)


def _taken(sink: io.BytesIO) -> Iterator[bytes]:
    yield sink.getvalue()
    sink.seek(0)
    sink.truncate()
