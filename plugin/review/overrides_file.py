"""The overrides file: JSON lines, one line a face, written whole or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ...core.errors import InvalidInput
from ...core.files import write_text_file
from ...core.images import printable_path
from .overrides import Override, Place, first_problem

__all__ = ["OverrideBook", "keep_override", "read_overrides", "withdraw_override"]

_WRITING: Final = threading.Lock()


class OverrideBook(Mapping[Place, Override]):
    """Every override of a file, by the face that it is about.

    Args:
        overrides: At most one a face.

    Raises:
        InvalidInput: If a face is decided twice.
    """

    def __init__(self, overrides: Iterable[Override] = ()) -> None:
        self._by_place: dict[Place, Override] = {}
        for one in overrides:
            if one.place in self._by_place:
                raise InvalidInput(
                    f"expected one override a face, got two for face {one.face} of "
                    f"{one.path or one.input_sha256}; take one of them out"
                )
            self._by_place[one.place] = one

    def __getitem__(self, place: Place) -> Override:
        return self._by_place[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._by_place)

    def __len__(self) -> int:
        return len(self._by_place)

    def of_picture(self, input_sha256: str) -> tuple[Override, ...]:
        """The overrides of one file, by its bytes."""
        return tuple(one for one in self.values() if one.input_sha256 == input_sha256)


def read_overrides(path: Path) -> OverrideBook:
    """Read an overrides file.

    Args:
        path: JSON lines in UTF-8, one `Override` a line; blank lines are passed over.

    Raises:
        InvalidInput: If it cannot be read, or a line is no override or decides a face again; the
            message names the line.
    """
    shown = printable_path(path)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        told = " ".join(str(error).split())
        raise InvalidInput(f"expected an overrides file at {shown}, got: {told}") from error
    return OverrideBook(
        _parse(line, f"{shown} line {number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    )


def _parse(line: str, place: str) -> Override:
    try:
        return Override.model_validate_json(line)
    except ValidationError as error:
        said = first_problem(error)
        raise InvalidInput(
            f"{place}: expected an override, got one that is wrong; {said}"
        ) from error


def keep_override(path: Path, override: Override) -> OverrideBook:
    """Write down a decision; an earlier one on the same face gives way.

    Args:
        path: The overrides file; made where it is missing.
        override: The decision.

    Returns:
        What the file holds now.

    Raises:
        InvalidInput: If the file is there and is no overrides file; it stays as it is.
        WriteFailed: If the disk refuses; the old file stays.
    """
    return _rewrite(path, override.place, override)


def withdraw_override(path: Path, place: Place) -> OverrideBook:
    """Take a decision back; a face without one is left to the guard. Raises as `keep_override`."""
    return _rewrite(path, place, None)


def _rewrite(path: Path, place: Place, override: Override | None) -> OverrideBook:
    with _WRITING:
        book = dict(read_overrides(path)) if path.exists() else {}
        if override is None:
            book.pop(place, None)
        else:
            book[place] = override
        lines = [one.model_dump(mode="json") for one in book.values()]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_text_file(path, text)
    return OverrideBook(book.values())
