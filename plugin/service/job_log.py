"""The job log: JSON lines, one before an accepted job begins and one after it ends.

A line is on the disk before anything is done that it announces, so a process that is killed loses
none: what was accepted and not ended is what was under way. No picture, file name or key is in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from ...core.errors import InvalidInput, WriteFailed
from ...core.images import printable_path

if sys.platform != "win32":
    import fcntl

__all__ = ["JobLog"]

_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)


class JobLog:
    """Appends whole lines and waits for the disk each time. Threads may share it.

    Args:
        path: The file; its folder is made where it is missing. A line that a crash cut off is
            ended, so that it spoils no other.

    Raises:
        InvalidInput: If another server writes this log.
        WriteFailed: If it cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._shown = printable_path(path)
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, _FLAGS, 0o600)
        except OSError as error:
            raise self._failure(error) from error
        self._require_alone()
        try:
            size = os.fstat(self._file).st_size
            if size:
                os.lseek(self._file, size - 1, os.SEEK_SET)
                if os.read(self._file, 1) != b"\n":
                    self._write(b"\n")
        except OSError as error:
            raise self._failure(error) from error

    def append(self, event: str, **fields: Any) -> None:
        """Add one line and wait until the disk has it.

        Args:
            event: "serving", "accepted", "ended" or "stopped".
            **fields: Plain data.

        Raises:
            WriteFailed: If the disk refuses; the log is then as it was.
        """
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"event": event, "at": now, **fields}, ensure_ascii=False)
        with self._lock:
            try:
                self._write(line.encode("utf-8", "backslashreplace") + b"\n")
            except OSError as error:
                raise self._failure(error) from error

    def close(self) -> None:
        """Close the file; further lines fail."""
        with self._lock, contextlib.suppress(OSError):
            os.close(self._file)

    def _write(self, data: bytes) -> None:
        whole = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, data)
            while written < len(data):
                written += os.write(self._file, data[written:])
            os.fsync(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, whole)
            raise

    def _require_alone(self) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise InvalidInput(
                f"expected a job log of its own, but another server writes {self._shown}; name "
                "another file with --job-log"
            ) from error

    def _failure(self, error: OSError) -> WriteFailed:
        return WriteFailed(
            f"expected to write the job log {self._shown}, got: {error.strerror or error}; see "
            "that the place can be written and has space"
        )
