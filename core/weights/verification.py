"""SHA-256 of files, remembered, so that a large file is hashed once and not at every start.

A remembered hash holds only while size, times and inode are what they were. The record is a cache:
when it is missing, unreadable or unwritable, files are simply hashed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Final

__all__ = ["VerificationRecord", "sha256_of"]

_BLOCK_BYTES: Final = 1 << 20
_CLOCK_GRAIN_NS: Final = 50_000_000


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes as 64 lower-case hex digits.

    Raises:
        OSError: If it cannot be read.
    """
    digest = hashlib.sha256()
    block = memoryview(bytearray(_BLOCK_BYTES))
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(block):
            digest.update(block[:count])
    return digest.hexdigest()


class VerificationRecord:
    """Hashes of the files of one folder, kept in a small JSON file there."""

    def __init__(self, path: Path) -> None:
        """Name the record; nothing is read or created yet.

        Args:
            path: The JSON file.
        """
        self._path = path

    def sha256(self, file: Path, *, fresh: bool = False) -> str:
        """SHA-256 of a file, from the record when the file has not changed since.

        Args:
            file: The file, directly in the record's folder.
            fresh: Hash it even if the record knows it.

        Raises:
            OSError: If it cannot be read.
        """
        before = _fingerprint(file)
        known = self._read().get(file.name)
        if not fresh and isinstance(known, dict) and known.get("fingerprint") == before:
            return str(known.get("sha256"))
        digest = sha256_of(file)
        if _fingerprint(file) == before and _is_settled(file):
            self._write(file.name, {"fingerprint": before, "sha256": digest})
        return digest

    def _read(self) -> dict[str, Any]:
        try:
            entries = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return entries if isinstance(entries, dict) else {}

    def _write(self, name: str, entry: dict[str, Any]) -> None:
        """Write the whole record anew in one step; a read-only folder is left in peace."""
        text = json.dumps({**self._read(), name: entry}, indent=1, sort_keys=True)
        with contextlib.suppress(OSError):
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".verified-")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                    stream.write(text)
                Path(temporary).replace(self._path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)


def _fingerprint(file: Path) -> list[int]:
    facts = file.stat()
    return [facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino]


def _is_settled(file: Path) -> bool:
    """Whether a later change would surely show in the file's times (clocks tick coarsely)."""
    return time.time_ns() - file.stat().st_ctime_ns > _CLOCK_GRAIN_NS
