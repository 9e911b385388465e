"""Every candidate's turn at one face, and which of their verdicts is followed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..core.errors import (
    FaceFidelityError,
    InvalidInput,
    RestorerDidNothing,
    RestorerFailed,
    RestorerOutputInvalid,
    RestorerTimedOut,
)
from ..core.faces import frame_as_aligned
from ..core.protocols import Restoration, RGBImage
from ..guards.judgement import Judgement
from ..guards.rules import merit
from ..guards.verdict import Decision, Reason, Verdict
from ..restorers.output import check_restored
from .candidates import Candidate
from .results import Attempt
from .timebox import CANNOT_RUN, call_restorer

__all__ = ["Outcome", "failed_judgement", "try_candidates"]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of one face after every candidate had its turn.

    Attributes:
        restoration: What the chosen candidate gave, None when it gave nothing.
        judgement: The verdict that is followed, and the face that it delivers.
        attempts: Every candidate's turn, in their order.
    """

    restoration: Restoration | None
    judgement: Judgement
    attempts: tuple[Attempt, ...]

    @property
    def chosen(self) -> Attempt:
        """The turn whose verdict is followed."""
        return next(attempt for attempt in self.attempts if attempt.chosen)


def try_candidates(
    candidates: Sequence[Candidate],
    lq: RGBImage,
    judge: Callable[[Restoration], Judgement],
    policy: str,
    limit_seconds: float,
) -> Outcome:
    """Let every candidate restore one face, judge each result, and follow the best.

    A candidate that fails does not stop the others; its verdict says why.

    Args:
        candidates: At least one.
        lq: (S, S, 3) uint8 RGB aligned face.
        judge: Judges one restoration of it.
        policy: Name of the policy, for the verdict on a failure.
        limit_seconds: Wall time of one candidate.

    Raises:
        WeightsMissing: If no candidate can run on this machine at all; likewise
            ChecksumMismatch, UnsupportedWeights and MissingExtra.
    """
    attempts: list[Attempt] = []
    unable: list[FaceFidelityError] = []
    best: tuple[Restoration | None, Judgement] | None = None
    chosen = 0
    for index, candidate in enumerate(candidates):
        restoration, started = None, time.perf_counter()
        try:
            restoration = _restore(candidate, lq, limit_seconds)
            judgement = judge(restoration)
        except (RestorerFailed, *CANNOT_RUN) as error:
            unable += [error] if isinstance(error, CANNOT_RUN) else []
            judgement = failed_judgement(lq, error, policy)
        seconds = restoration.seconds if restoration else time.perf_counter() - started
        attempts.append(_attempt(candidate, seconds, judgement.verdict))
        if best is None or merit(judgement.verdict) > merit(best[1].verdict):
            best, chosen = (restoration, judgement), index
    if best is None:
        raise InvalidInput("expected at least one candidate, got none")
    if len(unable) == len(attempts):
        raise unable[0]
    attempts[chosen] = replace(attempts[chosen], chosen=True)
    return Outcome(*best, tuple(attempts))


def failed_judgement(lq: RGBImage, error: FaceFidelityError, policy: str) -> Judgement:
    """FAILED, with what the restorer said; the (S, S, 3) face stays."""
    reasons = (_failure(error),)
    return Judgement(Verdict(Decision.FAILED, 0.0, reasons, policy, detail=str(error)), lq)


def _failure(error: FaceFidelityError) -> Reason:
    if isinstance(error, RestorerTimedOut):
        return Reason.RESTORER_TIMED_OUT
    if isinstance(error, RestorerDidNothing):
        return Reason.RESTORER_DID_NOTHING
    if isinstance(error, RestorerOutputInvalid):
        return Reason.RESTORER_OUTPUT_INVALID
    return Reason.RESTORER_RAISED


def _attempt(candidate: Candidate, seconds: float, verdict: Verdict) -> Attempt:
    return Attempt(
        restorer=candidate.name,
        settings=candidate.plain_settings,
        label=candidate.label,
        seconds=seconds,
        verdict=verdict,
        chosen=False,
    )


def _restore(candidate: Candidate, lq: RGBImage, limit_seconds: float) -> Restoration:
    given, name = lq.copy(), candidate.name
    restored, seconds = call_restorer(
        name, lambda: candidate.restorer.restore(given, candidate.settings), limit_seconds
    )
    hq = check_restored(lq, restored, name)
    if hq.shape != lq.shape:
        hq = frame_as_aligned(hq).pixels
    return Restoration(lq, hq, name, candidate.plain_settings, seconds)
