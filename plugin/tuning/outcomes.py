"""What a choice of restorer, settings and limit comes to over a set of faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .measuring import Delivered, Examined, deliver
from .space import Choice, GuardLimit

__all__ = ["PRIOR_PAIRS", "Outcome", "Trial", "sum_up"]

PRIOR_PAIRS: Final = 60
"""How many pairs the guard's own prediction of losses is worth beside those that were seen.

Forty pairs tell a loss of 3 % to within 2.7 % only.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One choice under one limit, over a set of faces; faces left alone count with a gain of 0.

    Attributes:
        limit: The policy and its risk limit.
        faces: How many faces.
        gain: Mean gain of overall by the assessor.
        true_gain: Mean gain of overall against the truth; None where it is not known.
        lost: Faces whose identity was lost; None likewise.
        risk: Mean predicted probability of that, 0..1.
        decisions: Faces by decision.
        gain_delivered: Mean gain by the assessor of the faces that were changed; 0 without any.
    """

    limit: GuardLimit
    faces: int
    gain: float
    true_gain: float | None
    lost: int | None
    risk: float
    decisions: Mapping[str, int]
    gain_delivered: float

    @property
    def delivered(self) -> int:
        """Faces that are changed."""
        return self.decisions.get("ACCEPT", 0) + self.decisions.get("BLEND", 0)

    @property
    def loss(self) -> float:
        """Estimated share of all faces whose identity is lost, 0..1.

        What was seen and what the guard predicts, the latter worth `PRIOR_PAIRS` pairs: the mean
        of a beta distribution. Without a truth the prediction alone.
        """
        if self.lost is None:
            return self.risk
        return (self.lost + PRIOR_PAIRS * self.risk) / (self.faces + PRIOR_PAIRS)

    @property
    def merit(self) -> float:
        """The gain that is maximised: against the truth where it is known."""
        return self.gain if self.true_gain is None else self.true_gain


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice and what every limit makes of it.

    Attributes:
        choice: Restorer and settings.
        faces: On how many self-made pairs it was tried.
        complete: Whether on all of them.
        outcomes: One for each limit, in their order.
        seconds: Median wall time of the restorer for a face.
        problem: Why it was given up, where it was.
    """

    choice: Choice
    faces: int
    complete: bool
    outcomes: tuple[Outcome, ...]
    seconds: float
    problem: str | None = None

    def best_within(self, budget: float) -> Outcome | None:
        """The outcome with the highest merit among those within a budget of losses."""
        within = [one for one in self.outcomes if one.loss <= budget and one.delivered]
        return max(within, key=lambda one: (one.merit, -one.loss), default=None)


def sum_up(
    choice: Choice,
    examined: Sequence[Examined],
    limits: Sequence[GuardLimit],
    *,
    complete: bool = True,
    problem: str | None = None,
) -> Trial:
    """Sum up a choice over the faces on which it was examined, at least one."""
    ran = [one.seconds for one in examined if one.evidence is not None]
    return Trial(
        choice=choice,
        faces=len(examined),
        complete=complete,
        outcomes=tuple(_outcome(limit, examined) for limit in limits),
        seconds=float(np.median(ran)) if ran else 0.0,
        problem=problem,
    )


def _outcome(limit: GuardLimit, examined: Sequence[Examined]) -> Outcome:
    found = [deliver(one, limit.policy) for one in examined]
    changed = [one.gain for one in found if one.name]
    return Outcome(
        limit=limit,
        faces=len(found),
        gain=float(np.mean([one.gain for one in found])),
        true_gain=_true_gain(found),
        lost=None if any(one.lost is None for one in found) else sum(bool(o.lost) for o in found),
        risk=float(np.mean([one.risk for one in found])),
        decisions=Counter(one.decision.value for one in found),
        gain_delivered=float(np.mean(changed)) if changed else 0.0,
    )


def _true_gain(found: Sequence[Delivered]) -> float | None:
    known = [one.true_gain for one in found if one.true_gain is not None]
    return float(np.mean(known)) if len(known) == len(found) else None
