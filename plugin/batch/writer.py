"""The one who writes: results, the journal and decisions.jsonl, picture by picture, in this order.

A result is whole on the disk before its rows are, and the rows before the lines. So whatever is cut
off, the journal names no result that is not there, and the lines follow from the journal.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ...core.errors import InvalidInput, WriteFailed
from ...core.files import replace_file
from ...core.images import printable_path, write_encoded
from .journal import Journal
from .journal_rows import Row
from .plan import PlannedPicture
from .worked import PictureOutcome, WorkedPicture, picture_names, picture_rows

__all__ = ["BatchWriter"]

_DISK_ERRORS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_STOPS: Final = "the batch stops here, since no decision may go unrecorded"


class BatchWriter:
    """Writes what workers give; any engine's.

    Args:
        journal: Open, with what the batch was begun with.
        log: decisions.jsonl in the output folder.
        redact: Keep file names out of the journal.
    """

    def __init__(self, journal: Journal, log: Path, *, redact: bool = False) -> None:
        self._journal = journal
        self._log = log
        self._out = log.parent
        self._redact = redact
        self._again = False

    def write(self, plan: PlannedPicture, worked: WorkedPicture) -> PictureOutcome:
        """Write one picture's result and records.

        Args:
            plan: Its input and output.
            worked: What a worker made of it.

        Returns:
            What became of it in the end.

        Raises:
            WriteFailed: If the disk is full or refuses; what was written before is whole.
        """
        if worked.error is None:
            worked = self._written(plan, worked)
        rows = picture_rows(plan, worked, self._out, redact=self._redact)
        if not self._journal.holds(rows):
            before = self._journal.latest(rows[0].input, rows[0].output)
            self._again = self._again or before is not None
            self._journal.add(rows)
            self._append(rows)
        return PictureOutcome(
            plan=plan,
            result=worked.result,
            before=worked.before,
            records=worked.records,
            error=worked.error,
            sha256=worked.input_sha256,
            policy=worked.policy,
            ignored=worked.ignored,
        )

    def finish(self) -> None:
        """Put the lines in the order of the pictures where some were done again.

        Raises:
            WriteFailed: If the disk is full or refuses.
        """
        if self._again:
            self.rewrite_log()

    def rewrite_log(self) -> None:
        """Write decisions.jsonl from the journal, in one step.

        Raises:
            WriteFailed: If the disk is full or refuses.
        """
        with self._telling(self._log):
            replace_file(self._log, (line.encode() for line in self._journal.decision_lines()))

    def _written(self, plan: PlannedPicture, worked: WorkedPicture) -> WorkedPicture:
        """Put the result on the disk; what is wrong with this one place is its own failure."""
        name = picture_names(plan, self._out, redact=self._redact)[1]
        self._journal.announce(name, worked.output_sha256)
        try:
            plan.target.parent.mkdir(parents=True, exist_ok=True)
            write_encoded(plan.target, worked.data)
        except InvalidInput as error:
            self._require_disk(plan.target, error.__cause__)
            return _failed(worked, str(error))
        except OSError as error:
            self._require_disk(plan.target, error)
            shown = printable_path(plan.target.parent)
            reason = error.strerror or error
            return _failed(worked, f"expected to be able to make the folder {shown}, got: {reason}")
        return worked

    def _require_disk(self, target: Path, error: BaseException | None) -> None:
        """Stop the batch where the disk, not this one file, refuses.

        Raises:
            WriteFailed: If it does.
        """
        if not isinstance(error, OSError):
            return
        if error.errno in _DISK_ERRORS or not os.access(self._out, os.W_OK):
            raise _stopped(target, error) from error

    def _append(self, rows: Sequence[Row]) -> None:
        """Add whole lines to the log, or none: what a full disk cut off is taken back."""
        text = "".join(row.record + "\n" for row in rows if row.kind == "face")
        whole = self._log.stat().st_size if self._log.exists() else 0
        try:
            with self._telling(self._log), self._log.open("a", encoding="utf-8") as lines:
                lines.write(text)
        except WriteFailed:
            with contextlib.suppress(OSError):
                os.truncate(self._log, whole)
            raise

    @contextlib.contextmanager
    def _telling(self, path: Path) -> Iterator[None]:
        try:
            yield
        except WriteFailed:
            raise
        except OSError as error:
            raise _stopped(path, error) from error


def _failed(worked: WorkedPicture, reason: str) -> WorkedPicture:
    return replace(
        worked, error=reason, records=(), data=b"", output_sha256="", result=None, before=None
    )


def _stopped(path: Path, error: OSError) -> WriteFailed:
    return WriteFailed(
        f"expected to write {printable_path(path)}, got: {error.strerror or error}; {_STOPS}; free "
        "the disk or make it writable and continue with --resume"
    )
