"""The file of a clip's decisions, line by line, and the sentence that the clip says of itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ... import __version__
from ..redaction import redact_record
from .analysis import Analysis
from .records import TrackTally, to_line, track_record

__all__ = ["clip_sentence", "redacted_lines", "write_decisions"]


def write_decisions(
    place: Path, lines: Iterable[str], analysis: Analysis, end: Mapping[str, Any]
) -> None:
    """Write the decisions whole or not at all.

    Args:
        place: The file.
        lines: The clip's line, then those of its faces.
        analysis: Whose tracks come after them.
        end: The last line.
    """
    tallies = {number: TrackTally() for number in analysis.tracks}
    part = place.with_name(f".{place.name}.part")
    with part.open("w", encoding="utf-8") as file:
        for text in lines:
            file.write(text)
            line = json.loads(text)
            if line["kind"] == "face":
                tallies[line["track"]].add(line)
        for number, track in analysis.tracks.items():
            file.write(to_line(track_record(track, tallies[number])))
        file.write(to_line(end))
    os.replace(part, place)  # noqa: PTH105 - as in core.files


def redacted_lines(lines: Iterable[str], sha256: str) -> Iterator[str]:
    """The same lines without names of files and without what a failing restorer said."""
    names = dict.fromkeys(("path", "output"), sha256)
    for text in lines:
        yield to_line(redact_record(json.loads(text), names))


def clip_sentence(about: Mapping[str, Any], people: int) -> str:
    """What a clip with replaced faces says of itself; nothing about who it shows."""
    restorers = sorted({one["restorer"] for one in about["candidates"]})
    return (
        f"Edited by facefidelity {__version__}: faces of {people} people in this clip were "
        f"restored by a program ({', '.join(restorers)}) under the policy {about['policy']}."
    )
