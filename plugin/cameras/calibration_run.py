"""A whole calibration: pairs from a table or from a camera's frames, judged, with what to doubt.

The command and the page ask for it; what they do with the answer is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ...core.errors import InvalidInput
from ...core.protocols import Embedder
from ...guards.calibration import least_pairs
from ...guards.judgement import FaceJudge
from ...guards.profile import CalibrationBlock
from ..assessment import FaceAssessment
from ..parts import default_judge
from ..pipeline import Guard
from ..tuning.frames import collect_faces
from .calibrating import Calibration, calibrate_profile
from .guarding import guard_of_camera
from .known_pairs import KnownPairs, pairs_of_frames, pairs_of_table
from .profiles import OpenedProfile

__all__ = ["CalibrationPlan", "calibrate_camera", "describe_bound", "describe_shortfall"]

Tell = Callable[[str, int, int], None]
Doubt = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class CalibrationPlan:
    """Where the pairs come from, and what is asked of them.

    Attributes:
        table: CSV of pairs, None where they are made of `frames`.
        frames: Pictures and folders of the camera, empty with a table.
        pictures: The only files that the table may name, by file name; None for any.
        alpha: Share of the delivered faces that may be lost, in (0, 1).
        delta: Probability with which that may be exceeded, in (0, 1).
        per_face: Self-made pairs of each of the best faces.
        aligned: Every picture already is one face in the FFHQ frame.
        threads: Of the judging networks; 0 chooses.
    """

    table: Path | None = None
    frames: tuple[Path, ...] = ()
    pictures: Mapping[str, Path] | None = None
    alpha: float = 0.05
    delta: float = 0.1
    per_face: int = 1
    aligned: bool = False
    threads: int = 0

    def require_one_source(self) -> None:
        """Refuse a plan that cannot be meant.

        Raises:
            InvalidInput: If there is not either a table or frames, or alpha or delta lies outside.
        """
        least_pairs(self.alpha, self.delta)
        if (self.table is None) != bool(self.frames):
            got = "neither" if self.table is None else "both"
            raise InvalidInput(f"expected a table of pairs or frames of the camera, got {got}")


def calibrate_camera(
    opened: OpenedProfile,
    plan: CalibrationPlan,
    recogniser: Callable[[], Embedder],
    *,
    doubt: Doubt,
    tell: Tell | None = None,
    judge: FaceJudge | None = None,
) -> Calibration:
    """Calibrate a camera's profile; nothing is written.

    Args:
        opened: The profile.
        plan: Where the pairs come from, and what is asked.
        recogniser: Opens who tells what is lost; not called where a table tells it.
        doubt: Told what was wrong with an input, or makes the bound less sure: where, and what.
        tell: Told what is done, how many are done, and of how many; may raise to stop.
        judge: Who judges; the embedded judge by default.

    Raises:
        InvalidInput: If plan, profile or pairs cannot be used, or there are too few pairs.
        MissingExtra: If scipy is not installed.
        WeightsMissing: If the restorer's weights are not on this machine.
    """
    plan.require_one_source()
    judge = judge or default_judge(plan.threads)
    judging = guard_of_camera(
        opened, warn=lambda said: doubt("profile", said), run_restorer=False, judge=judge
    )
    known = _pairs(opened, plan, judging.assessment, doubt, tell)
    if known.people < len(known.pairs):
        doubt(
            "pairs",
            f"{len(known.pairs)} pairs of {known.people} faces or people: pairs of one are not "
            "independent, so the bound is surer than it should be",
        )
    return calibrate_profile(
        opened.profile,
        judging if known.restored else guard_of_camera(opened, warn=_know_already, judge=judge),
        known,
        None if known.given else _doubted(recogniser(), judging, doubt),
        alpha=plan.alpha,
        delta=plan.delta,
        source="self" if plan.table is None else "pairs",
        today=datetime.now(timezone.utc).date().isoformat(),
        tell=tell,
    )


def _pairs(
    opened: OpenedProfile,
    plan: CalibrationPlan,
    assessment: FaceAssessment,
    doubt: Doubt,
    tell: Tell | None,
) -> KnownPairs:
    if plan.table is not None:
        return pairs_of_table(plan.table, assessment, aligned=plan.aligned, pictures=plan.pictures)
    frames = collect_faces(plan.frames, assessment, aligned=plan.aligned, progress=tell)
    for name, problem in frames.problems:
        doubt(name, problem)
    tuned = opened.profile.frames
    if tuned is not None and tuned.sha256 == frames.sha256:
        doubt(
            "frames",
            "the profile was tuned on these very frames: the settings were chosen on them, so what "
            "is lost is understated; take other frames of the camera",
        )
    return pairs_of_frames(frames, opened.profile.camera, plan.per_face)


def _doubted(recogniser: Embedder, judging: Guard, doubt: Doubt) -> Embedder:
    if recogniser.name == judging.judge_of_pairs.embedder.name:
        doubt(
            "recogniser",
            f"{recogniser.name} is the guard's own embedder and shares its mistakes; better name "
            "one that is not in the guard, or say what is lost in a column lost",
        )
    return recogniser


def _know_already(said: str) -> None:
    del said


def describe_bound(block: CalibrationBlock) -> tuple[str, str]:
    """What was set, and what it promises, in two sentences."""
    sure = 100 * (1 - block.delta)
    told = "was given" if block.truth == "given" else f"was told by {block.truth}"
    return (
        f"max_identity_risk {block.max_identity_risk:.2f}: of {block.pairs} pairs "
        f"{block.accepted} are delivered, {block.lost} of them lost the person",
        f"with {sure:g} % confidence at most {100 * block.bound:.1f} % of what is delivered is "
        f"lost (asked: {100 * block.alpha:g} %), for pictures like these; what is lost {told}",
    )


def describe_shortfall(found: Calibration, alpha: float) -> str:
    """Why no threshold holds, and what to do."""
    result = found.result
    if result.delivered < result.least:
        if result.delivered == 0:
            need = "the restorer or the policy's other thresholds have to change"
        else:
            need = f"about {-(-result.pairs * result.least // result.delivered)} pairs are needed"
        return (
            f"no threshold can be set: even the laxest delivers {result.delivered} of "
            f"{result.pairs} pairs, {result.least} delivered without a loss are the least; {need}. "
            "The profile is as it was"
        )
    return (
        f"no threshold holds: at the strictest that can be tested {result.lost} of "
        f"{result.delivered} delivered faces lost the person, which bounds the loss at "
        f"{100 * result.bound:.1f} %, not {100 * alpha:g} %; choose another restorer or "
        "milder settings, bring more pairs, or allow a larger alpha. The profile is as it was"
    )
