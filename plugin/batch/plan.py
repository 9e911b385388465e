"""Plans a batch: which picture is written where, before anything is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InvalidInput
from ...core.images import WRITABLE_SUFFIXES, FoundPicture, find_pictures

__all__ = ["PlannedPicture", "plan_batch"]


@dataclass(frozen=True, slots=True)
class PlannedPicture:
    """One input and the file that its result goes to.

    Attributes:
        source: The input.
        target: The output, under the input's name and its own suffix.
        problem: Why it cannot be done, in one sentence; None where it can.
    """

    source: Path
    target: Path
    problem: str | None = None


def plan_batch(inputs: Sequence[Path], out: Path, suffix: str = ".png") -> list[PlannedPicture]:
    """Expand files and folders and give every picture its output.

    Args:
        inputs: Files and folders; folders keep their structure below `out`.
        out: Output folder; need not exist.
        suffix: Suffix of every output, one of `WRITABLE_SUFFIXES`.

    Returns:
        One plan per picture, in order. A picture whose output would overwrite an input, or the
        output of an earlier one, carries its problem.

    Raises:
        InvalidInput: If the suffix is unknown, `out` is a file, or nothing was found.
    """
    if suffix not in WRITABLE_SUFFIXES:
        raise InvalidInput(f"expected --ext as one of {', '.join(WRITABLE_SUFFIXES)}, got {suffix}")
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"expected a folder for the output, got the file {out}")
    found = [one for one in find_pictures(inputs) if not _inside(one.path, out)]
    if not found:
        names = ", ".join(str(path) for path in inputs)
        raise InvalidInput(f"expected pictures in {names}, found none; name files or a folder")
    sources = {one.path.resolve() for one in found}
    taken: dict[Path, Path] = {}
    return [_plan(one, out, suffix, sources, taken) for one in found]


def _inside(path: Path, out: Path) -> bool:
    """Results of an earlier run are no inputs of this one."""
    return out.resolve() in path.resolve().parents


def _plan(
    found: FoundPicture, out: Path, suffix: str, sources: set[Path], taken: dict[Path, Path]
) -> PlannedPicture:
    target = out / found.relative.with_suffix(suffix)
    if target in taken:
        problem = f"{taken[target]} already writes {target}; give each its own --output folder"
        return PlannedPicture(found.path, target, problem)
    if target.resolve() in sources:
        problem = f"{target} is itself an input; choose another --output folder"
        return PlannedPicture(found.path, target, problem)
    taken[target] = found.path
    return PlannedPicture(found.path, target)
