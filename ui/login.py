"""Names and passwords of those who may use the page, from a file that only its owner reads."""

from __future__ import annotations

import hmac
import stat
from collections.abc import Callable
from pathlib import Path

from ..core.errors import InvalidInput

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
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InvalidInput(
            f"expected a file of name:password lines, got {path}: {reason}"
        ) from error
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        raise InvalidInput(
            f"expected {path} to be readable by its owner only, others may read it; "
            f"run: chmod 600 {path}"
        )
    logins: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not (name and colon and password):
            raise InvalidInput(f"expected name:password in line {number} of {path}")
        logins[name] = password
    if not logins:
        raise InvalidInput(f"expected at least one name:password line in {path}, found none")
    return lambda name, password: _matches(logins.get(name), password)


def _matches(expected: str | None, given: str) -> bool:
    same = hmac.compare_digest((expected or "").encode(), given.encode())
    return same and expected is not None
