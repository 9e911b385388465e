"""Pairs with the evidence of every candidate, and what any limits of risk deliver of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from candidates import Candidates

from facefidelity.core.scores import HEADS, QualityScores
from facefidelity.guards.policy import Policy
from facefidelity.guards.risk import load_risk_model
from facefidelity.guards.rules import accept_faults, may_blend, mixture_faults
from facefidelity.guards.verdict import LEAST_BLEND, Evidence, TriedMixture

PATCHWORK = "given back"
"""Of the names of mixtures that take some parts of a face from LQ and others not."""


@dataclass(frozen=True)
class Outcome:
    """What a policy does to some pairs."""

    delivered: float
    lost: float
    dropped: float
    kept: float
    offered: float


class Limits(NamedTuple):
    """What is chosen: the thresholds of these names in a policy."""

    max_identity_risk: float
    max_drop_risk: float
    drop_price: float

    @classmethod
    def of(cls, policy: Policy) -> Limits:
        return cls(policy.max_identity_risk, policy.max_drop_risk, policy.drop_price)

    def stricter(self, other: Limits) -> bool:
        """Whether no limit is laxer than the other's."""
        return (
            self.max_identity_risk <= other.max_identity_risk
            and self.max_drop_risk <= other.max_drop_risk
            and self.drop_price >= other.drop_price
        )


FREE = Limits(1.0, 1.0, 0.0)


class Pairs:
    """Evidence of every candidate, and which could be delivered but for the limits.

    `waived`: mixtures of faces that identify nobody, of which the identity risk is not asked.
    """

    def __init__(self, candidates: Candidates, policy: Policy) -> None:
        self.truth = candidates.select(~candidates.stranger)
        self.evidence = evidence_of(self.truth)
        free = policy.model_copy(update=FREE._asdict())
        whole = self.truth.whole
        mixtures = self.mixtures()
        faults = [
            accept_faults(one.evidence, free) if alone else mixture_faults(one, free)
            for one, alone in zip(mixtures, whole, strict=True)
        ]
        may = [may_blend(self.evidence[start], policy) for start in self.starts]
        blendable = np.repeat(may, np.diff(self.starts, append=len(whole)))
        self.able = np.array([not each for each in faults]) & (self.truth.blend >= LEAST_BLEND)
        self.able &= whole | blendable
        risky = free.model_copy(update={"max_identity_risk": -1.0})
        self.waived = np.array([not mixture_faults(one, risky) for one in mixtures]) & ~whole
        self.risk = np.array([one.identity_risk for one in self.evidence])
        self.drop = np.array([one.drop_risk for one in self.evidence])
        self.gain = self.truth.features["overall_gain"]

    def mixtures(self) -> list[TriedMixture]:
        """Every row as the guard has a mixture; a restoration is one of the share 1."""
        names, shares = self.truth.mixture, self.truth.blend
        return [
            TriedMixture(str(name), float(share), one, patchwork=PATCHWORK in str(name))
            for name, share, one in zip(names, shares, self.evidence, strict=True)
        ]

    @property
    def starts(self) -> np.ndarray:
        return np.flatnonzero(self.truth.whole)

    def delivered(self, limits: Limits) -> np.ndarray:
        """Row of what is delivered of each pair, -1 where LQ stays."""
        risk, drop, price = limits
        most = np.minimum(drop, np.maximum(self.gain, 0) / price) if price else drop
        passing = self.able & (self.waived | (self.risk <= risk)) & (self.drop <= most)
        worth = np.where(passing, self.gain - price * self.drop, -np.inf)
        worth[self.truth.whole & passing] = np.inf  # the whole restoration comes first
        starts = self.starts
        best = np.repeat(np.maximum.reduceat(worth, starts), np.diff(starts, append=len(worth)))
        found = np.where(passing & (worth == best), np.arange(len(worth)), len(worth))
        first = np.minimum.reduceat(found, starts)
        return np.where(first < len(worth), first, -1)

    def outcome(self, rows: np.ndarray) -> Outcome:
        given = rows[rows >= 0]
        whole = self.gain[self.truth.whole]
        gained = self.gain[given].sum()
        return Outcome(
            delivered=len(given) / len(rows),
            lost=float(self.truth.lost[given].mean()) if len(given) else 0.0,
            dropped=float(self.truth.dropped[given].sum() / len(rows)),
            kept=float(gained / whole.sum()),
            offered=float(gained / np.maximum(whole, 0).sum()),
        )


def evidence_of(candidates: Candidates) -> list[Evidence]:
    """The evidence that the guard would have, by the shipped risk model."""
    model, found = load_risk_model(), []
    for row in range(len(candidates)):
        f = model.complete({n: float(values[row]) for n, values in candidates.features.items()})
        found.append(
            Evidence(
                lq_scores=QualityScores(*(f[f"lq_{head}"] for head in HEADS)),
                hq_scores=QualityScores(*(f[f"hq_{head}"] for head in HEADS)),
                cosine_similarity=f["cosine_similarity"],
                embedder=model.embedder,
                probability_same=None,
                fidelity_given_source=model.fidelity_given_source(f),
                source_identifiable=model.source_identifiable(f),
                consistency=f["consistency"],
                landmark_shift=f["landmark_shift"],
                identity_risk=model.identity_risk(f),
                drop_risk=model.drop_risk(f),
            )
        )
    return found
