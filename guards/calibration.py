"""Sets the accepting threshold so that a stated share of losses is not exceeded.

What is bounded: P(identity lost | delivered), where *delivered* is what the guard gives out at a
threshold, the whole restoration or the mixture that it chooses there, and *lost* is what a
recogniser says of that very face. The method is Learn-then-Test (Angelopoulos et al. 2021,
arXiv 2110.01052) by fixed-sequence testing: thresholds on a fixed grid are tested from strict to
lax with an exact binomial test, until the first that fails.

Statistics only: nothing here reads a file or runs a network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput, MissingExtra
from .counterfactual import decide_under
from .policy import Policy
from .verdict import Decision, Evidence, TriedMixture

__all__ = [
    "DELIVERED",
    "HELD_BACK",
    "LOST",
    "THRESHOLDS",
    "WHOLE",
    "Calibrated",
    "JudgedPair",
    "calibrate",
    "deliverable",
    "fates",
    "least_pairs",
    "upper_bound",
]

THRESHOLDS: Final = tuple(step / 100 for step in range(1, 101))
"""The grid of `max_identity_risk`, strict to lax; fixed, whatever the pairs say."""

WHOLE: Final = ""
"""Stands for the restoration itself among the names of mixtures."""

HELD_BACK: Final = 0
DELIVERED: Final = 1
LOST: Final = 2
"""Fates of a pair at a threshold: not delivered, delivered as the person, delivered and lost."""

_START_SHARE: Final = 5
"""Testing starts where a fifth of what the laxest threshold delivers is delivered, or later."""

Fates = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPair:
    """One pair whose truth is known.

    Attributes:
        evidence: What the guard measured on the restoration.
        tried: What it measured on every mixture.
        lost: Whether the identity is lost in each face that `deliverable` names.
    """

    evidence: Evidence
    tried: Sequence[TriedMixture]
    lost: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What came of a calibration.

    Attributes:
        threshold: Laxest `max_identity_risk` that holds, or the strictest one that does the same to
            every pair; None where none holds.
        pairs: Pairs in all.
        delivered: Of them delivered at that threshold; where none holds, at the first tested one,
            and where none could be tested, at the laxest.
        lost: Of these the lost.
        bound: Exact upper bound of the share lost, at confidence 1 - delta.
        least: Delivered pairs below which nothing can be said, even without a loss.
    """

    threshold: float | None
    pairs: int
    delivered: int
    lost: int
    bound: float
    least: int


def least_pairs(alpha: float, delta: float) -> int:
    """Smallest n for which n delivered pairs without a loss suffice: (1 - alpha)^n <= delta.

    Args:
        alpha: Share of losses that is tolerated, in (0, 1).
        delta: Probability with which that may be wrong, in (0, 1).

    Raises:
        InvalidInput: If one lies outside.
    """
    for name, value in (("alpha", alpha), ("delta", delta)):
        if not 0.0 < value < 1.0:
            raise InvalidInput(f"expected {name} between 0 and 1, both left out, got {value}")
    # The smallest n by the very comparison; the logarithm is only near it.
    n = max(1, ceil(log(delta) / log(1.0 - alpha)) - 1)
    while (1.0 - alpha) ** n > delta:
        n += 1
    return n


def upper_bound(lost: int, delivered: int, delta: float) -> float:
    """Clopper and Pearson's exact one-sided upper bound of a share.

    Args:
        lost: How many of the delivered were lost.
        delivered: How many were delivered; of none the bound is 1.
        delta: Probability with which the true share may lie above.

    Raises:
        InvalidInput: If the counts contradict each other.
        MissingExtra: If scipy is not installed.
    """
    if not 0 <= lost <= delivered or not 0.0 < delta < 1.0:
        raise InvalidInput(f"expected 0 <= lost <= delivered, got {lost} of {delivered} at {delta}")
    if lost == delivered:
        return 1.0
    try:
        from scipy.stats import beta
    except ImportError as error:
        raise MissingExtra("calibrating", "tune") from error
    return float(beta.ppf(1.0 - delta, lost + 1, delivered - lost))


