"""The rule that picks one setting: most gain within the budget of losses, ties to the faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .foretelling import foretold_loss, surprises
from .outcomes import Outcome, Trial

__all__ = ["TIE_MARGIN", "Candidate", "candidates_of", "choose", "finalists"]

TIE_MARGIN: Final = 0.5
"""Points of mean overall by which two gains count as equal, at most."""
_TIE_SHARE: Final = 0.05
"""The same as a share of the highest gain: half a point of two would be much."""
_PAIRS_SAY: Final = 0.25
_FINALISTS: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """One choice under one limit, on self-made pairs and on the camera's own faces.

    Attributes:
        trial: The choice.
        outcome: On self-made pairs, where the truth is known.
        real: On real faces, where it is not; the same limit.
        surprise: Losses seen on pairs for each one that the guard foretold, of this restorer.
    """

    trial: Trial
    outcome: Outcome
    real: Outcome
    surprise: float = 1.0

    @property
    def loss(self) -> float:
        """Estimated share of all faces whose identity is lost, 0..1."""
        return foretold_loss(self.real.risk, self.surprise)

    @property
    def gain(self) -> float:
        """Estimated mean gain of overall over all faces.

        Mostly the assessor's on real faces: it correlates .96 with the true gain on other people's
        faces, that on pairs .87 (docs/results/tuning_estimates.md). The latter has a say because a
        restorer that only pleases the assessor gains nothing there.
        """
        return _PAIRS_SAY * self.outcome.merit + (1 - _PAIRS_SAY) * self.real.gain


def finalists(trials: Sequence[Trial], budget: float) -> tuple[Trial, ...]:
    """The complete trials worth trying on real faces, best first."""
    known = surprises(trials)
    ranked = []
    for trial in trials:
        surprise = known.get(trial.choice.restorer, 1.0)
        merits = [
            one.merit
            for one in trial.outcomes
            if one.delivered and foretold_loss(one.risk, surprise) <= budget
        ]
        if trial.complete and merits:
            ranked.append((max(merits), trial))
    ranked.sort(key=lambda pair: -pair[0])
    return tuple(trial for _, trial in ranked[:_FINALISTS])


def candidates_of(trials: Sequence[Trial], real: Mapping[str, Trial]) -> tuple[Candidate, ...]:
    """Every limit of every finalist, with what it came to on real faces.

    Args:
        trials: All that were tried.
        real: The finalists' choices on real faces, by the choice's key.
    """
    known = surprises(trials)
    return tuple(
        Candidate(trial, outcome, seen, known.get(trial.choice.restorer, 1.0))
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
    equal = [one for one in within if one.gain >= best - min(TIE_MARGIN, _TIE_SHARE * best)]
    return min(equal, key=_cost)


def _cost(one: Candidate) -> tuple[float, float, float, float]:
    """What decides between equal gains; a stricter policy that changes nothing is preferred."""
    laxity = one.outcome.limit.policy.max_fidelity_loss
    return one.trial.seconds, round(one.loss, 4), -round(one.gain, 2), laxity
