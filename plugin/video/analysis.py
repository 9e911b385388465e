"""The first pass: finds, follows and assesses the faces of a clip, and writes down where they are.

Memory holds one frame and a few numbers a track; the sightings go to a file, line by line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import cv2
import numpy as np

from ...core.embedding import Embedding
from ...core.errors import InvalidInput
from ...core.faces import AlignedFace, DetectedFace, LandmarkScheme
from ...core.files import write_text_file
from ...core.protocols import RGBImage
from ...core.scores import QualityScores
from ...guards.judgement import FaceJudge
from ..assessment import FaceAssessment
from .decoding import ClipFrame, ClipReader
from .following import FaceFollower
from .tracks import Sighting, Track

__all__ = ["Analysis", "FaceWatcher", "KnownTrack", "SeenFace", "analyse_clip", "read_analysis"]

_CUT_LEVELS: Final = 30.0
"""Mean change of a thumbnail, in grey levels, from which a frame begins another shot."""
_THUMBNAIL: Final = (32, 32)
_LEAST_SIGHTINGS: Final = 3
"""A track that was seen less often is taken for the detector's mistake."""
_MISSED_SECONDS: Final = 0.5

Progress = Callable[[str, int, int], None]
Thumbnail: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]


class FaceWatcher(Protocol):
    """Looks at every face that is followed, as `bestshots` does."""

    def __call__(
        self, track: Track, frame: ClipFrame, face: AlignedFace, scores: QualityScores
    ) -> None:
        """See one face that could be assessed."""
        ...


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One line of the sightings file."""

    frame: int
    track: int
    run: int
    face: DetectedFace


@dataclass(frozen=True, slots=True, eq=False)
class KnownTrack:
    """One person of an analysed clip.

    Attributes:
        number: From 1.
        first_frame: Where it was seen first.
        last_frame: Where it was seen last.
        sightings: In how many frames the detector found it.
        best_frame: The frame of its best face by fidelity, None where none could be assessed.
        pictures: How many faces its reference is made of.
        reference: Their robust mean, None where there is none.
    """

    number: int
    first_frame: int
    last_frame: int
    sightings: int
    best_frame: int | None
    pictures: int
    reference: Embedding | None


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What the first pass found.

    Attributes:
        frames: How many frames could be decoded.
        frame_rate: Frames per second, measured on the time stamps.
        most_missed: For how many frames a face may be missed within a run.
        tracks: By number; what was seen too seldom is not among them.
        problem: What of the clip could not be decoded, None where nothing.
        sightings: The file of the sightings.
    """

    frames: int
    frame_rate: float
    most_missed: int
    tracks: dict[int, KnownTrack]
    problem: str | None
    sightings: Path

    def seen_faces(self) -> Iterator[SeenFace]:
        """Every sighting of a track, frame by frame, from the file."""
        with self.sightings.open(encoding="utf-8") as lines:
            for line in lines:
                frame, track, run, scheme, confidence, box, landmarks = json.loads(line)
                if track in self.tracks:
                    points = np.array(landmarks, np.float64)
                    face = DetectedFace(tuple(box), points, LandmarkScheme(scheme), confidence)
                    yield SeenFace(frame, track, run, face)


