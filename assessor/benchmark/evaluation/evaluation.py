"""Everything that an evaluation says, measured from one examined set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ....core.scores import HEADS
from .agreement import Agreement, Group, groups_of, measure_agreement
from .contrasts import Contrast, contrast, correct
from .correlation import Vector
from .datasets import RowProblem
from .discarding import Discarding, measure_discarding
from .examination import Examined
from .fairness import Fairness, measure_fairness
from .peers import Peer

__all__ = ["SMALLEST_GROUP", "Evaluation", "Subject", "evaluate"]

SMALLEST_GROUP: Final = 20
"""Pictures below which a group is not reported on its own."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated, on what, against what.

    Attributes:
        assessor: The assessor's name.
        table: The table's path, as text.
        layout: The preset and where its layout is known from.
        heads: The rated heads.
        peers: The measures that were run.
        unavailable: Peers that could not be, and why.
        baseline: Name of the other assessor, or of the peer to compare with; None compares each
            peer on its own head.
        recogniser: For the error-versus-discard curve, or None.
    """

    assessor: str
    table: str
    layout: str
    heads: tuple[str, ...]
    peers: tuple[Peer, ...] = ()
    unavailable: dict[str, str] = field(default_factory=dict)
    baseline: str | None = None
    recogniser: str | None = None

    @property
    def given_source(self) -> str:
        """The predictor that also sees what a face was restored from."""
        return f"{self.assessor} given source"


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The result; see each part's type."""

    subject: Subject
    examined: Examined
    agreements: tuple[Agreement, ...]
    contrasts: tuple[Contrast, ...]
    fairness: tuple[Fairness, ...]
    discarding: Discarding | None
    problems: tuple[RowProblem, ...]
    resamples: int

    def of(self, predictor: str, head: str, kind: str = "all") -> list[Agreement]:
        """Agreements of one predictor with one head, by group."""
        return [
            one
            for one in self.agreements
            if (one.predictor, one.head, one.kind) == (predictor, head, kind)
        ]

    def as_rows(self) -> Iterator[dict[str, Any]]:
        """JSON-ready rows, each with its `part`."""
        for agreement in self.agreements:
            yield {"part": "agreement", **agreement.as_row()}
        for difference in self.contrasts:
            yield {"part": "contrast", **difference.as_row()}
        for head in self.fairness:
            yield from ({"part": "fairness", **row} for row in head.as_rows())
        if self.discarding is not None:
            yield from ({"part": "discard", **row} for row in self.discarding.as_rows())
        for name, reason in self.subject.unavailable.items():
            yield {"part": "unavailable", "predictor": name, "reason": reason}
        for problem in self.problems:
            yield {
                "part": "problem",
                "line": problem.line,
                "file": problem.file,
                "reason": problem.reason,
            }


def evaluate(
    subject: Subject,
    examined: Examined,
    problems: Sequence[RowProblem] = (),
    *,
    group_by: Sequence[str],
    resamples: int = 1000,
) -> Evaluation:
    """Measure everything.

    Args:
        subject: What is evaluated.
        examined: The scored pictures.
        problems: Rows that were left out.
        group_by: Some of `GROUPABLE`.
        resamples: Of the bootstrap over persons.

    Raises:
        InvalidInput: If an error-versus-discard curve was asked for and cannot be had.
    """
    groups = list(groups_of(examined, group_by, SMALLEST_GROUP))
    agreements: list[Agreement] = []
    contrasts: list[Contrast] = []
    for group in groups:
        for head in subject.heads:
            agreements += _agreements(subject, examined, group, head, resamples)
            contrasts += _contrasts(subject, examined, group, head, resamples)
    fair = measure_fairness(examined, subject.assessor, subject.heads, SMALLEST_GROUP, resamples)
    return Evaluation(
        subject=subject,
        examined=examined,
        agreements=tuple(agreements),
        contrasts=tuple(correct(contrasts)),
        fairness=tuple(fair),
        discarding=None
        if subject.recogniser is None
        else measure_discarding(examined, subject.recogniser),
        problems=tuple(problems),
        resamples=resamples,
    )


def _agreements(
    subject: Subject, examined: Examined, group: Group, head: str, resamples: int
) -> Iterator[Agreement]:
    column = HEADS.index(head)
    predictors: list[tuple[str, Vector, bool]] = [
        (subject.assessor, examined.scores[:, column], True)
    ]
    if examined.baseline is not None and subject.baseline is not None:
        predictors.append((subject.baseline, examined.baseline[:, column], True))
    predictors += [(p.name, examined.peers[p.name], p.head == head) for p in subject.peers]
    if head == "fidelity" and np.isfinite(examined.supported[group.rows]).any():
        predictors.append((subject.given_source, examined.supported, True))
    for name, predicted, full in predictors:
        yield measure_agreement(
            group, head, name, predicted, examined, resamples=resamples, full=full
        )


def _contrasts(
    subject: Subject, examined: Examined, group: Group, head: str, resamples: int
) -> Iterator[Contrast]:
    column = HEADS.index(head)
    others: dict[str, Vector] = {}
    if examined.baseline is not None and subject.baseline is not None:
        others[subject.baseline] = examined.baseline[:, column]
    elif subject.baseline is not None:
        others[subject.baseline] = examined.peers[subject.baseline]
    else:
        others = {p.name: examined.peers[p.name] for p in subject.peers if p.head == head}
    for name, theirs in others.items():
        yield from contrast(
            group, head, name, examined.scores[:, column], theirs, examined, resamples
        )
