"""The search over restorers and settings: proposals are tried on self-made pairs.

Each is tried on a few pairs, then on more, and given up early where finished ones are clearly
better (successive halving). Every limit of the guard is tried on the same measurements. Finished
trials of an earlier run are taken over from the record.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .faceset import FaceSet
from .front import moves_front
from .measuring import Examined
from .outcomes import Trial, sum_up
from .proposals import Proposals
from .space import Choice, GuardLimit, SearchSpace

__all__ = ["Search", "SearchPlan", "SearchResult", "Told"]

_RUNGS: Final = ((0.2, 4.0), (0.5, 2.0))
"""Share of the pairs after which a trial may be given up, and the gain it must be behind by."""
_LEAST_RUNG: Final = 6


Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are done, and of how many."""
Reserve = Callable[[tuple[Trial, ...]], float]
"""Seconds that must be left for what comes after the search, given the trials so far."""


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How far the search goes.

    Attributes:
        trials: Choices at most, those of earlier runs included.
        seconds: Wall time of the search and of what follows it, about; that of trials of earlier
            runs included.
        patience: Stops after so many choices that did not move the Pareto front.
        seconds_per_face: A slower restorer is given up after its first face.
        budget: Highest share of faces whose identity may be lost, 0..1.
        seed: Of the proposals.
    """

    trials: int = 30
    seconds: float = 780.0
    patience: int = 12
    seconds_per_face: float = 6.0
    budget: float = 0.05
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What the search found.

    Attributes:
        trials: Every choice that was tried, in their order, those given up included.
        stopped: Why it ended, in words.
        reused: How many trials came from an earlier run.
    """

    trials: tuple[Trial, ...]
    stopped: str
    reused: int


class Told:
    """Tells one stage of the work again after every face; whoever is told may raise to stop it.

    Args:
        stage: What is done.
        done: How many stages like it are done.
        total: Of how many.
        progress: Who is told, None for nobody.
    """

    def __init__(self, stage: str, done: int, total: int, progress: Progress | None) -> None:
        self._stage = stage
        self._done = done
        self._total = total
        self._progress = progress
        self._faces = 0
        self()

    def __call__(self) -> None:
        """Tell it; every call but the first is for one more face."""
        if self._progress is not None:
            faces = f", face {self._faces}" if self._faces else ""
            self._progress(f"{self._stage}{faces}", self._done, self._total)
        self._faces += 1


class Search:
    """One search.

    Args:
        space: What may be chosen.
        limits: The guard's limits to try.
        pairs: The self-made pairs.
        plan: How far to go.
        progress: Called with what is tried, trials done, and trials at most.
        reserve: How much of the plan's time to leave over; none by default.
    """

    def __init__(
        self,
        space: SearchSpace,
        limits: tuple[GuardLimit, ...],
        pairs: FaceSet,
        plan: SearchPlan,
        progress: Progress | None = None,
        reserve: Reserve = lambda _trials: 0.0,
    ) -> None:
        self.space = space
        self.limits = limits
        self.pairs = pairs
        self.plan = plan
        self._progress = progress
        self._reserve = reserve
        self._end_at = 0.0
        self._trials: dict[str, Trial] = {}
        self._unmoved = 0

    def run(self, path: Path | None, name: str) -> SearchResult:
        """Search until one of the plan's ends is met.

        Args:
            path: SQLite file of the record, made where it is missing; None keeps it in memory.
            name: Of the study: the same only for the same pairs, space and guard.

        Raises:
            MissingExtra: If optuna is not installed.
            WriteFailed: If the file cannot be used.
        """
        started = time.monotonic()
        proposals = Proposals(self.space, path, name, self.plan.seed, self.plan.trials)
        self._end_at = started + self.plan.seconds - proposals.spent()
        for choice, faces, problem in proposals.finished():
            self._recall(choice, faces, problem)
        reused = len(self._trials)
        stopped = self._end()
        while stopped is None:
            asked, choice = proposals.propose(self._trials)
            trial = self._try(choice)
            if trial is None:
                proposals.abandon(asked)
                stopped = "the time was over"
            else:
                proposals.record(asked, trial, self.plan.budget)
                self._keep(trial)
                stopped = self._end()
        return SearchResult(tuple(self._trials.values()), stopped, reused)

    def _recall(self, choice: Choice, faces: int, problem: str | None) -> None:
        """Take over a finished trial, where every measurement of it is still there."""
        examined = self.pairs.examine(choice, faces, deadline=0.0)
        if len(examined) == faces > 0:
            self._keep(self._sum(choice, examined, problem))

    def _keep(self, trial: Trial) -> None:
        moved = moves_front(trial, tuple(self._trials.values()))
        self._unmoved = 0 if moved else self._unmoved + 1
        self._trials[trial.choice.key] = trial

    @property
    def _deadline(self) -> float:
        return self._end_at - self._reserve(tuple(self._trials.values()))

    def _end(self) -> str | None:
        """Why the search ends here, None where it goes on."""
        if len(self._trials) >= self.space.size:
            return "every choice was tried"
        if len(self._trials) >= self.plan.trials:
            return f"all {self.plan.trials} trials were made"
        if self._unmoved >= self.plan.patience and len(self._trials) > len(self.space.defaults()):
            return f"nothing better came in {self._unmoved} trials"
        return "the time was over" if time.monotonic() > self._deadline else None

    def _try(self, choice: Choice) -> Trial | None:
        """Try a choice on more and more pairs; None where the time was over."""
        deadline = self._deadline
        total = len(self.pairs)
        most = min(self.plan.trials, self.space.size)
        stage = f"trying {choice.label}", len(self._trials), most
        told = Told(*stage, self._progress)
        first = self.pairs.examine(choice, 1, deadline=deadline, each=told)
        if first and first[0].seconds > self.plan.seconds_per_face:
            return self._sum(choice, first, f"too slow: {first[0].seconds:.1f} s a face")
        for share, behind in (*_RUNGS, (1.0, 0.0)):
            count = min(total, max(_LEAST_RUNG, round(share * total)))
            told = Told(*stage, self._progress)
            examined = self.pairs.examine(choice, count, deadline=deadline, each=told)
            if len(examined) < count:
                return None
            trial = self._sum(choice, examined, None)
            if count < total and self._is_behind(trial, behind):
                return self._sum(choice, examined, f"clearly behind after {count} pairs")
        return trial

    def _is_behind(self, trial: Trial, behind: float) -> bool:
        """Whether a finished choice is better on the same first pairs by more than a margin."""
        own = trial.best_within(self.plan.budget)
        merit = own.merit if own is not None else 0.0
        for other in self._trials.values():
            if other.complete:
                known = self.pairs.examine(other.choice, trial.faces, deadline=0.0)
                best = self._sum(other.choice, known, None).best_within(self.plan.budget)
                if best is not None and best.merit > merit + behind:
                    return True
        return False

    def _sum(self, choice: Choice, examined: list[Examined], problem: str | None) -> Trial:
        complete = len(examined) == len(self.pairs) and problem is None
        return sum_up(choice, examined, self.limits, complete=complete, problem=problem)
