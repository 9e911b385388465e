"""Calibrates a profile: judges every pair once, and sets the threshold by what was lost.

What is bounded, and how, says `guards.calibration`; pictures are read, restored and judged here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ...core.errors import InvalidInput, RestorerFailed
from ...core.faces import frame_as_aligned
from ...core.protocols import Embedder, Restoration, RGBImage
from ...guards.calibration import (
    WHOLE,
    Calibrated,
    Fates,
    JudgedPair,
    calibrate,
    deliverable,
    fates,
    least_pairs,
)
from ...guards.measurement import MeasuredSource
from ...guards.policy import SEARCH_ALWAYS, Policy
from ...guards.profile import CalibrationBlock, CameraProfile
from ...guards.remixing import remix
from ...guards.verdict import Verdict
from ...restorers.output import check_restored
from ..pipeline import Guard
from .known_pairs import KnownPair, KnownPairs
from .losing import LossJudge
from .weights import judge_weights

__all__ = ["Calibration", "calibrate_profile", "judge_pairs", "with_calibration"]

Tell = Callable[[str, int, int], None]

_GIVEN: Final = "given"


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A calibration and what it rests on.

    Attributes:
        result: The threshold, or why there is none.
        block: What goes into the profile; None where no threshold holds.
        pairs: What was judged; pairs without a restoration are not among them.
        fates: (all pairs, thresholds), as of `guards.calibration.fates`.
        problems: (pair, why) of each that could not be judged; they count as not delivered.
    """

    result: Calibrated
    block: CalibrationBlock | None
    pairs: tuple[JudgedPair, ...]
    fates: Fates
    problems: tuple[tuple[str, str], ...]


def calibrate_profile(
    profile: CameraProfile,
    guard: Guard,
    known: KnownPairs,
    recogniser: Embedder | None,
    *,
    alpha: float,
    delta: float,
    source: Literal["pairs", "self"],
    today: str,
    tell: Tell | None = None,
) -> Calibration:
    """Calibrate a profile on pairs whose truth is known.

    Args:
        profile: Whose policy and thresholds apply, but for the threshold that is sought.
        guard: Restores as the profile says and judges; its policy becomes `SEARCH_ALWAYS`.
        known: The pairs.
        recogniser: Tells what is lost; None where it is given.
        alpha: Share of the delivered faces that may be lost, in (0, 1).
        delta: Probability with which that may be exceeded, in (0, 1).
        source: Where the pairs come from.
        today: Date, YYYY-MM-DD.
        tell: Told what is done, how many are done, and of how many.

    Raises:
        InvalidInput: If there are too few pairs; how many are needed is said.
        MissingExtra: If scipy is not installed.
        WeightsMissing: If the restorer is needed and its weights are not here.
    """
    least = least_pairs(alpha, delta)
    if len(known.pairs) < least:
        raise InvalidInput(
            f"expected at least {least} pairs for alpha {alpha:g} and delta {delta:g} even if "
            f"none is lost, got {len(known.pairs)}; bring more, or allow a larger alpha or delta"
        )
    policy = profile.effective_policy()
    judged, problems = judge_pairs(guard, known, recogniser, policy, tell)
    found = fates(judged, policy)
    held = np.zeros((len(known.pairs) - len(judged), found.shape[1]), np.int8)
    found = np.concatenate([found, held])
    result = calibrate(found, alpha, delta)
    block = None
    if result.threshold is not None:
        block = CalibrationBlock(
            alpha=alpha,
            delta=delta,
            pairs=result.pairs,
            accepted=result.delivered,
            lost=result.lost,
            bound=result.bound,
            max_identity_risk=result.threshold,
            source=source,
            truth=_GIVEN if recogniser is None else recogniser.name,
            pairs_sha256=known.sha256,
            **judge_weights(guard.judge_of_pairs),
            calibrated_at=today,
        )
    return Calibration(result, block, tuple(judged), found, tuple(problems))


def with_calibration(profile: CameraProfile, block: CalibrationBlock) -> CameraProfile:
    """The profile with this calibration; where nothing but the date differs, as it was."""
    before = profile.calibration
    if before is not None and before.model_copy(update={"calibrated_at": ""}) == block.model_copy(
        update={"calibrated_at": ""}
    ):
        return profile
    return profile.model_copy(update={"calibration": block})


def judge_pairs(
    guard: Guard,
    known: KnownPairs,
    recogniser: Embedder | None,
    policy: Policy,
    tell: Tell | None = None,
) -> tuple[list[JudgedPair], list[tuple[str, str]]]:
    """Judge every pair, every mixture included, and say of each face what is lost in it.

    Returns:
        The judged pairs, and (name, why) of those that could not be judged.

    Raises:
        WeightsMissing: If the restorer is needed and cannot run here; likewise MissingExtra,
            ChecksumMismatch and UnsupportedWeights.
    """
    truth = None if recogniser is None else _learn(known, recogniser, tell)
    guard.policy = SEARCH_ALWAYS
    judged: list[JudgedPair] = []
    problems: list[tuple[str, str]] = []
    for done, pair in enumerate(known.pairs, 1):
        try:
            judged.append(_judge(guard, pair, truth, policy))
        except (InvalidInput, RestorerFailed) as error:
            problems.append((pair.name, str(error)))
        if tell is not None:
            tell("judging pairs", done, len(known.pairs))
    return judged, problems


def _learn(known: KnownPairs, recogniser: Embedder, tell: Tell | None) -> LossJudge:
    """Embed the true face of each person, the first one that is named."""
    first = {pair.person: pair for pair in reversed(known.pairs)}
    vectors = {}
    for done, (person, pair) in enumerate(sorted(first.items()), 1):
        if pair.read_truth is None:
            raise InvalidInput(f"expected the truth of {pair.name}, got none")
        vectors[person] = recogniser.embed(pair.read_truth()).vector
        if tell is not None:
            tell("learning the truth", done, len(first))
    return LossJudge(recogniser, vectors)


def _judge(guard: Guard, pair: KnownPair, truth: LossJudge | None, policy: Policy) -> JudgedPair:
    lq, hq = pair.read()
    source = guard.judge_of_pairs.measure_source(lq)
    restoration, verdict = _measure(guard, lq, hq, source)
    if restoration is None or verdict.evidence is None or verdict.tried is None:
        raise RestorerFailed(verdict.detail or verdict.reasons[0].text)
    hq = restoration.hq
    names = deliverable(verdict.evidence, verdict.tried, policy)
    if truth is None:
        # Of mixtures nobody said anything: each counts as lost where its restoration is.
        lost = dict.fromkeys((WHOLE, *names), bool(pair.lost))
    else:
        made = {WHOLE: hq, **(remix(source, lq, hq) if set(names) - {WHOLE} else {})}
        wanted = {name: made[name] for name in (WHOLE, *names)}
        lost = truth.lost_in(pair.person, lq, wanted)
    return JudgedPair(verdict.evidence, verdict.tried, lost)


def _measure(
    guard: Guard, lq: RGBImage, hq: RGBImage | None, source: MeasuredSource
) -> tuple[Restoration | None, Verdict]:
    """Restore where nothing was restored yet, and measure every mixture."""
    if hq is None:
        found = guard.guard_face(frame_as_aligned(lq), lq, source)
        return found.restoration, found.verdict
    check_restored(lq, hq, "the restoration")
    restoration = Restoration(lq, hq)
    return restoration, guard.judge_of_pairs.judge(restoration, guard.policy, source).verdict
