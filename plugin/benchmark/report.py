"""Everything that an examination of the guard found, put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ...assessor.benchmark.evaluation.datasets import RowProblem
from ...assessor.benchmark.evaluation.discarding import Discarding
from .columns import Columns, Rule, rules_of, tune_cosine
from .findings import (
    Naming,
    RiskFound,
    RuleFound,
    discarding_of,
    groups_of,
    measure_risk,
    measure_rule,
    naming_of,
)
from .intervals import reliability

__all__ = ["GuardReport", "GuardSubject", "make_report"]


@dataclass(frozen=True, slots=True)
class GuardSubject:
    """What was examined: names of the parts, of the tables, and the size of the gallery.

    Attributes:
        caveat: What a reader must know of these very data, in words.
    """

    assessor: str
    embedder: str
    recogniser: str
    gallery: int
    policies: tuple[str, ...]
    data: tuple[str, ...]
    tuned_on: str | None
    caveat: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class GuardReport:
    """Everything that was found."""

    subject: GuardSubject
    columns: Columns
    rules: tuple[Rule, ...]
    risks: tuple[RiskFound, ...]
    prices: tuple[RuleFound, ...]
    naming: Naming
    discarding: Discarding | None
    bins: tuple[tuple[float, float, int], ...]
    seconds: float
    problems: tuple[RowProblem, ...]

    def rows(self) -> list[dict[str, Any]]:
        """JSON-ready rows, each with its `part`."""
        subject = self.subject
        found: list[dict[str, Any]] = [
            {
                "part": "subject",
                **asdict(subject),
                "pairs": len(self.columns),
                "people": len(np.unique(self.columns.person)),
                "median_seconds_a_pair": self.seconds,
            }
        ]
        found += [{"part": "risk", **_flat(asdict(one))} for one in self.risks]
        found += [{"part": "rule", **_flat(asdict(one))} for one in self.prices]
        found.append({"part": "naming", **_flat(asdict(self.naming))})
        found += [
            {"part": "reliability", "predicted": p, "happened": t, "pairs": n}
            for p, t, n in self.bins
        ]
        if self.discarding is not None:
            found += [{"part": "discard", **row} for row in self.discarding.as_rows()]
        found += [
            {"part": "problem", "line": one.line, "file": one.file, "reason": one.reason}
            for one in self.problems
        ]
        return found


def make_report(
    subject: GuardSubject,
    columns: Columns,
    known: Columns | None,
    problems: Sequence[RowProblem],
    resamples: int = 200,
) -> GuardReport:
    """Measure everything.

    Args:
        subject: What was examined.
        columns: Its pairs.
        known: Pairs on which the cosine threshold is tuned, with the first policy; `columns`
            themselves where None.
        problems: Rows that were left out.
        resamples: Of the bootstrap over persons.
    """
    cosine = tune_cosine(known or columns, subject.policies[0])
    tuned = "tuned" if known is not None else "tuned on these very pairs"
    rules = rules_of(columns, subject.policies, cosine, tuned)
    groups = list(groups_of(columns))
    return GuardReport(
        subject=subject,
        columns=columns,
        rules=tuple(rules),
        risks=tuple(measure_risk(columns, group, resamples) for group in groups),
        prices=tuple(
            measure_rule(columns, rule, group, resamples) for group in groups for rule in rules
        ),
        naming=naming_of(columns, rules[-len(subject.policies) :]),
        discarding=discarding_of(columns, subject.recogniser),
        bins=tuple(reliability(columns.risk, columns.gone)),
        seconds=float(np.median([one.seconds for one in columns.pairs])),
        problems=tuple(problems),
    )


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Estimates as value, low and high; NaN as None."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and "interval" in value:
            low, high = value["interval"]
            flat |= {name: value["value"], f"{name}_low": low, f"{name}_high": high}
        else:
            flat[name] = value
    return {name: _plain(value) for name, value in flat.items()}


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
