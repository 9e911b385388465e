"""Restores and judges the faces of one frame, each against the best faces of its whole track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...core.faces import AlignedFace, align_face
from ...core.protocols import Restoration, RGBImage
from ...guards.measurement import MeasuredSource
from ...guards.policy import Policy
from ...guards.references import ReferenceSet
from ...guards.remixing import remix_one
from ...guards.rules import accept_faults, mixture_faults
from ...guards.verdict import LEAST_BLEND, Decision, Reason, Verdict
from ..pipeline import Guard
from ..results import GuardedFace
from .placing import PlacedSighting
from .records import face_record

__all__ = ["WHOLE", "ClipJudge", "JudgedFace", "chosen_kind"]

WHOLE: Final = -1
"""The restoration itself, no mixture."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFace:
    """One face of one frame after its own judgement, waiting for its share to be smoothed.

    Attributes:
        place: Where it is, and whose.
        share: Share of the restoration's change that may be delivered, 0..1.
        pixels: (512, 512, 3) uint8 RGB that deliver this share; None where it is 0.
        record: Its line of the decisions, without what is delivered in the end.
    """

    place: PlacedSighting
    share: float
    pixels: RGBImage | None
    record: dict[str, Any]


class ClipJudge:
    """Judges frame after frame, and holds on to what a run got last.

    Two kinds of change are seen as flicker though the person is safe either way, so they are held
    back within a run. Where only a mixture may be delivered, the kind that the run got last is kept
    as long as it passes, though another may score higher. And where the only fault is that the gain
    is too small to begin with, what was delivered last is delivered on as long as it gains anything
    (`overall` not below the input's): every limit of identity holds in that very frame.

    Args:
        guard: Restores and judges.
        references: What each track's person looks like; a track without one is judged without.
        kinds: What each run got last: `WHOLE`, or the mixture's place in the search.
    """

    def __init__(
        self,
        guard: Guard,
        references: Mapping[int, ReferenceSet],
        kinds: Mapping[int, int] | None = None,
    ) -> None:
        self.guard = guard
        self.kinds = dict(kinds or {})
        self._references = references

    def judge(
        self, image: RGBImage, places: Sequence[PlacedSighting], frame: int, seconds: float
    ) -> list[JudgedFace]:
        """Restore and judge every face of a frame.

        Args:
            image: (H, W, 3) uint8 RGB.
            places: Its faces.
            frame: Its number.
            seconds: Its time.

        Raises:
            WeightsMissing: If no restorer can run on this machine at all; likewise
                ChecksumMismatch, UnsupportedWeights and MissingExtra.
        """
        here = {place.run for place in places}
        self.kinds = {run: kind for run, kind in self.kinds.items() if run in here}
        return [self._judge(image, place, frame, seconds) for place in places]

    def _judge(
        self, image: RGBImage, place: PlacedSighting, frame: int, seconds: float
    ) -> JudgedFace:
        face, source = align_face(image, place.face), None
        if self.guard.assessment.problem_of(face, image) is None:
            source = self._source(face, place.track)
        guarded = self.guard.guard_face(face, image, source)
        kind = chosen_kind(guarded.verdict, self.guard.policy, self.kinds.pop(place.run, None))
        record = face_record(frame, seconds, place, guarded)
        if kind is None or guarded.restoration is None or source is None:
            return JudgedFace(place, 0.0, None, {**record, "allowed": 0.0})
        self.kinds[place.run] = kind
        share, pixels = _deliverable(guarded, guarded.restoration, source, kind)
        return JudgedFace(place, share, pixels, {**record, "allowed": round(share, 4)})

    def _source(self, face: AlignedFace, track: int) -> MeasuredSource:
        source = self.guard.judge_of_pairs.measure_source(face.pixels)
        return replace(source, references=self._references.get(track))


def chosen_kind(verdict: Verdict, policy: Policy, last: int | None) -> int | None:
    """What of a restoration may be delivered, with what the run got last in mind.

    Args:
        verdict: The frame's own.
        policy: Under which it was decided.
        last: What the run got in the frame before, None where nothing.

    Returns:
        `WHOLE`, a place in `Verdict.tried`, or None for nothing.
    """
    if verdict.decision is Decision.ACCEPT:
        return WHOLE
    if verdict.decision not in (Decision.BLEND, Decision.REJECT):
        return None
    if last is not None and _may_go_on(verdict, policy, last):
        return last
    names = [one.name for one in verdict.tried or ()]
    return names.index(verdict.mixture) if verdict.mixture in names else None


def _may_go_on(verdict: Verdict, policy: Policy, kind: int) -> bool:
    """Whether the person is safe with this kind in this very frame, and it gains anything."""
    tried = verdict.tried or ()
    # Whether a frame's gain is worth its risk was asked when the kind was chosen.
    unpriced = policy.model_copy(update={"drop_price": 0.0})
    if kind == WHOLE and verdict.evidence is not None:
        evidence, faults = verdict.evidence, accept_faults(verdict.evidence, unpriced)
    elif kind != WHOLE and kind < len(tried) and tried[kind].blend >= LEAST_BLEND:
        evidence, faults = tried[kind].evidence, mixture_faults(tried[kind], unpriced)
    else:
        return False
    return evidence.overall_gain >= 0 and set(faults) <= {Reason.NO_QUALITY_GAIN}


def _deliverable(
    guarded: GuardedFace, restoration: Restoration, source: MeasuredSource, kind: int
) -> tuple[float, RGBImage]:
    """Share of the restoration's change that a kind delivers, and the face with it."""
    if kind == WHOLE:
        return 1.0, restoration.hq
    one = (guarded.verdict.tried or ())[kind]
    if one.name == guarded.verdict.mixture:
        return one.blend, guarded.pixels
    return one.blend, remix_one(source, restoration.lq, restoration.hq, kind)
