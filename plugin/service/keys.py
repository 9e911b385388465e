"""Who may use the service: names and keys from a file that only its owner reads.

Only keyed hashes stay in memory, under a secret of this process; a key is never logged.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ...core.errors import InvalidInput
from ...core.images import printable_path
from ...core.private import read_private_lines

__all__ = ["ApiKeys", "read_api_keys"]

_SHORTEST_KEY: Final = 16
_LONGEST_NAME: Final = 64


class ApiKeys:
    """Hashes of the keys, by the name of who holds each.

    Args:
        keys: (name, key) pairs.
    """

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        self._secret = secrets.token_bytes(32)
        self._hashes = tuple((name, self._hash(key)) for name, key in keys)

    def holder(self, key: str) -> str | None:
        """Name of who holds a key, None where nobody does.

        Every hash is compared, in constant time each, whichever matches.
        """
        given, found = self._hash(key), None
        for name, expected in self._hashes:
            if hmac.compare_digest(given, expected):
                found = name
        return found

    def _hash(self, key: str) -> bytes:
        data = key.encode("utf-8", "surrogateescape")
        return hashlib.blake2b(data, key=self._secret, digest_size=32).digest()


def read_api_keys(path: Path) -> ApiKeys:
    """Read a file of ``name:key`` lines; blank lines and lines with # are left out.

    Args:
        path: The file, not readable by others. A key has at least 16 characters.

    Raises:
        InvalidInput: If it cannot be read, others may read it, or a line is not of that form. The
            message never holds a key.
    """
    shown = printable_path(path)
    lines = read_private_lines(path, "name:key", shown)
    keys = [_pair(line.strip(), f"line {number} of {shown}") for number, line in lines]
    if len({name for name, _ in keys}) < len(keys):
        raise InvalidInput(f"expected every name once in {shown}, found one twice")
    return ApiKeys(keys)


def _pair(line: str, place: str) -> tuple[str, str]:
    name, colon, key = line.partition(":")
    if not (colon and name.isprintable() and 0 < len(name) <= _LONGEST_NAME):
        raise InvalidInput(f"expected name:key in {place}")
    if len(key) < _SHORTEST_KEY or not (key.isascii() and key.isprintable()) or " " in key:
        raise InvalidInput(
            f"expected a key of at least {_SHORTEST_KEY} plain characters in {place}; make one "
            'with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return name, key
