"""Tunes one camera: from its frames to a profile, with the evidence for a report."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ... import __version__
from ...core.errors import InvalidInput
from ...guards.judgement import FaceJudge
from ...guards.profile import CameraDescription
from ..assessment import FaceAssessment
from ..cameras.weights import judge_weights
from ..parts import default_detector, default_judge
from .cache import KEPT, ExaminedCache
from .characterise import characterise, describe_oddities
from .choosing import Candidate, candidates_of, choose, finalists
from .conclusion import describe_doubts, make_profile
from .contact import ContactFace, SheetFace, make_contact_sheet
from .faceset import FaceSet
from .frames import MOST_FRAMES, CameraFace, CameraFrames, collect_faces
from .hashing import hash_face
from .measuring import FaceExaminer
from .outcomes import Trial, sum_up
from .proposals import require_optuna
from .result import TuningResult
from .search import Search, SearchPlan, SearchResult, Told
from .self_truth import SelfPair, choose_truth, make_self_pairs
from .space import GuardLimit, SearchSpace, runnable_restorers, spread_policies
from .trial_faces import TrialFaces
from .truth import Truth

__all__ = ["LEAST_FACES", "TuningRequest", "self_made_pairs", "tune_camera"]

LEAST_FACES: Final = 5
"""Fewer faces say nothing about a camera."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class TuningRequest:
    """What to tune, and how far.

    Attributes:
        camera: Name of the camera.
        aligned: Every frame already is one face in the FFHQ frame.
        restorers: Names; None takes every one that runs here.
        policy: The policy, with risk limits up to its own; None tries several.
        pairs: Self-made pairs, at most.
        real_faces: Real faces on which the finalists are tried, at most.
        most_frames: Of more frames a sample of this many is looked at.
        plan: Of the search; its seconds include the check of the finalists.
        threads: Of the judging networks; 0 chooses.
    """

    camera: str
    aligned: bool = False
    restorers: tuple[str, ...] | None = None
    policy: str | None = None
    pairs: int = 40
    real_faces: int = 24
    most_frames: int = MOST_FRAMES
    plan: SearchPlan = field(default_factory=SearchPlan)
    threads: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.plan.budget < 1:
            raise InvalidInput(
                "expected a budget of lost identities between 0 and 1 (0.02 is 2 %), got "
                f"{self.plan.budget}"
            )
        if min(self.pairs, self.real_faces, self.most_frames, self.plan.trials) < 1:
            raise InvalidInput("expected pairs, real faces, frames and trials of 1 or more each")


def tune_camera(
    frames: Sequence[Path],
    request: TuningRequest,
    *,
    record: Path | None = None,
    judge: FaceJudge | None = None,
    progress: Progress | None = None,
) -> TuningResult:
    """Find out which restorer, settings and limit suit a camera.

    Args:
        frames: Pictures and folders of that camera.
        request: What to tune.
        record: SQLite file in which everything measured is kept, so that a run that was stopped
            goes on where it was; None keeps it in memory.
        judge: Who judges; the embedded judge by default.
        progress: Told what is done, how far, and of how much, after every frame and face. It may
            raise to stop the work; what was measured stays in the record.

    Returns:
        The profile and the evidence; nothing is written but the record.

    Raises:
        InvalidInput: If there are no frames or fewer than five faces, or a name is wrong.
        MissingExtra: If optuna is not installed.
        WriteFailed: If the record cannot be used.
    """
    started = time.monotonic()
    require_optuna()
    limits = spread_policies(request.policy)
    restorers, absent = runnable_restorers(request.restorers)
    judge = judge or default_judge(request.threads)
    found = collect_faces(
        frames,
        FaceAssessment(judge.assessor, default_detector()),
        aligned=request.aligned,
        most_frames=request.most_frames,
        seed=request.plan.seed,
        progress=progress,
    )
    _require_faces(found)
    description = characterise(found.faces)
    left = request.plan.seconds - (time.monotonic() - started)
    request = replace(request, plan=replace(request.plan, seconds=max(left, 0.0)))
    examiner = FaceExaminer(judge, restorers, limits)
    what = [KEPT, judge_weights(judge), [one.policy.model_dump() for one in limits]]
    context = json.dumps(what)
    with ExaminedCache(record, context) as kept:
        contest = _hold_contest(found, description, request, examiner, kept, record, progress)
    doubts = describe_doubts(found, contest.pairs, contest.truth, absent)
    return TuningResult(
        profile=make_profile(request.camera, contest.chosen, description, found, judge),
        chosen=contest.chosen,
        candidates=contest.candidates,
        trials=contest.searched.trials,
        description=description,
        budget=request.plan.budget,
        pairs=len(contest.pairs),
        truths=len({pair.face for pair in contest.pairs}),
        real_faces=contest.real_faces,
        frames=(found.frames, found.offered),
        warnings=(*describe_oddities(found.faces), *doubts),
        problems=found.problems,
        stopped=contest.searched.stopped,
        reused=contest.searched.reused,
        seconds=time.monotonic() - started,
        contact=contest.contact,
        faces=contest.faces,
    )


