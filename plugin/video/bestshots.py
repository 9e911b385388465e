"""The best face of every person in a clip, as a picture; nothing is restored."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...core.errors import InvalidInput
from ...core.faces import AlignedFace
from ...core.images import printable_path, write_picture
from ...core.scores import HEADS, QualityScores
from ...guards.judgement import FaceJudge
from ..assessment import FaceAssessment
from .analysis import Progress, analyse_clip
from .decoding import ClipFrame, ClipReader
from .tracks import Track

__all__ = ["BestShot", "BestShots", "export_best_shots"]

_STARTED: Final = ".facefidelity-bestshots-"


@dataclass(frozen=True, slots=True)
class BestShot:
    """The best face of one track.

    Attributes:
        clip: The clip.
        track: Number of the person, from 1.
        picture: The PNG, (512, 512, 3) in the FFHQ frame.
        frame: Number of the frame, from 0.
        seconds: Time of the frame in the clip.
        box: (x0, y0, x1, y1) in px of the frame.
        scores: The face's six scores.
        first_frame: Where the person was seen first.
        last_frame: Where the person was seen last.
        sightings: In how many frames the detector found the person.
    """

    clip: Path
    track: int
    picture: Path
    frame: int
    seconds: float
    box: tuple[float, float, float, float]
    scores: QualityScores
    first_frame: int
    last_frame: int
    sightings: int

    def as_record(self) -> dict[str, Any]:
        """As plain data, for one JSON line."""
        return {
            "clip": printable_path(self.clip),
            "track": self.track,
            "picture": printable_path(self.picture),
            "frame": self.frame,
            "time": round(self.seconds, 4),
            "box": [round(value, 1) for value in self.box],
            "scores": self.scores.as_dict(),
            "first_frame": self.first_frame,
            "last_frame": self.last_frame,
            "sightings": self.sightings,
        }


@dataclass(slots=True, eq=False)
class _Best:
    frame: int
    pts: int
    box: tuple[float, float, float, float]
    scores: QualityScores
    value: float


@dataclass(slots=True, eq=False)
class BestShots:
    """Watches an analysis and keeps every track's best face on the disk, not in memory.

    Attributes:
        folder: Existing folder for the pictures.
        by: The head that decides.
    """

    folder: Path
    by: str
    best: dict[int, _Best] = field(default_factory=dict)

    def __call__(
        self, track: Track, frame: ClipFrame, face: AlignedFace, scores: QualityScores
    ) -> None:
        """Keep the face where it is the track's best so far."""
        value = scores.as_dict()[self.by]
        known = self.best.get(track.number)
        if known is None or value > known.value:
            write_picture(self.place(track.number), face.pixels)
            box = face.box
            self.best[track.number] = _Best(frame.index, frame.pts, box, scores, value)

    def place(self, track: int) -> Path:
        """Where a track's picture lies while the clip is looked through."""
        return self.folder / f"{track}.png"


def export_best_shots(
    source: Path,
    folder: Path,
    assessment: FaceAssessment,
    judge: FaceJudge,
    *,
    stem: str | None = None,
    by: str = "fidelity",
    detect_every: int = 1,
    progress: Progress | None = None,
) -> tuple[list[BestShot], str | None]:
    """Write the best face of every track of a clip.

    Args:
        source: The clip.
        folder: Where to; made if it is not there. A picture is named ``<stem>_track<number>.png``.
        assessment: Who finds and scores faces.
        judge: Whose embedder says who is who.
        stem: Of the pictures' names, the clip's own by default.
        by: The head that decides, one of `HEADS`.
        detect_every: The detector looks at every so many frames.
        progress: Called with a stage's name, how many frames are done, of how many.

    Returns:
        One for each track with a face that could be assessed, and what of the clip could not be
        decoded, None where nothing.

    Raises:
        InvalidInput: If it is no clip, or there is no such head.
        MissingExtra: If PyAV is not installed.
        WriteFailed: If the disk refuses.
    """
    if by not in HEADS:
        raise InvalidInput(f"expected one of {', '.join(HEADS)} to choose by, got {by!r}")
    reader = ClipReader(source)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_STARTED, dir=folder) as work:
        shots = BestShots(Path(work), by)
        analysis = analyse_clip(
            reader,
            assessment,
            judge,
            Path(work),
            detect_every=detect_every,
            watch=shots,
            progress=progress,
        )
        found = []
        for number, track in analysis.tracks.items():
            best = shots.best.get(number)
            if best is None:
                continue
            picture = folder / f"{stem or source.stem}_track{number:03d}.png"
            shots.place(number).replace(picture)
            seconds = float(best.pts * reader.facts.time_base)
            span = track.first_frame, track.last_frame, track.sightings
            found.append(
                BestShot(source, number, picture, best.frame, seconds, best.box, best.scores, *span)
            )
    return found, analysis.problem