def analyse_clip(
    reader: ClipReader,
    assessment: FaceAssessment,
    judge: FaceJudge,
    folder: Path,
    *,
    detect_every: int = 1,
    watch: FaceWatcher | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Look through a clip once.

    Args:
        reader: The clip.
        assessment: Who finds and scores faces.
        judge: Whose embedder says who is who; its other one makes the tracks' references.
        folder: Existing folder for ``sightings.jsonl`` and ``tracks.json``.
        detect_every: The detector looks at every so many frames, and at the last one.
        watch: Called with every followed face that could be assessed.
        progress: Called with a stage's name, how many frames are done, of how many.

    Raises:
        InvalidInput: If `detect_every` is below 1.
        DetectorFailed: If the detector breaks.
    """
    if detect_every < 1:
        raise InvalidInput(f"expected detect_every of 1 or more, got {detect_every}")
    facts = reader.facts
    missed = max(2, detect_every, min(30, round(_MISSED_SECONDS * facts.frame_rate)))
    follower = FaceFollower(judge.embedder.calibration, missed)
    place = folder / "sightings.jsonl"
    span, frames = [0, 0], 0
    thumbnail: Thumbnail | None = None
    with place.open("w", encoding="utf-8") as lines:
        for frame, is_last in _with_last(reader.frames()):
            frames = frame.index + 1
            span = [frame.pts if frame.index == 0 else span[0], frame.pts]
            before, thumbnail = thumbnail, _thumbnail(frame.pixels)
            cut = before is not None and float(np.abs(thumbnail - before).mean()) > _CUT_LEVELS
            if frame.index % detect_every == 0 or is_last or cut:
                lines.writelines(_look(frame, follower, assessment, judge, cut, watch))
            if progress is not None:
                progress("looking for faces", frames, max(frames, facts.frames_expected))
    seconds = float((span[1] - span[0]) * facts.time_base)
    content = {
        "frames": frames,
        "frame_rate": (frames - 1) / seconds if seconds > 0 else float(facts.frame_rate),
        "most_missed": missed,
        "problem": reader.problem(),
        "tracks": [
            _track_line(track)
            for track in follower.tracks
            if track.sightings >= min(_LEAST_SIGHTINGS, -(-frames // detect_every))
        ],
    }
    write_text_file(folder / "tracks.json", json.dumps(content))
    return read_analysis(folder, judge.reference_embedder.name)


def read_analysis(folder: Path, embedder: str) -> Analysis:
    """Read what `analyse_clip` wrote.

    Args:
        folder: Where it wrote.
        embedder: Name of the embedder that made the references.
    """
    content = json.loads((folder / "tracks.json").read_text(encoding="utf-8"))
    tracks = {line["number"]: _known_track(line, embedder) for line in content.pop("tracks")}
    return Analysis(tracks=tracks, sightings=folder / "sightings.jsonl", **content)


def _look(
    frame: ClipFrame,
    follower: FaceFollower,
    assessment: FaceAssessment,
    judge: FaceJudge,
    cut: bool,
    watch: FaceWatcher | None,
) -> Iterator[str]:
    """Find, assess and follow the faces of one frame; one line each."""
    faces = assessment.find_faces(frame.pixels)
    seen = _sightings(faces, frame.pixels, assessment, judge)
    followed = follower.follow(frame.index, seen, cut=cut)
    for aligned, sighting, found in zip(faces, seen, followed, strict=True):
        face, track = sighting.face, found.track.number
        if watch is not None and sighting.scores is not None and found.surely:
            watch(found.track, frame, aligned, sighting.scores)
        box = [round(value, 3) for value in face.box]
        landmarks = np.round(face.landmarks, 3).tolist()
        confidence = round(face.confidence, 3)
        row = [frame.index, track, found.run, face.scheme.value, confidence, box, landmarks]
        yield json.dumps(row) + "\n"


def _sightings(
    faces: list[AlignedFace], image: RGBImage, assessment: FaceAssessment, judge: FaceJudge
) -> list[Sighting]:
    if not faces:
        return []
    crops = [face.pixels for face in faces]
    scores = assessment.assessor.score_batch(crops)
    embeddings = judge.embedder.embed_batch(crops)
    likenesses = judge.reference_embedder.embed_batch(crops)
    return [
        Sighting(
            DetectedFace(face.box, face.landmarks, face.scheme, face.detector_confidence),
            embedding,
            score if assessment.problem_of(face, image) is None else None,
            likeness,
        )
        for face, score, embedding, likeness in zip(
            faces, scores, embeddings, likenesses, strict=True
        )
    ]


def _with_last(frames: Iterator[ClipFrame]) -> Iterator[tuple[ClipFrame, bool]]:
    """Every frame, and whether it is the last one."""
    before = next(frames, None)
    while before is not None:
        frame = next(frames, None)
        yield before, frame is None
        before = frame


def _thumbnail(image: RGBImage) -> Thumbnail:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, _THUMBNAIL, interpolation=cv2.INTER_AREA), np.float32)


def _track_line(track: Track) -> dict[str, Any]:
    reference = track.likeness
    return {
        "number": track.number,
        "first_frame": track.first_frame,
        "last_frame": track.last_frame,
        "sightings": track.sightings,
        "best_frame": track.best[0].frame if track.best else None,
        "pictures": len(track.best),
        "reference": None if reference is None else reference.vector.tolist(),
    }


def _known_track(line: dict[str, Any], embedder: str) -> KnownTrack:
    vector = line.pop("reference")
    reference = None if vector is None else Embedding(np.array(vector, np.float32), embedder)
    return KnownTrack(reference=reference, **line)
