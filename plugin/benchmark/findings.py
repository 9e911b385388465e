"""What an examination finds: the risk as a prediction, and every rule's price, by group."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...assessor.benchmark.evaluation.agreement import Estimate
from ...assessor.benchmark.evaluation.correlation import srcc
from ...assessor.benchmark.evaluation.discarding import FMR, Discarding
from ...assessor.benchmark.evaluation.edc import discard_curve, ideal_curve, threshold_at_fmr
from .columns import WORSE_Z, Columns, Rule
from .intervals import auc, brier, estimate

__all__ = [
    "SMALLEST_GROUP",
    "GuardGroup",
    "Naming",
    "RiskFound",
    "RuleFound",
    "discarding_of",
    "groups_of",
    "measure_risk",
    "measure_rule",
    "naming_of",
]

SMALLEST_GROUP: Final = 40

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class GuardGroup:
    """Rows that are reported together: `kind` is "all", "set", "camera" or "restoration"."""

    kind: str
    name: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class RiskFound:
    """How well `identity_risk` and fidelity given the source predict what the recogniser sees.

    Attributes:
        kind: Of the group.
        group: Its name.
        pairs: How many.
        people: Of how many persons.
        unidentified: Share of restorations in which the person is not ranked first.
        lost: Share of pairs whose capture is ranked first and whose restoration is not.
        auc_unidentified: AUC of the risk for the former.
        auc_lost: AUC of the risk for the latter, among captures that are ranked first.
        auc_cosine: AUC of the guard's cosine alone for the former.
        auc_naive: AUC of the naive rule for the former.
        brier: Of the risk, for the event that it was fitted to.
        srcc_fidelity: Of fidelity given the source with the cohort z of the restoration.
    """

    kind: str
    group: str
    pairs: int
    people: int
    unidentified: float
    lost: float
    auc_unidentified: Estimate
    auc_lost: Estimate
    auc_cosine: float
    auc_naive: float
    brier: Estimate
    srcc_fidelity: Estimate


@dataclass(frozen=True, slots=True)
class RuleFound:
    """The price of one rule in one group.

    `gain_kept` is of what accepting everything gains, `gain_taken` of what there is to gain: the
    sum over the restorations whose overall rose.
    """

    kind: str
    group: str
    rule: str
    pairs: int
    accepted: float
    blended: float
    lost_among_treated: Estimate
    lost_among_all: Estimate
    worse: Estimate
    gain_kept: Estimate
    gain_taken: Estimate


@dataclass(frozen=True, slots=True)
class Naming:
    """Captures without identity: what the guard calls them, and what becomes of them.

    Attributes:
        absent: Captures in which the recogniser does not rank the person first.
        named: Share of these that the guard says identify nobody.
        present: The other captures.
        misnamed: Share of those that the guard says identify nobody.
        accepted: By policy, how many restorations of absent captures are accepted.
        named_accepted: By policy, how many of these although the guard named the capture so.
        blended: By policy, how many are blended.
    """

    absent: int
    named: float
    present: int
    misnamed: float
    accepted: dict[str, int]
    named_accepted: dict[str, int]
    blended: dict[str, int]


def groups_of(columns: Columns) -> Iterator[GuardGroup]:
    """All rows, then sets, cameras and restorations where there are several; no small ones."""
    yield GuardGroup("all", "all", np.arange(len(columns)))
    facts: dict[str, list[str]] = {
        "set": [one.pair.subset for one in columns.pairs],
        "camera": [one.pair.camera for one in columns.pairs],
        "restoration": [one.pair.restoration for one in columns.pairs],
    }
    for kind, values in facts.items():
        names = [name for name in np.unique(values) if name]
        for name in names if len(names) > 1 else ():
            rows = np.flatnonzero(np.array(values) == name)
            if len(rows) >= SMALLEST_GROUP:
                yield GuardGroup(kind, str(name), rows)


def measure_risk(columns: Columns, group: GuardGroup, resamples: int) -> RiskFound:
    """Measure the risk as a prediction in one group."""
    c, rows = columns, group.rows
    known = rows[c.lq_rank1[rows]]

    def of(score: Any, truth: Any, among: Rows) -> Estimate:
        return estimate(lambda r: auc(score[r], truth[r]), c.person, among, resamples)

    return RiskFound(
        kind=group.kind,
        group=group.name,
        pairs=len(rows),
        people=len(np.unique(c.person[rows])),
        unidentified=float(c.unidentified[rows].mean()),
        lost=float((c.lq_rank1 & ~c.hq_rank1)[rows].mean()),
        auc_unidentified=of(c.risk, c.unidentified, rows),
        auc_lost=of(c.risk, c.unidentified, known),
        auc_cosine=auc(-c.cosine[rows], c.unidentified[rows]),
        auc_naive=auc(c.naive[rows].astype(np.float64), c.unidentified[rows]),
        brier=estimate(lambda r: brier(c.risk[r], c.gone[r]), c.person, rows, resamples),
        srcc_fidelity=estimate(lambda r: srcc(c.fidelity[r], c.hq_z[r]), c.person, rows, resamples),
    )


def measure_rule(columns: Columns, rule: Rule, group: GuardGroup, resamples: int) -> RuleFound:
    """Measure one rule in one group."""
    rows = group.rows
    treated = rows[rule.treated[rows]]
    lost = columns.lq_rank1 & ~rule.rank1
    worse = columns.lq_z - rule.z > WORSE_Z

    def share(truth: Any, among: Rows) -> Estimate:
        return estimate(lambda r: float(truth[r].mean()), columns.person, among, resamples)

    def gained(whole: npt.NDArray[np.float64]) -> Estimate:
        def kept(r: Rows) -> float:
            total = float(whole[r].sum())
            return float(rule.gain[r].sum()) / total if total > 0 else math.nan

        return estimate(kept, columns.person, rows, resamples)

    return RuleFound(
        kind=group.kind,
        group=group.name,
        rule=rule.name,
        pairs=len(rows),
        accepted=float(rule.accepted[rows].mean()),
        blended=float(rule.blended[rows].mean()),
        lost_among_treated=share(lost, treated),
        lost_among_all=share(lost, rows),
        worse=share(worse, rows),
        gain_kept=gained(columns.gain),
        gain_taken=gained(np.maximum(columns.gain, 0.0)),
    )


def naming_of(columns: Columns, rules: Sequence[Rule]) -> Naming:
    """Examine the captures without identity; `rules` are the policies'."""
    _, first = np.unique(columns.capture, return_index=True)
    absent = first[~columns.lq_rank1[first]]
    present = first[columns.lq_rank1[first]]
    pairs = ~columns.lq_rank1
    named = pairs & columns.never_there
    return Naming(
        absent=len(absent),
        named=_share(columns.never_there[absent]),
        present=len(present),
        misnamed=_share(columns.never_there[present]),
        accepted={rule.name: int((rule.accepted & pairs).sum()) for rule in rules},
        named_accepted={rule.name: int((rule.accepted & named).sum()) for rule in rules},
        blended={rule.name: int((rule.blended & pairs).sum()) for rule in rules},
    )


