"""What one row of a journal is, and how rows are chained. Pure: no file is touched here.

Two hashes stand in each row. The chain covers everything in the row and the chain before it: a
later edit, a deletion or another order shows. The digest covers what was decided and written but
not how long it took or when: two runs over the same inputs end with the same digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from ..redaction import anonymous_name

__all__ = [
    "COLUMNS",
    "GENESIS",
    "ChainedRow",
    "Row",
    "canonical",
    "chain_rows",
    "chained",
    "hidden_name",
    "is_hidden",
    "path_text",
    "stable_text",
]

GENESIS: Final = "0" * 64
"""Stands before the first row."""
_VOLATILE: Final = frozenset({"seconds"})
_HIDDEN: Final = re.compile(r"sha256:[0-9a-f]{16}")
_SESSION: Final = "session"


class Row(NamedTuple):
    """One row without its hashes.

    Attributes:
        kind: "batch" (what decides), "session" (one run of the command), "picture" or "face".
        input: Path of the input as it was named, "" for a batch or a session.
        input_sha256: Of the input file, None where it could not be read.
        output: Path of the result below the output folder, None where there is none.
        output_sha256: Of the result.
        face: Number of the face, largest first; None but for a face.
        verdict: Of a face its decision; of a picture DONE, INCOMPLETE (a face of it FAILED, or a
            person's decision was not followed) or FAILED.
        policy: Under which was decided.
        profile: The camera's profile and its SHA-256, None without one.
        seed: The restorer's setting of that name, None where it has none.
        seconds: Wall time; of a face that of its restorer.
        record: JSON: of a face its line of decisions.jsonl, of a batch its settings, weights and
            versions.
    """

    kind: str
    input: str = ""
    input_sha256: str | None = None
    output: str | None = None
    output_sha256: str | None = None
    face: int | None = None
    verdict: str | None = None
    policy: str | None = None
    profile: str | None = None
    seed: int | None = None
    seconds: float | None = None
    record: str = "{}"


COLUMNS: Final = Row._fields


class ChainedRow(NamedTuple):
    """One row as it stands in the journal.

    Attributes:
        number: From 1, without gaps.
        digest: SHA-256 over the digest before it and what is the same in every run.
        chain: SHA-256 over the chain before it and the whole row.
        row: The row.
    """

    number: int
    digest: str
    chain: str
    row: Row


def chain_rows(
    rows: Iterable[Row], number: int = 0, digest: str = GENESIS, chain: str = GENESIS
) -> list[ChainedRow]:
    """Chain rows to those before them.

    Args:
        rows: What is added.
        number: Of the last row before, 0 where there is none.
        digest: Of the last row before.
        chain: Of the last row before.
    """
    result = []
    last = ChainedRow(number, digest, chain, Row("batch"))
    for row in rows:
        last = chained(last, row)
        result.append(last)
    return result


def chained(before: ChainedRow, row: Row) -> ChainedRow:
    """The row with its number and its hashes, given the one before it."""
    number = before.number + 1
    digest = before.digest
    if row.kind != _SESSION:
        digest = _hash(digest, stable_text(row))
    return ChainedRow(number, digest, _hash(before.chain, canonical([number, digest, *row])), row)


def stable_text(row: Row) -> str:
    """What is the same in every run over the same inputs, as canonical JSON."""
    plain = row._replace(seconds=None, record="")
    record = _without_times(_parsed(row.record))
    if isinstance(record, dict):
        record.pop("output", None)  # under the output folder's name; the row says where below it
    return canonical([*plain, record])


def canonical(value: Any) -> str:
    """JSON in ASCII with sorted keys: the same value, the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def path_text(path: str | os.PathLike[str]) -> str:
    """A path as SQLite can hold it; bytes that are no UTF-8 become backslash escapes."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")


def hidden_name(name: str) -> str:
    """What stands in place of a path: who knows the path can recognise it, nobody can read it."""
    return anonymous_name(hashlib.sha256(name.encode()).hexdigest())


def is_hidden(name: str) -> bool:
    """Whether a name is what `hidden_name` made of one."""
    return _HIDDEN.fullmatch(name) is not None


def _parsed(record: str) -> Any:
    """The record as data; one that somebody broke is taken as it stands."""
    try:
        return json.loads(record)
    except (ValueError, RecursionError, TypeError):
        return record


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(one) for key, one in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [_without_times(one) for one in value]
    return value


def _hash(before: str, text: str) -> str:
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
