"""A file appears whole or not at all; the one place that knows how.

What the bytes mean is for the caller: pictures in `core.images`, tables and maps elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .errors import WriteFailed

__all__ = ["replace_file", "write_text_file"]

_CREATE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def replace_file(path: Path, data: bytes | Iterable[bytes], mode: int | None = None) -> None:
    """Put bytes under a name in one step; whatever fails, the old file stays.

    The bytes go to a hidden temporary file in the same folder and are flushed to the disk before
    they take the name. A link is replaced, not followed.

    Args:
        path: Where to; its folder exists.
        data: The file's content, whole or part by part.
        mode: Permissions; the system's default where None.

    Raises:
        OSError: If the disk refuses.
    """
    temporary = path.with_name(f".facefidelity-{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(temporary, _CREATE_FLAGS, 0o666), "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, path)  # noqa: PTH105 - Path.replace does not call it on 3.10
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_text_file(path: Path, text: str) -> None:
    """Write a text file whole or not at all, in UTF-8; its folder is made where it is missing.

    Args:
        path: Where to; an old file is replaced.
        text: The content, written without changing its line ends.

    Raises:
        WriteFailed: If the disk refuses, or the name is a folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        raise WriteFailed(
            f"expected to be able to write {path}, got an error ({error.strerror or error}); see "
            "that the place can be written and has space, nothing was changed"
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
