"""What any trial made of the self-made pairs, to be looked at after the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import InvalidInput
from .contact import ContactFace, SheetFace, make_contact_sheet
from .faceset import FaceSet
from .measuring import Examined, FaceExaminer
from .outcomes import Trial
from .self_truth import SelfPair
from .space import Choice, GuardLimit

__all__ = ["TrialFaces"]


@dataclass(frozen=True, slots=True, eq=False)
class TrialFaces:
    """The pairs, and what was measured on them under every complete trial.

    Attributes:
        faces: The self-made pairs.
        examiner: Restores and judges those that are shown.
        examined: By the choice's key, what was measured on each face.
    """

    faces: tuple[SheetFace, ...]
    examiner: FaceExaminer
    examined: Mapping[str, Sequence[Examined]]

    @classmethod
    def of(
        cls,
        trials: Sequence[Trial],
        known: FaceSet,
        pairs: Sequence[SelfPair],
        names: Sequence[str],
        examiner: FaceExaminer,
    ) -> TrialFaces:
        """Take over what a search measured.

        Args:
            trials: Its trials.
            known: The faces on which it tried them, each measured already.
            pairs: The same faces.
            names: Of the camera's faces, by which a pair is known.
            examiner: Who restores and judges.
        """
        found = {
            one.choice.key: known.examine(one.choice, len(pairs), deadline=0.0)
            for one in trials
            if one.complete
        }
        faces = tuple(
            SheetFace(names[pair.face], pair.lq, _overall(index, found), pair.truth)
            for index, pair in enumerate(pairs)
        )
        return cls(faces, examiner, found)

    def show(self, choice: Choice, limit: GuardLimit) -> tuple[ContactFace, ...]:
        """Restore the good, the median and the worst pair of a trial again, with their truth.

        Args:
            choice: Of a complete trial.
            limit: Under which it is delivered.

        Raises:
            InvalidInput: If that choice was not tried on all pairs.
        """
        examined = self.examined.get(choice.key)
        if examined is None:
            raise InvalidInput(f"expected a choice that was tried on all pairs, got {choice.label}")
        return make_contact_sheet(self.faces, examined, self.examiner, choice, limit.policy)


def _overall(index: int, found: Mapping[str, Sequence[Examined]]) -> float:
    """Overall of a face before; 0 where every restorer failed on it."""
    known = (examined[index].evidence for examined in found.values())
    return next((one.lq_scores.overall for one in known if one is not None), 0.0)
