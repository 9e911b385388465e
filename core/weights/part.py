"""The unfinished file of a download, ``NAME.part``, and what its server called that version.

It belongs to facefidelity, so it may be truncated or thrown away; a user's file never comes here.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from io import FileIO
from pathlib import Path

from ..errors import DownloadFailed

__all__ = ["PartFile", "disk_failure"]


def disk_failure(error: OSError, path: Path) -> DownloadFailed:
    """Put a failed write into words, with what to do about it."""
    folder = path.parent
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DownloadFailed(
            f"the disk is full: writing {path} stopped; free some space in {folder}, or set "
            "FACEFIDELITY_HOME to a folder on a larger disk, then pull again (it resumes)"
        )
    reason = error.strerror or str(error)
    return DownloadFailed(
        f"cannot write {path}: {reason}; make {folder} writable, or set FACEFIDELITY_HOME to a "
        "folder that is"
    )


class PartFile:
    """The unfinished file beside its final place.

    Attributes:
        path: ``NAME.part``.
        rejected: ``NAME.rejected``, where a whole file with a wrong hash is put aside.
    """

    def __init__(self, final: Path) -> None:
        """Name the files beside ``final``; nothing is created yet.

        Args:
            final: Where the finished file will lie.
        """
        self.path = final.with_name(f"{final.name}.part")
        self.rejected = final.with_name(f"{final.name}.rejected")
        self._record = final.with_name(f"{final.name}.part.json")

    def size_bytes(self) -> int:
        """Size of what is there so far; 0 when nothing is, or nothing can be seen."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def validator(self, url: str) -> str | None:
        """What the server at ``url`` called the version that was begun, if it is known."""
        try:
            record = json.loads(self._record.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("url") != url:
            return None
        validator = record.get("validator")
        return validator if isinstance(validator, str) else None

    def open_at(self, offset: int) -> FileIO:
        """Open unbuffered for writing at ``offset``; what lies behind it is cut off.

        Raises:
            DownloadFailed: If the disk refuses.
        """
        try:
            stream = self.path.open("r+b" if offset else "wb", buffering=0)
            stream.truncate(offset)
            stream.seek(offset)
        except OSError as error:
            raise disk_failure(error, self.path) from error
        return stream

    def remember(self, url: str, validator: str | None) -> None:
        """Note which version of which address was begun.

        Raises:
            DownloadFailed: If the disk refuses.
        """
        try:
            self._record.write_text(json.dumps({"url": url, "validator": validator}), "utf-8")
        except OSError as error:
            raise disk_failure(error, self._record) from error

    def require_space(self, size_bytes: int) -> None:
        """Refuse to begin what cannot end.

        Raises:
            DownloadFailed: If the disk has less free space than what is still to come.
        """
        missing = size_bytes - self.size_bytes()
        free = shutil.disk_usage(self.path.parent).free
        if free < missing:
            raise DownloadFailed(
                f"the disk is full: {self.path.name} needs {missing:,} more bytes and "
                f"{self.path.parent} has {free:,} free; free some space, or set FACEFIDELITY_HOME "
                "to a folder on a larger disk"
            )

    def discard(self) -> None:
        """Throw away what is there so far.

        Raises:
            DownloadFailed: If the disk refuses.
        """
        try:
            self.path.unlink(missing_ok=True)
            self._record.unlink(missing_ok=True)
        except OSError as error:
            raise disk_failure(error, self.path) from error

    def reject(self) -> None:
        """Move a whole but wrong file aside, so that it is neither used nor resumed.

        Raises:
            DownloadFailed: If the disk refuses.
        """
        try:
            self.path.replace(self.rejected)
            self._record.unlink(missing_ok=True)
        except OSError as error:
            raise disk_failure(error, self.rejected) from error

    def finish(self, final: Path) -> None:
        """Move the checked file to its place in one step, surely on the disk.

        Raises:
            DownloadFailed: If the disk refuses.
        """
        try:
            with self.path.open("r+b") as stream:
                os.fsync(stream.fileno())
            self.path.replace(final)
            self._record.unlink(missing_ok=True)
            _sync_folder(final.parent)
        except OSError as error:
            raise disk_failure(error, final) from error


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can open folders."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
