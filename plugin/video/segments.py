"""The second pass: frames in, finished segments out, and what must be known to go on after each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...core.protocols import RGBImage
from ...guards.references import ReferenceSet
from ..pipeline import Guard
from .analysis import Analysis, Progress
from .decoding import ClipFrame, ClipReader
from .delivering import deliver_frame
from .encoding import SegmentWriter
from .judging import ClipJudge, JudgedFace
from .placing import place_faces
from .records import to_line, with_delivered
from .referencing import track_references
from .settings import ClipSettings
from .steadying import ShareHistory, steady_shares
from .work import WorkFolder

__all__ = ["SecondPass"]


@dataclass(slots=True, eq=False)
class SecondPass:
    """Restores, judges, smooths and writes the frames of one clip, segment by segment.

    Attributes:
        reader: The clip.
        guard: Restores and judges.
        settings: Everything else.
        analysis: What the first pass found.
        work: Where segments and states go.
        references: Enrolled pictures of one person, None without.
        progress: Called with a stage's name, how many frames are done, of how many.
    """

    reader: ClipReader
    guard: Guard
    settings: ClipSettings
    analysis: Analysis
    work: WorkFolder
    references: ReferenceSet | None
    progress: Progress | None
    _states: dict[int, dict[str, Any]] = field(default_factory=dict)
    _waiting: deque[list[JudgedFace]] = field(default_factory=deque)

    @property
    def segments(self) -> int:
        """How many there are in all."""
        return -(-self.analysis.frames // self.settings.segment_frames)

    def write_segments(self) -> int:
        """Write every segment that is not finished; how many were."""
        done = self.work.finished()
        if done < self.segments and not self.stays_as_it_is:
            self._write_from(done)
        return done

    @property
    def is_mp4_already(self) -> bool:
        """Whether the input's own bytes would do where no face is replaced."""
        whole = self.analysis.problem is None and self.settings.upscale == 1
        return whole and self.reader.path.suffix.lower() == ".mp4"

    @property
    def stays_as_it_is(self) -> bool:
        """Whether nothing has to be judged or written: no face, and the input is what is wanted."""
        return self.is_mp4_already and not self.analysis.tracks

    def _write_from(self, first: int) -> None:
        size, settings = self.settings.segment_frames, self.settings
        start = first * size
        shares = self._shares(start, self.work.state_after(first))
        frames = self.reader.frames(start)
        for segment in range(first, self.segments):
            lines: list[str] = []
            count = min(size, self.analysis.frames - segment * size)
            place, facts = self.work.picture_file(segment), self.reader.facts
            with SegmentWriter(place, facts, settings.crf, settings.upscale, size) as writer:
                for _ in range(count):
                    frame, (index, share) = next(frames), next(shares)
                    writer.write(self._deliver(frame, share, lines), frame.pts)
                    if self.progress is not None:
                        self.progress("restoring", index + 1, self.analysis.frames)
            self.work.finish(segment, lines, self._states.pop((segment + 1) * size, {}))

    def _deliver(self, frame: ClipFrame, shares: dict[int, float], lines: list[str]) -> RGBImage:
        faces = self._waiting.popleft()
        lines += [to_line(with_delivered(one.record, shares[one.place.run])) for one in faces]
        return deliver_frame(frame.pixels, faces, shares, self.settings.upscale)

    def _shares(self, start: int, state: dict[str, Any]) -> Iterator[tuple[int, dict[int, float]]]:
        window = self.settings.half_window(self.analysis.frame_rate)
        history = ShareHistory[int](window)
        for run, frame, share in state.get("shares", []):
            history.add(run, frame, share)
        return steady_shares(self._judged(start, state, history), history)

    def _judged(
        self, start: int, state: dict[str, Any], history: ShareHistory[int]
    ) -> Iterator[tuple[int, dict[int, float]]]:
        """Judge frame after frame, and note what must be known to go on from a segment's start."""
        kinds = {int(run): kind for run, kind in state.get("kinds", {}).items()}
        references = track_references(self.analysis, self.guard, self.references)
        judge = ClipJudge(self.guard, references, kinds)
        places = place_faces(
            self.analysis.seen_faces(),
            self.analysis.frames,
            self.analysis.most_missed,
            self.analysis.frame_rate,
            start,
        )
        # A decoder of its own: what waits for its share is faces, not frames.
        frames = ClipReader(self.reader.path).frames(start)
        for frame, seen in zip(frames, places, strict=True):
            if frame.index % self.settings.segment_frames == 0:
                self._states[frame.index] = {
                    "shares": [
                        one
                        for one in history.snapshot()
                        if one[1] >= frame.index - 2 * history.half_window
                    ],
                    "kinds": dict(judge.kinds),
                }
            seconds = float(frame.pts * self.reader.facts.time_base)
            faces = judge.judge(frame.pixels, seen, frame.index, seconds)
            self._waiting.append(faces)
            yield frame.index, {face.place.run: face.share for face in faces}
