"""What tuning a camera gave."""

from __future__ import annotations

from dataclasses import dataclass

from ...guards.profile import CameraDescription, CameraProfile
from .choosing import Candidate
from .contact import ContactFace
from .outcomes import Trial
from .trial_faces import TrialFaces

__all__ = ["TuningResult"]


@dataclass(frozen=True, slots=True, eq=False)
class TuningResult:
    """Everything that a report shows.

    Attributes:
        profile: The profile; its policy is "observe" where nothing could be chosen.
        chosen: The setting, None where none gains within the budget.
        candidates: Every limit of every finalist.
        trials: Every choice that was tried.
        description: The camera.
        budget: Highest share of faces whose identity may be lost.
        pairs: Self-made pairs with a known truth.
        truths: Faces that stood for the truth.
        real_faces: Real faces that the finalists were tried on.
        frames: Frames that were looked at, of how many.
        warnings: What a person should know, one sentence each.
        problems: (frame, why) of each that could not be read.
        stopped: Why the search ended.
        reused: Trials taken over from an earlier run.
        seconds: Wall time of it all.
        contact: Good, median and worst face of the chosen setting.
        faces: Shows what any complete trial made of the self-made pairs.
    """

    profile: CameraProfile
    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    trials: tuple[Trial, ...]
    description: CameraDescription
    budget: float
    pairs: int
    truths: int
    real_faces: int
    frames: tuple[int, int]
    warnings: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    stopped: str
    reused: int
    seconds: float
    contact: tuple[ContactFace, ...]
    faces: TrialFaces

    @property
    def sentence(self) -> str:
        """What to do, in one sentence."""
        name, budget = self.profile.name, f"{100 * self.budget:g} %"
        if self.chosen is None:
            return (
                f"For camera {name}: leave the faces as they are (policy observe); none of "
                f"{len(self.trials)} settings gains overall while losing the identity of at most "
                f"{budget} of the faces."
            )
        one, real = self.chosen, self.chosen.real
        share = 100 * real.delivered / max(real.faces, 1)
        lost = one.outcome.lost if one.outcome.lost is not None else 0
        return (
            f"For camera {name}: run {one.trial.choice.label} under {one.outcome.limit.label}; "
            f"expect overall {real.gain_delivered:+.0f} on the {share:.0f} % of faces that are "
            f"changed, about {100 * one.loss:.1f} % of all faces losing identity ({lost} of "
            f"{self.pairs} self-made pairs did), {one.trial.seconds:.1f} s a face."
        )
