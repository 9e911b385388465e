"""The work folder of a clip: what is finished of it, so that a stopped run goes on.

A segment is finished when its state is there, which is written last. The folder belongs to one
input and one way of doing it, by a fingerprint; anything else in it is thrown away.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.files import write_text_file
from ...guards.references import ReferenceSet
from ..batch.folder import folder_claimed
from ..pipeline import Guard
from .library import require_av
from .settings import ClipSettings

__all__ = ["WorkFolder", "describe_work", "digest_of"]


def digest_of(plan: dict[str, Any]) -> str:
    """SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def describe_work(
    guard: Guard, settings: ClipSettings, references: ReferenceSet | None
) -> dict[str, Any]:
    """What decides about every byte of the result, beside the input, as plain data."""
    pictures = hashlib.sha256()
    for one in references.embeddings if references else ():
        pictures.update(one.vector.tobytes())
    return {
        "policy": guard.policy.name,
        "candidates": [
            {"restorer": one.name, "settings": one.plain_settings} for one in guard.candidates
        ],
        "clip_settings": asdict(settings),
        "references": pictures.hexdigest() if references else None,
        "min_face_px": guard.assessment.min_face_px,
        "only_center_face": guard.assessment.only_center_face,
        "libraries": {name: list(found) for name, found in require_av().library_versions.items()},
        **guard.provenance(),
    }


class WorkFolder:
    """What is finished of one clip.

    Args:
        folder: Its place; made where it is missing.
        plan: What decides about the result; of an equal plan the folder's content is taken over.
    """

    def __init__(self, folder: Path, plan: dict[str, Any]) -> None:
        self.folder = folder
        self.plan = plan
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder against a second run, and throw away what is of other work.

        Raises:
            InvalidInput: If another run works on the same result.
        """
        with folder_claimed(self.folder):
            file, text = self.folder / "plan.json", json.dumps(self.plan, sort_keys=True)
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                for one in self.folder.iterdir():
                    one.unlink()
                write_text_file(file, text)
            yield

    @property
    def is_analysed(self) -> bool:
        """Whether the first pass is finished."""
        return (self.folder / "tracks.json").is_file()

    def picture_file(self, segment: int) -> Path:
        """A segment's pictures."""
        return self.folder / f"{segment:06d}.nut"

    def line_file(self, segment: int) -> Path:
        """The lines of a segment's faces."""
        return self.folder / f"{segment:06d}.jsonl"

    def state_file(self, segment: int) -> Path:
        """What the judgement and the smoothing know after a segment."""
        return self.folder / f"{segment:06d}.json"

    def finished(self) -> int:
        """How many segments are finished, from the first on without a gap."""
        count = 0
        while self.state_file(count).is_file() and self.picture_file(count).is_file():
            count += 1
        return count

    def state_after(self, segments: int) -> dict[str, Any]:
        """What is known after so many segments; nothing after none."""
        if segments == 0:
            return {}
        content: dict[str, Any] = json.loads(
            self.state_file(segments - 1).read_text(encoding="utf-8")
        )
        return content

    def finish(self, segment: int, lines: Sequence[str], state: dict[str, Any]) -> None:
        """Say that a segment, whose pictures are written, is finished."""
        write_text_file(self.line_file(segment), "".join(lines))
        write_text_file(self.state_file(segment), json.dumps(state))

    def face_lines(self, segments: int) -> Iterator[str]:
        """The lines of so many segments' faces, in order."""
        for segment in range(segments):
            with self.line_file(segment).open(encoding="utf-8") as lines:
                yield from lines

    def remove(self) -> None:
        """Throw the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)
