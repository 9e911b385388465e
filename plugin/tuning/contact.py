"""The good, the median and the worst real face of a chosen setting, before and after."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.errors import RestorerFailed
from ...guards.policy import Policy
from .frames import CameraFace
from .measuring import Examined, FaceExaminer, deliver
from .result import ContactFace
from .space import Choice

__all__ = ["make_contact_sheet"]

_PLACES = ("good", "median", "worst")


def make_contact_sheet(
    faces: Sequence[CameraFace],
    examined: Sequence[Examined],
    examiner: FaceExaminer,
    choice: Choice,
    policy: Policy,
) -> tuple[ContactFace, ...]:
    """Restore three faces again to show them.

    Args:
        faces: The real faces.
        examined: What was measured on each under the choice.
        examiner: Restores and judges.
        choice: Restorer and settings.
        policy: Under which it is delivered.

    Returns:
        Up to three, by the gain of what is delivered; those that are changed come first, so
        that "worst" is the worst that leaves the guard.
    """
    gains = [deliver(one, policy) for one in examined]
    changed = [index for index, one in enumerate(gains) if one.name]
    order = sorted(changed or range(len(gains)), key=lambda index: -gains[index].gain)
    picked = dict(zip(_PLACES, (order[0], order[len(order) // 2], order[-1]), strict=True))
    shown: dict[int, str] = {}
    for place, index in picked.items():
        shown[index] = f"{shown[index]} and {place}" if index in shown else place
    return tuple(
        _show(place, faces[index], examiner, choice, policy) for index, place in shown.items()
    )


def _show(
    place: str, face: CameraFace, examiner: FaceExaminer, choice: Choice, policy: Policy
) -> ContactFace:
    before = face.scores.overall
    try:
        restoration = examiner.restore(face.pixels, choice)
    except RestorerFailed:
        return ContactFace(
            place, face.name, face.pixels, face.pixels, "FAILED", before, before, None
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
    )
