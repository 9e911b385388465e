"""The good, the median and the worst face of a setting, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import RestorerFailed
from ...core.protocols import RGBImage
from ...guards.policy import Policy
from .measuring import Delivered, Examined, FaceExaminer, deliver
from .space import Choice

__all__ = ["ContactFace", "SheetFace", "make_contact_sheet"]

_PLACES = ("good", "median", "worst")


@dataclass(frozen=True, slots=True, eq=False)
class SheetFace:
    """One face that may be shown.

    Attributes:
        name: The frame.
        pixels: (512, 512, 3) uint8 RGB, as the camera took it.
        overall: Its score, of 100.
        truth: What it truly looks like, same shape; None where that is not known.
    """

    name: str
    pixels: RGBImage
    overall: float
    truth: RGBImage | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ContactFace:
    """One face before and after a setting.

    Attributes:
        place: "good", "median" or "worst", by the gain of overall.
        name: The frame.
        before: (512, 512, 3) uint8 RGB.
        after: What the guard delivers, same shape.
        decision: ACCEPT, BLEND, REJECT or FAILED.
        overall_before: Of 100.
        overall_after: Of what is delivered.
        risk: Identity risk of the restoration, 0..1; None where it failed.
        truth: What the face truly looks like, same shape; None where that is not known.
    """

    place: str
    name: str
    before: RGBImage
    after: RGBImage
    decision: str
    overall_before: float
    overall_after: float
    risk: float | None
    truth: RGBImage | None = None


def make_contact_sheet(
    faces: Sequence[SheetFace],
    examined: Sequence[Examined],
    examiner: FaceExaminer,
    choice: Choice,
    policy: Policy,
) -> tuple[ContactFace, ...]:
    """Restore three faces again to show them.

    Args:
        faces: Out of which they are taken.
        examined: What was measured on each under the choice.
        examiner: Restores and judges.
        choice: Restorer and settings.
        policy: Under which it is delivered.

    Returns:
        Up to three, by the gain of what is delivered, against the truth where it is known; those
        that are changed come first, so that "worst" is the worst that leaves the guard.
    """
    found = [deliver(one, policy) for one in examined]
    changed = [index for index, one in enumerate(found) if one.name]
    order = sorted(changed or range(len(found)), key=lambda index: -_gain(found[index]))
    picked = dict(zip(_PLACES, (order[0], order[len(order) // 2], order[-1]), strict=True))
    shown: dict[int, str] = {}
    for place, index in picked.items():
        shown[index] = f"{shown[index]} and {place}" if index in shown else place
    return tuple(
        _show(place, faces[index], examiner, choice, policy) for index, place in shown.items()
    )


def _gain(delivered: Delivered) -> float:
    return delivered.gain if delivered.true_gain is None else delivered.true_gain


def _show(
    place: str, face: SheetFace, examiner: FaceExaminer, choice: Choice, policy: Policy
) -> ContactFace:
    before = face.overall
    try:
        restoration = examiner.restore(face.pixels, choice)
    except RestorerFailed:
        return ContactFace(
            place, face.name, face.pixels, face.pixels, "FAILED", before, before, None, face.truth
        )
    judgement = examiner.judge.judge(restoration, policy)
    verdict = judgement.verdict
    delivered = verdict.guarded or verdict.evidence
    after = before
    if verdict.blend and delivered is not None:
        after = delivered.hq_scores.overall
    return ContactFace(
        place=place,
        name=face.name,
        before=face.pixels,
        after=judgement.pixels,
        decision=verdict.decision.value,
        overall_before=before,
        overall_after=after,
        risk=verdict.evidence.identity_risk if verdict.evidence else None,
        truth=face.truth,
    )
