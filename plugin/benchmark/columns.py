"""Examined pairs as columns, and what each rule, the guard's or a simpler one, makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...guards.verdict import Decision
from .examination import Delivered, ExaminedPair

__all__ = ["MARGIN_Z", "WORSE_Z", "Columns", "Rule", "rules_of", "tune_cosine"]

MARGIN_Z: Final = 1.0
"""`identity_risk` is the probability that the person is not ranked first or z fell by more."""
WORSE_Z: Final = 0.3
"""A face whose cohort z falls by more is less the person than its capture was."""

Numbers = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What one rule delivers of every pair.

    Attributes:
        name: For the tables.
        accepted: (N,) delivered whole.
        blended: (N,) delivered as a mixture.
        gain: (N,) of overall, 0 where the capture stays.
        rank1: (N,) whether the recogniser ranks the person first in what is delivered.
        z: (N,) cohort z in what is delivered.
    """

    name: str
    accepted: Truth
    blended: Truth
    gain: Numbers
    rank1: Truth
    z: Numbers

    @property
    def treated(self) -> Truth:
        """(N,) accepted or blended."""
        return np.asarray(self.accepted | self.blended)


class Columns:
    """Examined pairs, column by column."""

    def __init__(self, pairs: Sequence[ExaminedPair]) -> None:
        self.pairs = tuple(pairs)
        names = [f"{one.pair.subset}/{one.pair.source}" for one in pairs]
        _, self.capture = np.unique(names, return_inverse=True)
        _, self.person = np.unique([one.pair.person for one in pairs], return_inverse=True)
        evidence = [one.evidence for one in pairs]
        self.risk = _numbers(e.identity_risk for e in evidence)
        self.cosine = _numbers(e.cosine_similarity for e in evidence)
        self.fidelity = _numbers(e.fidelity_given_source for e in evidence)
        self.gain = _numbers(e.overall_gain for e in evidence)
        self.fidelity_change = _numbers(
            e.hq_scores.fidelity - e.lq_scores.fidelity for e in evidence
        )
        self.lq_z = _numbers(one.lq.z for one in pairs)
        self.hq_z = _numbers(one.hq.z for one in pairs)
        self.lq_rank1 = np.array([one.lq.rank1 for one in pairs], bool)
        self.hq_rank1 = np.array([one.hq.rank1 for one in pairs], bool)
        self.never_there = np.array([one.never_there for one in pairs], bool)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def unidentified(self) -> Truth:
        """(N,) whether the recogniser does not rank the person first in the restoration."""
        return np.asarray(~self.hq_rank1)

    @property
    def gone(self) -> Truth:
        """(N,) whether what `identity_risk` is the probability of came true."""
        return np.asarray(self.unidentified | (self.lq_z - self.hq_z > MARGIN_Z))

    @property
    def naive(self) -> Truth:
        """(N,) whether overall rose and the fidelity of the face by itself fell."""
        return np.asarray((self.gain > 0) & (self.fidelity_change < 0))


def rules_of(columns: Columns, policies: Sequence[str], cosine: float, tuned: str) -> list[Rule]:
    """The simple rules, then the policies.

    Args:
        columns: The pairs.
        policies: Names.
        cosine: Least similarity of the one-threshold rule.
        tuned: Where it comes from, for its name.
    """
    every = np.ones(len(columns), bool)
    halves = [one.half for one in columns.pairs]
    rules = [
        _all_or_nothing("accept everything", columns, every),
        _rule("pixel alpha 0.5 everywhere", halves),
        _all_or_nothing(f"cosine >= {cosine:.3f}, {tuned}", columns, columns.cosine >= cosine),
        _all_or_nothing("naive: overall up, fidelity down", columns, ~columns.naive),
    ]
    own = ([one.by_policy[name] for one in columns.pairs] for name in policies)
    return [*rules, *map(_rule, policies, own)]


def tune_cosine(known: Columns, policy: str) -> float:
    """The least cosine whose accepted pairs lose no more people than the policy's treated ones.

    Where no threshold is that good, the one above every pair.
    """
    guarded = _rule(policy, [one.by_policy[policy] for one in known.pairs])
    lost = known.lq_rank1 & ~guarded.rank1 & guarded.treated
    budget = lost.sum() / max(guarded.treated.sum(), 1)
    order = np.argsort(known.cosine, kind="stable")
    losing = (known.lq_rank1 & ~known.hq_rank1)[order]
    share = np.cumsum(losing[::-1])[::-1] / np.arange(len(order), 0, -1)
    good = np.flatnonzero(share <= budget)
    if not len(good):
        return float(np.nextafter(known.cosine.max(), np.inf))
    return float(known.cosine[order][good[0]])


def _rule(name: str, delivered: Sequence[Delivered]) -> Rule:
    return Rule(
        name=name,
        accepted=np.array([one.decision is Decision.ACCEPT for one in delivered], bool),
        blended=np.array([one.decision is Decision.BLEND for one in delivered], bool),
        gain=_numbers(one.gain for one in delivered),
        rank1=np.array([one.rank1 for one in delivered], bool),
        z=_numbers(one.z for one in delivered),
    )


def _all_or_nothing(name: str, columns: Columns, accepted: Truth) -> Rule:
    return Rule(
        name=name,
        accepted=accepted,
        blended=np.zeros(len(columns), bool),
        gain=np.where(accepted, columns.gain, 0.0),
        rank1=np.where(accepted, columns.hq_rank1, columns.lq_rank1),
        z=np.where(accepted, columns.hq_z, columns.lq_z),
    )


def _numbers(values: Iterable[float]) -> Numbers:
    return np.array(list(values), np.float64)
