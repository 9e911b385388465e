"""Is every group of people scored equally well? SRCC by sex and ethnicity, and the gap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ....core.scores import HEADS
from .agreement import Agreement, Group, measure_agreement
from .examination import Examined

__all__ = ["FAIRNESS_HEADS", "Fairness", "measure_fairness"]

FAIRNESS_HEADS: Final = ("fidelity", "overall")


@dataclass(frozen=True, slots=True)
class Fairness:
    """One head over all groups of people.

    Attributes:
        head: The head.
        groups: SRCC of each group with its interval.
        gap: Highest minus lowest SRCC. Groups that are scored equally well show one too: it says
            something where it is wider than the intervals.
    """

    head: str
    groups: tuple[Agreement, ...]
    gap: float

    def as_rows(self) -> list[dict[str, Any]]:
        """JSON-ready rows, one a group."""
        return [one.as_row() | {"gap": self.gap} for one in self.groups]


def measure_fairness(
    examined: Examined, predictor: str, heads: tuple[str, ...], least: int, resamples: int
) -> list[Fairness]:
    """Measure SRCC of fidelity and overall in every group of sex and ethnicity.

    Args:
        examined: The examined set.
        predictor: The assessor's name.
        heads: The rated heads.
        least: Smallest group.
        resamples: Of the bootstrap over persons.

    Returns:
        One entry a head; none where the table does not say sex or ethnicity, or where fewer than
        two groups are large enough.
    """
    names = [
        " ".join(part for part in parts if part)
        for parts in zip(examined.fact("sex"), examined.fact("ethnicity"), strict=True)
    ]
    values = np.array(names)
    groups = [
        Group("sex and ethnicity", str(name), np.flatnonzero(values == name))
        for name in np.unique(values)
        if name and np.sum(values == name) >= least
    ]
    found = []
    for head in FAIRNESS_HEADS:
        if head not in heads or len(groups) < 2:
            continue
        predicted = examined.scores[:, HEADS.index(head)]
        measured = tuple(
            measure_agreement(
                group, head, predictor, predicted, examined, resamples=resamples, full=False
            )
            for group in groups
        )
        ranks = [one.srcc.value for one in measured if not math.isnan(one.srcc.value)]
        if len(ranks) >= 2:
            found.append(Fairness(head, measured, max(ranks) - min(ranks)))
    return found
