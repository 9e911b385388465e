"""The output folder of a batch: one batch at a time, and nothing left of one that was killed."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ...core.errors import InvalidInput
from ...core.images import printable_path
from ...core.weights.verification import sha256_of

if sys.platform != "win32":
    import fcntl

__all__ = ["folder_claimed", "remove_announced", "remove_parts", "set_aside"]

_PARTS: Final = (
    re.compile(r"\.facefidelity-[0-9a-f]{16}\.part"),  # core.files.replace_file
    re.compile(r"\.report-\d+-[0-9a-f]{8}\.part"),  # plugin.report.writer
)


@contextlib.contextmanager
def folder_claimed(folder: Path) -> Iterator[None]:
    """Hold a folder against a second batch; the claim ends with the process, however it ends.

    Raises:
        InvalidInput: If another batch writes there.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidInput(
                "expected an output folder of its own, but another batch writes to "
                f"{printable_path(folder)}; wait for it or name another folder"
            ) from error
        except OSError:
            yield  # a file system without locks: the user's care alone
            return
        yield
    finally:
        os.close(descriptor)


def remove_parts(folders: Iterable[Path]) -> list[Path]:
    """Remove our own temporary files that a kill left; known by their names, regular files only.

    Args:
        folders: Where to look, each once; not below them.

    Returns:
        What was removed.
    """
    removed = []
    for folder in dict.fromkeys(folders):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            for path in sorted(folder.iterdir()):
                if any(name.fullmatch(path.name) for name in _PARTS) and _is_regular(path):
                    path.unlink(missing_ok=True)
                    removed.append(path)
    return removed


def remove_announced(out: Path, announced: dict[str, str], known: dict[str, Path]) -> list[Path]:
    """Remove results that were written and never recorded.

    Only a file with the very bytes that we were about to write is ours; any other stays.

    Args:
        out: The output folder.
        announced: Names in the journal and the SHA-256 of what was about to be written.
        known: Name in the journal to the file, where they differ.

    Returns:
        What was removed.
    """
    removed = []
    for name, sha256 in announced.items():
        path = known.get(name, out / name)
        with contextlib.suppress(OSError):
            if _is_regular(path) and sha256_of(path) == sha256:
                path.unlink()
                removed.append(path)
    return removed


def set_aside(path: Path) -> None:
    """Keep a file of an earlier batch beside it, as name.previous.suffix."""
    if path.exists():
        path.replace(path.with_name(f"{path.stem}.previous{path.suffix}"))


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
