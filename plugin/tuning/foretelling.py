"""What share of a camera's faces a choice will lose, from what the guard foretells of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from .outcomes import Outcome, Trial

__all__ = ["COME_TRUE", "foretold_loss", "surprises"]

COME_TRUE: Final = 0.8
"""How many of the foretold losses are counted on on a camera's own faces.

The guard's prediction was fitted on every kind of restoration, exchanged features included, and is
careful with what a policy delivers: on simulated cameras a half comes true. To count on more costs
little gain and leaves room for a camera that is worse (docs/results/tuning_estimates.md).
"""
_PRIOR_LOSSES: Final = 1.0


def foretold_loss(predicted: float, surprise: float) -> float:
    """Estimated share of faces whose identity is lost, 0..1.

    Args:
        predicted: Mean of `predicted_loss` over the faces, 0..1.
        surprise: Losses seen on pairs for each foretold one. Above 1 it counts squared: a
            restorer that loses more than foretold there loses more on the camera's own faces, of
            which the pairs are made, too. Below 1 it does not count: what pairs show only makes
            the estimate more careful.
    """
    return min(1.0, COME_TRUE * max(1.0, surprise) ** 2 * predicted)


def surprises(trials: Sequence[Trial]) -> Mapping[str, float]:
    """Losses seen on pairs for each one that the guard foretold, by restorer.

    Of every complete trial the outcome that delivers most counts; a restorer's trials are
    averaged, since they show the same pairs, and one loss is added to both sides.

    Returns:
        By restorer; those without a complete trial, or without a known truth, are absent.
    """
    seen: dict[str, list[Outcome]] = defaultdict(list)
    for trial in trials:
        known = [one for one in trial.outcomes if one.lost is not None]
        if trial.complete and known:
            most = max(known, key=lambda one: (one.delivered, one.risk))
            seen[trial.choice.restorer].append(most)
    return {name: _surprise(outcomes) for name, outcomes in seen.items()}


def _surprise(outcomes: Sequence[Outcome]) -> float:
    lost = sum(one.lost or 0 for one in outcomes) / len(outcomes)
    foretold = sum(one.risk * one.faces for one in outcomes) / len(outcomes)
    return (lost + _PRIOR_LOSSES) / (foretold + _PRIOR_LOSSES)
