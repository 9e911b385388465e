"""The end of a clip: segments become one file, decisions another, and what is finished is known."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from ...core.images import printable_path
from ...core.weights.verification import sha256_of
from .analysis import Analysis
from .facts import ClipFacts
from .joining import join_segments
from .lines import clip_sentence, redacted_lines, write_decisions
from .records import clip_record, to_line
from .work import WorkFolder, digest_of

__all__ = ["RestoredClip", "conclude_clip", "decisions_of", "finished_clip"]


@dataclass(frozen=True, slots=True)
class RestoredClip:
    """What became of a clip.

    Attributes:
        source: The input.
        target: The MP4.
        decisions: The file of its decisions.
        frames: How many frames it has.
        tracks: One record a person, as in the decisions.
        problems: What is missing in the result, one sentence each; empty where nothing.
        failures: In how many faces the restorer failed.
        changed: Whether any face was replaced at all.
        resumed_segments: How many segments an earlier run had finished.
        earlier: Whether all of it was found finished.
        seconds: Wall time.
    """

    source: Path
    target: Path
    decisions: Path
    frames: int
    tracks: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    failures: int
    changed: bool
    resumed_segments: int = 0
    earlier: bool = False
    seconds: float = 0.0


def decisions_of(target: Path) -> Path:
    """Where the decisions of a clip lie: beside it."""
    return target.with_name(f"{target.stem}.decisions.jsonl")


def conclude_clip(
    facts: ClipFacts,
    target: Path,
    analysis: Analysis,
    work: WorkFolder,
    *,
    segments: int,
    may_copy: bool,
    label: bool,
    redact: bool,
) -> RestoredClip:
    """Put the segments together, write the decisions, and throw the work away.

    Args:
        facts: Of the clip.
        target: The MP4.
        analysis: What the first pass found.
        work: Holds the segments.
        segments: How many there are.
        may_copy: Whether the input's own bytes are the result where no face was replaced.
        label: Say in the clip that faces were restored.
        redact: No file names in the decisions.

    Raises:
        WriteFailed: If the disk refuses.
    """
    problems = [analysis.problem] if analysis.problem else []
    changed = any(json.loads(line)["delivered"] > 0 for line in work.face_lines(segments))
    if may_copy and not changed:
        _copy(facts.path, target)
    else:
        sentence = clip_sentence(work.plan, len(analysis.tracks)) if label and changed else ""
        pictures = [work.picture_file(number) for number in range(segments)]
        problems += join_segments(pictures, facts.path, target, sentence)
    end = {
        "kind": "end",
        "problems": problems,
        "changed": changed,
        "work_sha256": digest_of(work.plan),
        "output_sha256": sha256_of(target),
    }
    first = clip_record(facts, analysis, printable_path(target), work.plan)
    lines: Iterator[str] = chain([to_line(first)], work.face_lines(segments))
    if redact:
        lines = redacted_lines(lines, work.plan["input_sha256"])
    write_decisions(decisions_of(target), lines, analysis, end)
    work.remove()
    return _read(facts.path, target, end)


def finished_clip(source: Path, target: Path, plan: dict[str, Any]) -> RestoredClip | None:
    """What an earlier run made of the same clip in the same way, None where it must be done.

    Args:
        source: The clip.
        target: The MP4.
        plan: What decides about the result.
    """
    try:
        *_, last = decisions_of(target).open(encoding="utf-8")
        end = json.loads(last)
        known = end["kind"] == "end" and end["work_sha256"] == digest_of(plan)
        if not known or end["output_sha256"] != sha256_of(target):
            return None
        return _read(source, target, end, earlier=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(
    source: Path, target: Path, end: dict[str, Any], *, earlier: bool = False
) -> RestoredClip:
    """The outcome, from the decisions as they were written."""
    tracks, frames = [], 0
    with decisions_of(target).open(encoding="utf-8") as lines:
        for text in lines:
            if text.startswith('{"kind":"face"'):
                continue
            line = json.loads(text)
            frames = line.get("frames", frames)
            tracks += [line] if line["kind"] == "track" else []
    return RestoredClip(
        source=source,
        target=target,
        decisions=decisions_of(target),
        frames=frames,
        tracks=tuple(tracks),
        problems=tuple(end["problems"]),
        failures=sum(track["decisions"].get("FAILED", 0) for track in tracks),
        changed=end["changed"],
        earlier=earlier,
    )


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    os.replace(part, target)  # noqa: PTH105 - as in core.files
