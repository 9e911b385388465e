"""A lock between processes that ends with its holder, even when that one is killed."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from ..errors import DownloadFailed
from .part import disk_failure

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["exclusive"]

_LOG: Final = logging.getLogger(__name__)
_POLL_SECONDS: Final = 0.2


@contextmanager
def exclusive(path: Path, patience_seconds: float) -> Iterator[None]:
    """Hold the lock file ``path`` alone, waiting for whoever holds it now.

    The file itself stays behind: removing it would let two processes hold two files of one name.

    Args:
        path: The lock file; created when absent.
        patience_seconds: How long to wait.

    Raises:
        DownloadFailed: If the lock is still taken then, or the file cannot be created.
    """
    try:
        stream = path.open("ab", buffering=0)
    except OSError as error:
        raise disk_failure(error, path) from error
    with stream:
        _wait(stream, path, patience_seconds)
        yield


def _wait(stream: FileIO, path: Path, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    waiting = False
    while not _taken(stream, path):
        if time.monotonic() >= deadline:
            raise DownloadFailed(
                f"another process has been downloading for {patience_seconds:g} s (it holds "
                f"{path}); wait for it or end it, then pull again"
            )
        if not waiting:
            _LOG.info("another process holds %s; waiting", path)
            waiting = True
        time.sleep(_POLL_SECONDS)


def _taken(stream: FileIO, path: Path) -> bool:
    """Try to take the lock; closing the stream gives it back."""
    try:
        if sys.platform == "win32":
            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        raise disk_failure(error, path) from error
    return True
