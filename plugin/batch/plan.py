"""Plans a batch: which picture is written where, before any picture is touched."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InvalidInput
from ...core.images import WRITABLE_SUFFIXES, find_pictures
from .listed import ListedPicture
from .stores import StoreUrl

__all__ = [
    "PlannedPicture",
    "TargetClaims",
    "is_below",
    "plan_batch",
    "real_path",
    "require_output_folder",
]


@dataclass(frozen=True, slots=True)
class PlannedPicture:
    """One input and the file that its result goes to.

    Attributes:
        source: The input: a file, or an object in a store.
        target: The output, under the input's name and its own suffix.
        problem: Why it cannot be done, in one sentence; None where it can.
    """

    source: Path | StoreUrl
    target: Path
    problem: str | None = None


def plan_batch(
    inputs: Sequence[Path],
    out: Path,
    suffix: str = ".png",
    listed: Sequence[ListedPicture] = (),
) -> list[PlannedPicture]:
    """Expand files and folders and give every picture its output.

    Args:
        inputs: Files and folders; folders keep their structure below `out`. Where `out` lies in
            such a folder, what is in it counts as results of an earlier run, not as input.
        out: Output folder; made if it is not there.
        suffix: Suffix of every output, one of `WRITABLE_SUFFIXES`.
        listed: What lists and stores name, `part_sources`.

    Returns:
        One plan per picture, in order: files and folders, then what is listed. A picture whose
        output would overwrite an input, or the output of an earlier one, carries its problem.

    Raises:
        InvalidInput: If the suffix is unknown, `out` is a file or an input folder itself, or
            nothing was found.
    """
    if suffix not in WRITABLE_SUFFIXES:
        raise InvalidInput(f"expected --ext as one of {', '.join(WRITABLE_SUFFIXES)}, got {suffix}")
    if any(path.is_dir() and real_path(path) == real_path(out) for path in inputs):
        raise InvalidInput(f"expected an --output folder other than the input folder, got {out}")
    named = {real_path(path) for path in inputs}
    found = [
        ListedPicture(one.path, one.relative)
        for one in find_pictures(inputs)
        if real_path(one.path) in named or not _is_earlier_result(one.path, inputs, out)
    ]
    found += listed
    if not found:
        names = ", ".join(str(path) for path in inputs) or "the list"
        raise InvalidInput(f"expected pictures in {names}, found none; name files or a folder")
    require_output_folder(out)
    targets = TargetClaims([one.path for one in found if isinstance(one.path, Path)])
    return [_plan(one, out, suffix, targets) for one in found]


def require_output_folder(out: Path) -> None:
    """Make the output folder, or refuse one that cannot be.

    Raises:
        InvalidInput: If it is a file, or cannot be made or written.
    """
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"expected a folder for the output, got the file {out}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise InvalidInput(
            f"expected a folder that can be written for the output, got {out}: {error.strerror}"
        ) from error


def real_path(path: Path) -> Path:
    """Where a path really leads; unlike `Path.resolve` it takes links that lead in a circle."""
    return Path(os.path.realpath(path))


def is_below(path: Path, folder: Path | None) -> bool:
    """Whether a path lies somewhere below a folder."""
    return folder is not None and real_path(folder) in real_path(path).parents


def _is_earlier_result(path: Path, inputs: Sequence[Path], out: Path) -> bool:
    return is_below(path, out) and any(is_below(out, one) for one in inputs if one.is_dir())


class TargetClaims:
    """Who writes what: no output overwrites an input or another's output.

    Args:
        sources: Every input of the batch.
    """

    def __init__(self, sources: Sequence[Path]) -> None:
        self._sources = {real_path(path) for path in sources}
        self._claimed: dict[Path, Path | StoreUrl] = {}

    def claim(self, target: Path, source: Path | StoreUrl) -> str | None:
        """Claim an output for an input; why it cannot be had, or None when it is claimed."""
        place = real_path(target)
        if place in self._claimed:
            return f"{self._claimed[place]} already writes {target}; give each its own --output"
        if place in self._sources:
            return f"{target} is itself an input; choose another --output folder"
        self._claimed[place] = source
        return None


def _plan(found: ListedPicture, out: Path, suffix: str, targets: TargetClaims) -> PlannedPicture:
    target = out / found.relative.with_suffix(suffix)
    problem = found.problem or targets.claim(target, found.path)
    return PlannedPicture(found.path, target, problem)
