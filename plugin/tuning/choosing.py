"""The rule that picks one setting: most gain within the budget of losses, ties to the faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .outcomes import Outcome, Trial

__all__ = ["TIE_MARGIN", "Candidate", "candidates_of", "choose", "finalists"]

TIE_MARGIN: Final = 0.5
"""Points of mean overall by which two gains count as equal."""
_FINALISTS: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """One choice under one limit, on self-made pairs and on the camera's own faces.

    Attributes:
        trial: The choice.
        outcome: On self-made pairs, where the truth is known.
        real: On real faces, where it is not; the same limit.
    """

    trial: Trial
    outcome: Outcome
    real: Outcome

    @property
    def loss(self) -> float:
        """Estimated share of all faces whose identity is lost, 0..1.

        What was seen on the pairs, and what the guard predicts on both, each weighed by its
        faces; together the prediction is worth `PRIOR_PAIRS` pairs.
        """
        pairs, real = self.outcome, self.real
        predicted = pairs.risk * pairs.faces + real.risk * real.faces
        return replace(pairs, risk=predicted / (pairs.faces + real.faces)).loss

    @property
    def gain(self) -> float:
        """Estimated mean gain of overall over all faces.

        The true gain on pairs and the assessor's on real faces, each weighed by its faces: the
        former cannot be pleased by looks alone, the latter knows no self-made truth.
        """
        pairs, real = self.outcome, self.real
        total = pairs.merit * pairs.faces + real.gain * real.faces
        return total / (pairs.faces + real.faces)


def finalists(trials: Sequence[Trial], budget: float) -> tuple[Trial, ...]:
    """The complete trials worth trying on real faces, best first."""
    ranked = []
    for trial in trials:
        best = trial.best_within(budget)
        if trial.complete and best is not None:
            ranked.append((best.merit, trial))
    ranked.sort(key=lambda pair: -pair[0])
    return tuple(trial for _, trial in ranked[:_FINALISTS])


def candidates_of(trials: Sequence[Trial], real: Mapping[str, Trial]) -> tuple[Candidate, ...]:
    """Every limit of every finalist, with what it came to on real faces.

    Args:
        trials: The finalists.
        real: The same choices on real faces, by the choice's key.
    """
    return tuple(
        Candidate(trial, outcome, seen)
        for trial in trials
        if trial.choice.key in real
        for outcome, seen in zip(trial.outcomes, real[trial.choice.key].outcomes, strict=True)
    )


def choose(candidates: Sequence[Candidate], budget: float) -> Candidate | None:
    """Pick the highest gain within the budget.

    Among equals the faster wins, then what loses less, then the stricter policy.

    Returns:
        None where nothing both gains and stays within the budget.
    """
    within = [
        one
        for one in candidates
        if one.loss <= budget and one.gain > 0 and one.outcome.merit > 0 and one.real.delivered
    ]
    if not within:
        return None
    best = max(one.gain for one in within)
    equal = [one for one in within if one.gain >= best - TIE_MARGIN]
    return min(equal, key=_cost)


def _cost(one: Candidate) -> tuple[float, float, float, float]:
    """What decides between equal gains; a stricter policy that changes nothing is preferred."""
    laxity = one.outcome.limit.policy.max_fidelity_loss
    return one.trial.seconds, round(one.loss, 4), -round(one.gain, 2), laxity
