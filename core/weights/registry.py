"""What a registered weights file is, and how one is found by name.

The facts themselves are data in ``table.py``; nothing here touches the disk or the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ..errors import InvalidInput, NotRegistered

__all__ = ["CommercialUse", "WeightsFile", "find_weights", "registered_weights", "weights_file"]

CommercialUse: TypeAlias = Literal["yes", "no", "unclear"]
"""Whether a licence allows commercial use; "unclear" when its sources disagree or say nothing."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ADDRESS: Final = re.compile(r"https?://[^\s/]+/\S+")


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One weights file as its publisher released it.

    Attributes:
        name: File name, also the name under which it is asked for.
        url: Where it is published.
        size_bytes: Its exact size.
        sha256: 64 lower-case hexadecimal digits of its SHA-256.
        licence: Stated licence, in words.
        commercial_use: "yes", "no" or "unclear".
        used_by: Parts of facefidelity that can use it.
        mirrors: Other addresses of the same bytes, tried in order after ``url``.
        note: What a user should know before trusting the facts above; may be empty.
    """

    name: str
    url: str
    size_bytes: int
    sha256: str
    licence: str
    commercial_use: CommercialUse
    used_by: tuple[str, ...]
    mirrors: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidInput(f"expected a plain file name, got {self.name!r}")
        for address in self.addresses:
            if not _ADDRESS.fullmatch(address):
                raise InvalidInput(f"{self.name}: expected an http(s) address, got {address!r}")
        if self.size_bytes <= 0:
            raise InvalidInput(f"{self.name}: expected a positive size, got {self.size_bytes}")
        if not _SHA256.fullmatch(self.sha256):
            raise InvalidInput(f"{self.name}: expected 64 hex digits, got {self.sha256!r}")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address, in the order in which they are tried."""
        return (self.url, *self.mirrors)


def registered_weights() -> tuple[WeightsFile, ...]:
    """Every weights file that facefidelity knows, in the order of the table."""
    from .table import TABLE

    return TABLE


def find_weights(name: str, files: Iterable[WeightsFile]) -> WeightsFile:
    """Find a file by its name among the given ones.

    Raises:
        NotRegistered: If none has that name; close matches are named.
    """
    by_name = {file.name: file for file in files}
    if name not in by_name:
        raise NotRegistered("weights file", name, by_name)
    return by_name[name]


def weights_file(name: str) -> WeightsFile:
    """Find a registered weights file by its name.

    Raises:
        NotRegistered: If none has that name; close matches are named.
    """
    return find_weights(name, registered_weights())
