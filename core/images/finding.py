"""From what the user named (files, folders) to the list of picture files, in a fixed order.

Nothing that was named is dropped: what is missing or unreadable stays in the list, so that
reading it names it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["PICTURE_SUFFIXES", "FoundPicture", "find_pictures"]

_SUFFIXES = "jpg jpeg jpe jfif png apng webp tif tiff bmp gif jp2 j2k avif ppm pgm pnm"
PICTURE_SUFFIXES: Final = frozenset(f".{name}" for name in _SUFFIXES.split())
"""Suffixes, in lower case, that a folder's files need to be taken as pictures."""


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A file to read, and where it lay.

    Attributes:
        path: The file as it can be opened.
        relative: Its path below the folder that was named, or its name alone; an output folder
            keeps the structure by it. Two inputs may give the same one.
    """

    path: Path
    relative: Path


def find_pictures(
    inputs: Sequence[Path],
    *,
    recursive: bool = True,
    suffixes: frozenset[str] = PICTURE_SUFFIXES,
) -> list[FoundPicture]:
    """Expand files and folders.

    Inputs keep their order; a folder's content is sorted by name, level by level. Linked folders
    are entered once, so loops end. A file that is reached twice, also through links, is listed
    once, under its first name. Hidden files and folders are left out unless named.

    Args:
        inputs: Files, taken whatever their suffix, and folders, of which the pictures are taken.
        recursive: Whether folders in folders are entered.
        suffixes: Suffixes, in lower case, of what is taken from a folder.

    Returns:
        What to read. A missing file, a broken link and a folder that cannot be listed are in it.
    """
    found: list[FoundPicture] = []
    entered: set[str] = set()
    taken: set[str] = set()
    for item in map(Path, inputs):
        candidates = (
            _in_folder(item, recursive, suffixes, entered) if _is_folder(item) else _alone(item)
        )
        found += [candidate for candidate in candidates if _is_new(candidate.path, taken)]
    return found


def _alone(path: Path) -> Iterator[FoundPicture]:
    yield FoundPicture(path, Path(path.name))


def _in_folder(
    root: Path, recursive: bool, suffixes: frozenset[str], entered: set[str]
) -> Iterator[FoundPicture]:
    """Walk a folder; ``entered`` holds the real paths of every folder walked so far."""
    waiting = [root]
    while waiting:
        path = waiting.pop()
        is_root = path is root
        relative = Path(path.name) if is_root else path.relative_to(root)
        if not _is_folder(path):
            if path.suffix.lower() in suffixes:
                yield FoundPicture(path, relative)
        elif (is_root or recursive) and _is_new(path, entered):
            entries = _entries(path)
            if entries is None:
                yield FoundPicture(path, relative)
            else:
                waiting += entries


def _entries(folder: Path) -> list[Path] | None:
    """Paths in a folder without hidden ones, last name first; None when it cannot be listed."""
    try:
        paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return None
    return sorted(paths, key=lambda path: path.name, reverse=True)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_new(path: Path, seen: set[str]) -> bool:
    """Note the real path; False when it was noted before."""
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError):
        real = os.fsdecode(path)
    if real in seen:
        return False
    seen.add(real)
    return True
