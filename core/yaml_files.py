"""Reads YAML that anybody may have written: plain data, of bounded size.

Aliases are refused: nine lines of them stand for a billion values, which is more than any message
that repeats a value can hold.
"""

from __future__ import annotations

import reprlib
from pathlib import Path
from typing import Any, Final

import yaml

from .errors import InvalidInput

__all__ = ["read_yaml", "shown_value"]

_MOST_BYTES: Final = 8 << 20
_DEEPEST: Final = 50
_SHORT: Final = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60


class _PlainLoader(yaml.SafeLoader):
    """Safe, without aliases, and not deeper than anybody writes."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "found an alias (*name); write the value out", event.start_mark
            )
        if self.depth > _DEEPEST:
            mark: Any = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "found too many levels", mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_yaml(path: Path, what: str) -> object:
    """Read a YAML file.

    Args:
        path: The file, in UTF-8, at most 8 MiB.
        what: What it should hold, for the message: "a policy file".

    Returns:
        Its content as plain data; None where it is empty.

    Raises:
        InvalidInput: If it cannot be read, is larger, or is no plain YAML.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidInput(f"expected {what} of at most 8 MiB at {path}, got a larger one")
        content: object = yaml.load(path.read_text(encoding="utf-8"), _PlainLoader)  # noqa: S506 - a SafeLoader
    except InvalidInput:
        raise
    except (OSError, ValueError, LookupError, TypeError, yaml.YAMLError, RecursionError) as error:
        told = " ".join(str(error).split())[:300]
        raise InvalidInput(f"expected {what} at {path}, got: {told}") from error
    return content


def shown_value(value: object) -> str:
    """A value for a message, at most 60 characters, however large it is."""
    return _SHORT.repr(value)[:60]