class _Contest(NamedTuple):
    """What the search, the check on real faces and the rule gave."""

    pairs: list[SelfPair]
    truth: Truth
    searched: SearchResult
    real_faces: int
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    contact: tuple[ContactFace, ...]
    faces: TrialFaces


def _hold_contest(
    found: CameraFrames,
    description: CameraDescription,
    request: TuningRequest,
    examiner: FaceExaminer,
    kept: ExaminedCache,
    record: Path | None,
    progress: Progress | None,
) -> _Contest:
    """Search on self-made pairs, check the finalists on real faces, and pick one."""
    plan, limits, embedder = request.plan, examiner.limits, examiner.judge.embedder
    pairs = self_made_pairs(found.faces, description, request)
    truths = [pair.truth for pair in pairs]
    truth = Truth(truths, embedder, embedder.calibration.probability_same)
    known = FaceSet([pair.lq for pair in pairs], examiner, kept, truth)
    space = SearchSpace.of([one.info for one in examiner.restorers.values()])
    shown = _some(found.faces, request.real_faces, plan.seed)
    real = FaceSet([face.pixels for face in shown], examiner, kept)

    def checking(trials: tuple[Trial, ...]) -> float:
        judging = known.judging_seconds
        return len(real) * sum(one.seconds + judging for one in finalists(trials, plan.budget))

    search = Search(space, limits, known, plan, progress, checking)
    searched = search.run(record, _study_name(request.camera, pairs, space, limits))
    candidates = _validate(searched, real, limits, plan.budget, progress)
    chosen = choose(candidates, plan.budget)
    contact: tuple[ContactFace, ...] = ()
    if chosen is not None:
        choice, policy = chosen.trial.choice, chosen.outcome.limit.policy
        examined = real.examine(choice, len(real))
        sheet = [SheetFace(face.name, face.pixels, face.scores.overall) for face in shown]
        contact = make_contact_sheet(sheet, examined, examiner, choice, policy)
    names = [face.name for face in found.faces]
    faces = TrialFaces.of(searched.trials, known, pairs, names, examiner)
    return _Contest(pairs, truth, searched, len(shown), candidates, chosen, contact, faces)


def _require_faces(found: CameraFrames) -> None:
    count = len(found.faces)
    if count >= LEAST_FACES:
        return
    what = {0: "no face", 1: "one face"}.get(count, f"{count} faces")
    unread = f", {len(found.problems)} of them unreadable" if found.problems else ""
    raise InvalidInput(
        f"expected at least {LEAST_FACES} faces of the camera, got {what} in {found.frames} "
        f"frames{unread}; give more frames, or say --aligned where every picture is one face"
    )


def self_made_pairs(
    faces: Sequence[CameraFace], description: CameraDescription, request: TuningRequest
) -> list[SelfPair]:
    """Make the pairs with a known truth; the first of each face come first.

    Args:
        faces: The camera's.
        description: How the camera degrades.
        request: Says how many pairs at most, and the seed.
    """
    quality = [face.scores.overall for face in faces]
    truths = len(choose_truth([face.pixels for face in faces], quality))
    per_face = max(1, -(-request.pairs // truths))
    rng = np.random.default_rng(request.plan.seed)
    pixels = [face.pixels for face in faces]
    made = make_self_pairs(pixels, description, rng, per_face, quality=quality)
    return made[: request.pairs]


def _some(faces: Sequence[CameraFace], most: int, seed: int) -> list[CameraFace]:
    if len(faces) <= most:
        return list(faces)
    drawn = np.random.default_rng(seed + 1).choice(len(faces), size=most, replace=False)
    return [faces[int(index)] for index in sorted(drawn)]


def _validate(
    searched: SearchResult,
    real: FaceSet,
    limits: tuple[GuardLimit, ...],
    budget: float,
    progress: Progress | None,
) -> tuple[Candidate, ...]:
    """Try the finalists on the camera's own faces."""
    best = finalists(searched.trials, budget)
    seen = {}
    for number, trial in enumerate(best):
        told = Told(f"checking {trial.choice.label}", number, len(best), progress)
        examined = real.examine(trial.choice, len(real), each=told)
        seen[trial.choice.key] = sum_up(trial.choice, examined, limits)
    return candidates_of(searched.trials, seen)


def _study_name(
    camera: str, pairs: Sequence[SelfPair], space: SearchSpace, limits: tuple[GuardLimit, ...]
) -> str:
    """The same only where trials of an earlier run mean the same."""
    what = [
        [hash_face(pair.lq) for pair in pairs],
        [one.key for one in space.choices()],
        [one.policy.model_dump() for one in limits],
        KEPT,
        __version__,
    ]
    return f"{camera} {hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]}"