def discarding_of(columns: Columns, recogniser: str) -> Discarding | None:
    """The recogniser's errors on restorations while those of highest risk are discarded.

    Returns:
        None where there are too few comparisons of different persons for the false match rate.
    """
    genuine = np.array([one.hq.genuine for one in columns.pairs])
    impostor = np.concatenate([one.hq.impostor for one in columns.pairs])
    if len(impostor) * FMR < 1:
        return None
    threshold = threshold_at_fmr(impostor, FMR)
    hq = [one.evidence.hq_scores for one in columns.pairs]
    scores = {
        "identity_risk": -columns.risk,
        "cosine LQ-HQ": columns.cosine,
        "fidelity": np.array([one.fidelity for one in hq]),
        "overall": np.array([one.overall for one in hq]),
    }
    fnmr = float(np.mean(genuine < threshold))
    return Discarding(
        recogniser=recogniser,
        enrolled=True,
        genuine=len(genuine),
        impostor=len(impostor),
        threshold=threshold,
        fnmr=fnmr,
        curves={name: discard_curve(genuine, score, threshold) for name, score in scores.items()},
        ideal=ideal_curve(fnmr, len(genuine)),
    )


def _share(truth: npt.NDArray[np.bool_]) -> float:
    return float(truth.mean()) if len(truth) else math.nan
