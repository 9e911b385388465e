"""Follows faces from frame to frame: where one is expected says little, whose it is decides.

A *run* is one unbroken piece of a track: the face moves on, or is missed for a moment. A *track* is
the person: after a longer gap or a cut a face that looks like a known track goes on as a new run of
it. Two people who cross are told apart by their embeddings, since place would swap them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...core.embedding import Embedding, SimilarityCalibration
from ...core.faces import DetectedFace
from .tracks import Sighting, Track

__all__ = ["FaceFollower", "Followed"]

_LEAST_PLACE: Final = 0.3
"""Nearness to the expected place from which a face may be the same one, however it looks."""
_SURELY: Final = 0.95
"""Probability of being a known person from which a face far from its place is taken for it."""
_HARDLY: Final = 0.1
"""Below it a face contradicts the track that it lies in."""
_PATIENCE: Final = 5
"""So many contradicting faces in a row, alike among themselves, are somebody else."""
_IDENTITY_WEIGHT: Final = 2.0
"""Of the look beside the place, where several faces compete."""
_VELOCITY_SHARE: Final = 0.5

Point = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Followed:
    """Which track and run a sighting belongs to, and whether it looks like that person."""

    track: Track
    run: int
    surely: bool


@dataclass(slots=True, eq=False)
class _Run:
    number: int
    track: Track
    face: DetectedFace
    frame: int
    velocity: Point
    stranger: Embedding | None = None
    strikes: int = 0

    def expected_centre(self, frame: int) -> Point:
        return _centre(self.face) + self.velocity * (frame - self.frame)

    def move(self, face: DetectedFace, frame: int) -> None:
        shift = (_centre(face) - _centre(self.face)) / max(1, frame - self.frame)
        self.velocity = self.velocity + _VELOCITY_SHARE * (shift - self.velocity)
        self.face, self.frame = face, frame


class FaceFollower:
    """Gives every face of every frame its track and run.

    Args:
        calibration: What the embedder's cosine similarities mean.
        most_missed: A run ends when its face was not seen for more frames.
    """

    def __init__(self, calibration: SimilarityCalibration, most_missed: int) -> None:
        self.tracks: list[Track] = []
        self._calibration = calibration
        self._most_missed = most_missed
        self._runs: list[_Run] = []
        self._runs_made = 0

    def follow(self, frame: int, seen: Sequence[Sighting], *, cut: bool) -> list[Followed]:
        """Assign the faces of one frame.

        Args:
            frame: Its number, larger than the one before.
            seen: Its faces.
            cut: Whether the picture changed so much that places mean nothing.

        Returns:
            One for each face, in order; no two share a track.
        """
        self._runs = [
            run for run in self._runs if not cut and frame - run.frame <= self._most_missed
        ]
        found: dict[int, Followed] = {}
        taken: set[int] = set()
        for _, index, run in self._offers(frame, seen):
            if index not in found and run.track.number not in taken and run in self._runs:
                followed = self._continue(run, seen[index], frame)
                if followed is not None:
                    found[index] = followed
                    taken.add(run.track.number)
        for index, sighting in enumerate(seen):
            if index not in found:
                found[index] = self._begin(sighting, frame, taken)
                taken.add(found[index].track.number)
            found[index].track.see(frame, sighting, surely=found[index].surely)
        return [found[index] for index in range(len(seen))]

    def _alike(self, track: Track, embedding: Embedding) -> float:
        """Probability that a face is a track's person; an open question where it has no face."""
        reference = track.reference
        if reference is None:
            return 0.5
        return self._calibration.probability_same(reference.cosine_similarity(embedding))

    def _offers(self, frame: int, seen: Sequence[Sighting]) -> list[tuple[float, int, _Run]]:
        """Every possible continuation, the best first."""
        offers = []
        for run in self._runs:
            for index, sighting in enumerate(seen):
                place = _nearness(run, sighting.face, frame)
                alike = self._alike(run.track, sighting.embedding)
                if place >= _LEAST_PLACE or (place > 0 and alike >= _SURELY):
                    offers.append((place + _IDENTITY_WEIGHT * alike, index, run))
        return sorted(offers, key=lambda offer: (-offer[0], offer[1], offer[2].number))

    def _continue(self, run: _Run, sighting: Sighting, frame: int) -> Followed | None:
        """Take the sighting into the run; None where the run now shows somebody else and ends."""
        surely = self._alike(run.track, sighting.embedding) >= _HARDLY
        if surely:
            run.strikes, run.stranger = 0, None
        else:
            run.strikes = run.strikes + 1 if self._same_stranger(run, sighting) else 1
            run.stranger = sighting.embedding
            if run.strikes >= _PATIENCE:
                self._runs.remove(run)
                return None
        run.move(sighting.face, frame)
        return Followed(run.track, run.number, surely)

    def _same_stranger(self, run: _Run, sighting: Sighting) -> bool:
        if run.stranger is None:
            return False
        cosine = run.stranger.cosine_similarity(sighting.embedding)
        return self._calibration.probability_same(cosine) >= 0.5

    def _begin(self, sighting: Sighting, frame: int, taken: set[int]) -> Followed:
        """A new run: of the known track that the face surely is, or of a new one."""
        known = [
            (self._alike(track, sighting.embedding), -track.number, track)
            for track in self.tracks
            if track.number not in taken and track.reference is not None
        ]
        best = max(known, key=lambda one: one[:2], default=None)
        if best is not None and best[0] >= _SURELY:
            track = best[2]
            self._runs = [run for run in self._runs if run.track is not track]
        else:
            track = Track(len(self.tracks) + 1, frame, frame)
            self.tracks.append(track)
        self._runs_made += 1
        self._runs.append(_Run(self._runs_made, track, sighting.face, frame, np.zeros(2)))
        return Followed(track, self._runs_made, True)


def _centre(face: DetectedFace) -> Point:
    x0, y0, x1, y1 = face.box
    return np.array([(x0 + x1) / 2, (y0 + y1) / 2])


def _nearness(run: _Run, face: DetectedFace, frame: int) -> float:
    """1 where a face lies as expected, 0 from a width away; smaller where its size differs."""
    width, other = run.face.width_px, face.width_px
    distance = float(np.linalg.norm(run.expected_centre(frame) - _centre(face)))
    return max(0.0, 1 - distance / max(width, other)) * min(width, other) / max(width, other)
