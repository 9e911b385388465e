"""Names and passwords of those who may use the page, from a file that only its owner reads."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path

from ..core.errors import InvalidInput
from ..core.images import printable_path
from ..core.private import read_private_lines

__all__ = ["read_logins"]


def read_logins(path: Path) -> Callable[[str, str], bool]:
    """Read a file of ``name:password`` lines; blank lines and lines with # are left out.

    Args:
        path: The file, not readable by others.

    Returns:
        Whether a name and a password belong together.

    Raises:
        InvalidInput: If it cannot be read, others may read it, or a line is no login.
    """
    shown, logins = printable_path(path), {}
    for number, line in read_private_lines(path, "name:password", shown):
        name, colon, password = line.partition(":")
        if not (name and colon and password):
            raise InvalidInput(f"expected name:password in line {number} of {shown}")
        logins[name] = password
    return lambda name, password: _matches(logins.get(name), password)


def _matches(expected: str | None, given: str) -> bool:
    same = hmac.compare_digest((expected or "").encode(), given.encode())
    return same and expected is not None
