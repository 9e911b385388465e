"""Tells clips from pictures among what was named, and says where each result goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...core.images import find_pictures
from ..batch.plan import TargetClaims, is_below, real_path, require_output_folder

__all__ = ["CLIP_SUFFIXES", "PlannedClip", "part_inputs", "plan_clips"]

_SUFFIXES = "mp4 m4v mov mkv webm avi mpg mpeg mts m2ts ts wmv flv 3gp ogv"
CLIP_SUFFIXES: Final = frozenset(f".{name}" for name in _SUFFIXES.split())
"""Suffixes, in lower case, by which a file is taken for a clip."""


@dataclass(frozen=True, slots=True)
class PlannedClip:
    """One clip and the file that its result goes to.

    Attributes:
        source: The clip.
        target: The MP4.
        problem: Why it cannot be done, in one sentence; None where it can.
    """

    source: Path
    target: Path
    problem: str | None = None


def part_inputs(inputs: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Part what was named into what may hold pictures and what holds clips.

    Args:
        inputs: Files and folders.

    Returns:
        For the pictures: every file that is no clip, and every folder but those that hold clips
        and no picture. For the clips: every clip file, and every folder with a clip.
    """
    pictures, clips = [], []
    for path in inputs:
        if path.is_dir():
            has_clips = bool(find_pictures([path], suffixes=CLIP_SUFFIXES))
            has_pictures = not has_clips or bool(find_pictures([path]))
        else:
            has_clips = path.suffix.lower() in CLIP_SUFFIXES
            has_pictures = not has_clips
        pictures += [path] if has_pictures else []
        clips += [path] if has_clips else []
    return pictures, clips


def plan_clips(inputs: Sequence[Path], out: Path) -> list[PlannedClip]:
    """Expand files and folders and give every clip its result.

    Args:
        inputs: Clips, and folders of clips, which keep their structure below `out`. Where `out`
            lies in such a folder, what is in it counts as results, not as input.
        out: Output folder; made if it is not there.

    Returns:
        One plan a clip. A clip whose result would overwrite an input, or the result of an earlier
        one, carries its problem.

    Raises:
        InvalidInput: If `out` is a file or cannot be written.
    """
    named = {real_path(path) for path in inputs}
    found = [
        one
        for one in find_pictures(inputs, suffixes=CLIP_SUFFIXES)
        if real_path(one.path) in named or not is_below(one.path, out)
    ]
    require_output_folder(out)
    targets = TargetClaims([one.path for one in found])
    plans = []
    for one in found:
        target = out / one.relative.with_suffix(".mp4")
        plans.append(PlannedClip(one.path, target, targets.claim(target, one.path)))
    return plans
