"""Drift watch: today's faces of a camera against those that its profile was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ...core.errors import InvalidInput
from ...core.scores import HEADS
from ...guards.likeness import Likeness, MeasureShift, check_likeness, least_faces
from ...guards.profile import CameraDescription, CameraProfile
from ..assessment import FaceAssessment
from ..tuning.characterise import MEASURES
from ..tuning.frames import CameraFace, collect_faces

__all__ = ["CameraCheck", "ShownShift", "check_camera"]

_SIGNAL: Final = "signal "
"""Parts signals from the heads: both have a noise."""
_LABELS: Final = {_SIGNAL + one.name: f"{one.label} {one.unit}".strip() for one in MEASURES}
_STRONG: Final = ((0.5, "far"), (0.3, "clearly"), (0.0, "somewhat"))


@dataclass(frozen=True, slots=True)
class ShownShift:
    """How one measure moved, for people.

    Attributes:
        label: Name of the measure.
        before: Its median over the faces of the profile.
        today: Its median today.
        distance: Largest gap of the distribution functions, 0..1.
        p_value: Probability of such a gap where nothing changed.
        moved: Whether that is an alarm.
        words: By how much, in words.
    """

    label: str
    before: float
    today: float
    distance: float
    p_value: float
    moved: bool
    words: str


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """What came of a check.

    Attributes:
        alike: Whether the faces are like those of the profile; False too where there are too few.
        faces: Faces of today.
        least: Fewest faces with which an alarm is possible.
        alarm_rate: How often an unchanged camera raises an alarm, at most.
        shifts: One a measure, heads first; empty where there are too few faces.
        sentence: The finding in one sentence.
        problems: (frame, why) of each that could not be read.
    """

    alike: bool
    faces: int
    least: int
    alarm_rate: float
    shifts: tuple[ShownShift, ...]
    sentence: str
    problems: tuple[tuple[str, str], ...]

    def as_record(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "alike": self.alike,
            "faces": self.faces,
            "least_faces": self.least,
            "alarm_rate": self.alarm_rate,
            "moved": [shift.label for shift in self.shifts if shift.moved],
            "measures": [asdict(shift) for shift in self.shifts],
            "sentence": self.sentence,
        }


def check_camera(
    profile: CameraProfile,
    frames: Sequence[Path],
    assessment: FaceAssessment,
    alarm_rate: float = 0.01,
    *,
    aligned: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> CameraCheck:
    """Compare today's frames with what the profile keeps of the tuning frames.

    Args:
        profile: With its camera's description.
        frames: Pictures and folders of today.
        assessment: Finds and scores faces.
        alarm_rate: Over all measures together, in (0, 1).
        aligned: Every picture already is one face in the FFHQ frame.
        progress: Told after every frame.

    Raises:
        InvalidInput: If the profile keeps no values, the rate is out of range, or there is no
            picture.
    """
    kept = _kept(profile)
    camera = profile.camera
    if camera is None or not kept:
        raise InvalidInput(
            f"expected a profile that describes its camera, {profile.name} does not; make one "
            "with: facefidelity tune"
        )
    if not 0.0 < alarm_rate < 1.0:
        raise InvalidInput(f"expected --alarm-rate between 0 and 1, got {alarm_rate}")
    seen = collect_faces(frames, assessment, aligned=aligned, progress=progress)
    least = max(2, min(least_faces(len(v), len(kept), alarm_rate) for v in kept.values()))
    found = len(seen.faces)
    if found < least:
        said = (
            f"too few faces to tell: {found} in {seen.frames} frames, at least {least} are needed "
            f"for an alarm at a rate of {alarm_rate:g}; take more frames"
        )
        return CameraCheck(False, found, least, alarm_rate, (), said, seen.problems)
    likeness = check_likeness(kept, _today(seen.faces), camera.faces, alarm_rate)
    shifts = tuple(_shown(shift) for shift in likeness.shifts)
    sentence = _sentence(profile.name, likeness, shifts, found)
    return CameraCheck(likeness.alike, found, least, alarm_rate, shifts, sentence, seen.problems)


def _kept(profile: CameraProfile) -> dict[str, tuple[float, ...]]:
    camera: CameraDescription | None = profile.camera
    if camera is None:
        return {}
    signals = {_SIGNAL + name: values for name, values in camera.signals.items()}
    return {name: camera.scores[name] for name in HEADS if name in camera.scores} | signals


def _today(faces: Sequence[CameraFace]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {
        head: [getattr(one.scores, head) for one in faces] for head in HEADS
    }
    for measure in MEASURES:
        read = (measure.read(one.signals) for one in faces)
        values[_SIGNAL + measure.name] = [value for value in read if value is not None]
    return values


def _shown(shift: MeasureShift) -> ShownShift:
    words = "as before"
    if shift.moved:
        strength = next(word for least, word in _STRONG if shift.distance >= least)
        change = shift.today - shift.before
        way = "higher" if change > 0 else "lower" if change < 0 else "another spread"
        words = f"moved: {strength} {way}"
    return ShownShift(
        label=_LABELS.get(shift.name, f"{shift.name} (score)"),
        before=shift.before,
        today=shift.today,
        distance=round(shift.distance, 4),
        p_value=shift.p_value,
        moved=shift.moved,
        words=words,
    )


def _sentence(camera: str, likeness: Likeness, shifts: Sequence[ShownShift], faces: int) -> str:
    moved = [shift for shift in shifts if shift.moved]
    if not moved:
        return (
            f"{camera}: today's {faces} faces are like those the profile was tuned on "
            f"(false-alarm rate {likeness.alarm_rate:g} over {len(shifts)} measures)"
        )
    named = "; ".join(
        f"{shift.label} {shift.before:.3g} > {shift.today:.3g}"
        for shift in sorted(moved, key=lambda one: -one.distance)[:3]
    )
    return (
        f"{camera}: today's {faces} faces are not those the profile was tuned on ({named}); look "
        "at the camera, and tune and calibrate again if it stays so"
    )
