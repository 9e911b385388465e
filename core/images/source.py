"""The file behind a picture: its name in words, and its bytes.

Only a regular file is read: a pipe or a device under a picture's name never blocks a batch.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from ..errors import InvalidInput

__all__ = ["printable_path", "read_regular_file"]

_OPEN_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_SPECIAL_FILES: Final = (
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def printable_path(path: str | os.PathLike[str]) -> str:
    """Write a path so that it fits on one line of UTF-8.

    Args:
        path: Any path; its name may hold line breaks or bytes that are not UTF-8.

    Returns:
        The path with every character that cannot be printed written as a backslash escape.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in os.fsdecode(path)
    )


def read_regular_file(path: Path, limit_bytes: int) -> bytes:
    """Read a whole regular file, never waiting for a pipe or a device.

    Args:
        path: The file.
        limit_bytes: Refuse more than this many bytes before reading them.

    Returns:
        Its bytes, at least one.

    Raises:
        InvalidInput: If it is missing, empty, too large, unreadable or no regular file.
    """
    shown = printable_path(path)
    try:
        descriptor = _open_regular(path, shown)
        with os.fdopen(descriptor, "rb") as file:
            size = os.fstat(descriptor).st_size
            data = file.read() if size <= limit_bytes else b""
    except InvalidInput:
        raise
    except (OSError, ValueError) as error:
        raise InvalidInput(_failure(error, shown)) from error
    if size > limit_bytes:
        raise InvalidInput(
            f"expected a picture file of at most {limit_bytes >> 20} MiB, got {size >> 20} MiB: "
            f"{shown}; scale the picture down or raise max_pixels"
        )
    if not data:
        raise InvalidInput(f"expected a picture, got an empty file: {shown}; copy it again")
    return data


def _open_regular(path: Path, shown: str) -> int:
    """Open for reading; looks before it opens (devices) and after (a file swapped meanwhile)."""
    _require_regular(path.stat().st_mode, shown)
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        _require_regular(os.fstat(descriptor).st_mode, shown)
    except InvalidInput:
        os.close(descriptor)
        raise
    return descriptor


def _require_regular(mode: int, shown: str) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise InvalidInput(
            f"expected a picture file, got a folder: {shown}; give the files in it, or make the "
            "folder readable if its files were meant"
        )
    kind = next((name for is_kind, name in _SPECIAL_FILES if is_kind(mode)), "special file")
    raise InvalidInput(
        f"expected a picture file, got a {kind}: {shown}; copy its content to a file first"
    )


def _failure(error: OSError | ValueError, shown: str) -> str:
    """Put a failed open or read into one sentence."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return f"expected a picture file, got nothing at {shown}; check the path"
    if isinstance(error, PermissionError):
        return (
            f"expected a readable file, got permission denied: {shown}; allow this user to read it"
        )
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return (
        f"expected a readable file, got an error ({reason}): {shown}; check the path and the disk"
    )
