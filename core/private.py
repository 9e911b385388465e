"""Files with keys or passwords: only their owner may read them."""

from __future__ import annotations

import stat
from pathlib import Path

from .errors import InvalidInput

__all__ = ["read_private_lines", "read_private_text"]


def read_private_lines(path: Path, form: str, shown: str) -> list[tuple[int, str]]:
    """Read a file that others cannot; blank lines and lines that begin with # are left out.

    Args:
        path: The file.
        form: Of a line, for the message: "name:key".
        shown: The file's name, printable.

    Returns:
        Each line's number, from 1, and its text; at least one.

    Raises:
        InvalidInput: If it cannot be read, others may read it, or nothing is in it. The message
            never holds a line.
    """
    text = read_private_text(path, f"{form} lines", shown)
    numbered = enumerate(text.splitlines(), start=1)
    lines = [(at, line) for at, line in numbered if line.strip() and line.lstrip()[0] != "#"]
    if not lines:
        raise InvalidInput(f"expected at least one {form} line in {shown}, found none")
    return lines


def read_private_text(path: Path, form: str, shown: str) -> str:
    """Read a whole file that others cannot.

    Args:
        path: The file.
        form: Of its content, for the message: "name:key lines".
        shown: The file's name, printable.

    Raises:
        InvalidInput: If it cannot be read or others may read it. The message never holds a line.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InvalidInput(f"expected a file of {form}, got {shown}: {reason}") from error
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        raise InvalidInput(
            f"expected {shown} to be readable by its owner only, others may read it; "
            f"run: chmod 600 {shown}"
        )
    return text
