"""Which outcomes are worth a look: those that no other beats in both gain and losses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .choosing import Candidate
from .outcomes import Outcome, Trial

__all__ = ["marked_outcomes", "moves_front", "pareto_front"]

_MOVE: Final = 0.25
"""Gain by which an outcome must lie before the others to move the front."""


def pareto_front(trials: Iterable[Trial]) -> list[tuple[Trial, Outcome]]:
    """Outcomes of complete trials that no other one beats, the fewest losses first.

    Delivering nothing, with no gain and no loss, is always possible: what gains nothing is left
    out.
    """
    every = [
        (trial, one)
        for trial in trials
        if trial.complete
        for one in trial.outcomes
        if one.delivered
    ]
    every.sort(key=lambda pair: (pair[1].loss, -pair[1].merit))
    front: list[tuple[Trial, Outcome]] = []
    best = 0.0
    for trial, outcome in every:
        if outcome.merit > best:
            best = outcome.merit
            front.append((trial, outcome))
    return front


def marked_outcomes(
    trials: Iterable[Trial], chosen: Candidate | None
) -> list[tuple[Trial, Outcome]]:
    """The front, and the choice where real faces took it off the front, the fewest losses first."""
    marked = pareto_front(trials)
    if chosen is not None and all(one is not chosen.outcome for _, one in marked):
        marked.append((chosen.trial, chosen.outcome))
    return sorted(marked, key=lambda pair: (pair[1].loss, pair[1].merit))


def moves_front(trial: Trial, others: Sequence[Trial]) -> bool:
    """Whether a trial has an outcome clearly before all others with as few losses."""
    known = [one for other in others if other.complete for one in other.outcomes]
    return trial.complete and any(
        own.merit > _MOVE
        and all(one.merit < own.merit - _MOVE for one in known if one.loss <= own.loss)
        for own in trial.outcomes
    )
