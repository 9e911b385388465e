"""Reads the reference pictures that the command line names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...guards.references import ReferenceSet
    from ..pipeline import Guard

__all__ = ["enrol_files"]


def enrol_files(guard: Guard, paths: Sequence[Path] | None) -> ReferenceSet | None:
    """Enrol one person's pictures; None where none are named.

    Raises:
        InvalidInput: If a file is no picture, or does not show exactly one face.
    """
    from ...core.images import printable_path, read_picture

    if not paths:
        return None
    names = [printable_path(path) for path in paths]
    return guard.enrol([read_picture(path).pixels for path in paths], names)