def deliverable(
    evidence: Evidence,
    tried: Sequence[TriedMixture],
    policy: Policy,
    thresholds: Sequence[float] = THRESHOLDS,
) -> tuple[str, ...]:
    """Names of the faces that would be delivered at one threshold or another, `WHOLE` for HQ."""
    found = (_delivered(evidence, tried, one) for one in _policies(policy, thresholds))
    return tuple(dict.fromkeys(name for name in found if name is not None))


def fates(
    pairs: Sequence[JudgedPair], policy: Policy, thresholds: Sequence[float] = THRESHOLDS
) -> Fates:
    """What becomes of every pair at every threshold.

    Args:
        pairs: Pairs whose truth is known.
        policy: Whose other thresholds stay as they are.
        thresholds: `max_identity_risk`, in ascending order.

    Returns:
        (len(pairs), len(thresholds)) of `HELD_BACK`, `DELIVERED` and `LOST`. At each threshold
        the decision is made anew: a laxer one may choose another mixture.
    """
    found = np.zeros((len(pairs), len(thresholds)), np.int8)
    for column, limited in enumerate(_policies(policy, thresholds)):
        for row, pair in enumerate(pairs):
            name = _delivered(pair.evidence, pair.tried, limited)
            if name is not None:
                found[row, column] = LOST if pair.lost[name] else DELIVERED
    return found


def calibrate(
    found: Fates,
    alpha: float,
    delta: float,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Calibrated:
    """Find the laxest threshold at which P(lost | delivered) <= alpha, with confidence 1 - delta.

    The pairs have to be independent draws of what the camera will see. Where testing starts
    depends on how much is delivered, never on what is lost.

    Args:
        found: What `fates` says.
        alpha: Share of losses that is tolerated, in (0, 1).
        delta: Probability with which that may be wrong, in (0, 1).
        thresholds: As given to `fates`.

    Raises:
        InvalidInput: If alpha or delta lies outside (0, 1).
        MissingExtra: If scipy is not installed.
    """
    least = least_pairs(alpha, delta)
    lost = (found == LOST).sum(axis=0)
    delivered = (found != HELD_BACK).sum(axis=0)
    total = len(found)
    laxest = int(delivered[-1]) if total else 0
    if laxest < least:
        losses = int(lost[-1]) if total else 0
        bound = upper_bound(losses, laxest, delta)
        return Calibrated(None, total, laxest, losses, bound, least)
    start = int(np.argmax(delivered >= max(least, laxest // _START_SHARE)))
    chosen: tuple[int, float] | None = None
    for index in range(start, len(thresholds)):
        bound = upper_bound(int(lost[index]), int(delivered[index]), delta)
        if bound > alpha:
            break
        chosen = index, bound
    if chosen is None:
        bound = upper_bound(int(lost[start]), int(delivered[start]), delta)
        return Calibrated(None, total, int(delivered[start]), int(lost[start]), bound, least)
    at, bound = chosen
    at = _strictest_like(found, at, start)
    return Calibrated(thresholds[at], total, int(delivered[at]), int(lost[at]), bound, least)


def _strictest_like(found: Fates, at: int, start: int) -> int:
    """The strictest threshold in a row up to this one at which every pair has the same fate.

    The same was tested at each of them and held. The laxer ones would let risks pass that no pair
    had.
    """
    while at > start and np.array_equal(found[:, at - 1], found[:, at]):
        at -= 1
    return at


def _policies(policy: Policy, thresholds: Sequence[float]) -> list[Policy]:
    changed: list[dict[str, Any]] = [{"max_identity_risk": one} for one in thresholds]
    return [policy.model_copy(update=one) for one in changed]


def _delivered(evidence: Evidence, tried: Sequence[TriedMixture], policy: Policy) -> str | None:
    """Name of what the guard gives out, None where the face stays as it was."""
    decided = decide_under(evidence, tried, policy)
    if decided.decision is Decision.ACCEPT:
        return WHOLE
    return decided.mixture if decided.decision is Decision.BLEND else None
