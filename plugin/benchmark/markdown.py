"""The examination of the guard as Markdown, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from ...assessor.benchmark.evaluation.agreement import Estimate
from ...assessor.benchmark.evaluation.edc import PARTIAL_DISCARD
from .columns import MARGIN_Z, WORSE_Z
from .findings import SMALLEST_GROUP
from .gallery import ENOUGH_PEOPLE
from .report import GuardReport

__all__ = ["as_markdown"]

_MOST_PROBLEMS: Final = 50


def as_markdown(report: GuardReport, command: str = "", pictures: Sequence[str] = ()) -> str:
    """The report for people.

    Args:
        report: What to say.
        command: What was run.
        pictures: Names of the plots beside the file.
    """
    shown = [line for name in pictures for line in (f"![{name}]({name})", "")]
    lines = [*_opening(report, command), *shown, *_risk(report), *_prices(report)]
    lines += [*_naming(report), *_reliability(report), *_discarding(report), *_problems(report)]
    return "\n".join(lines) + "\n"


def _opening(report: GuardReport, command: str) -> list[str]:
    subject, columns = report.subject, report.columns
    few = (
        f" **Fewer than {ENOUGH_PEOPLE} people: being ranked first says little.**"
        if subject.gallery < ENOUGH_PEOPLE
        else ""
    )
    tuned = (
        f"on {subject.tuned_on}"
        if subject.tuned_on
        else "on these very pairs, which flatters it (no --tune was given)"
    )
    return [
        "# The guard, beside simpler rules",
        "",
        *([f"    {command}", ""] if command else []),
        f"{len(columns)} restorations of {len(np.unique(columns.capture))} captures of "
        f"{len(np.unique(columns.person))} people ({', '.join(subject.data)}); assessor "
        f"{subject.assessor}, embedder {subject.embedder}. Truth by {subject.recogniser}, which "
        f"is not in the guard, in a gallery of {subject.gallery} people.{few} Brackets: 95 % "
        f"bootstrap over persons. Groups of fewer than {SMALLEST_GROUP} pairs are left out.",
        "",
        f"*Lost*: the recogniser ranks the person first in the capture and not in what is "
        f"delivered. The cosine threshold is the least whose accepted pairs lose no more than "
        f"{subject.policies[0]} does, tuned {tuned}. Judging a pair took {report.seconds:.2f} s "
        "(median), the search of every mixture always included.",
        "",
        *([subject.caveat, ""] if subject.caveat else []),
    ]


def _risk(report: GuardReport) -> list[str]:
    rows = [
        (
            *(one.kind, one.group, one.pairs, f"{one.unidentified:.2f}", f"{one.lost:.3f}"),
            *(one.auc_unidentified.text(), one.auc_lost.text()),
            *(_number(one.auc_cosine), _number(one.auc_naive)),
            *(one.brier.text(), one.srcc_fidelity.text()),
        )
        for one in report.risks
    ]
    columns = ("by", "group", "pairs", "not identifiable", "lost", "AUC not identifiable")
    more = ("AUC lost", "AUC cosine", "AUC naive rule", "Brier", "SRCC fidelity given source")
    return [
        "## The risk as a prediction",
        "",
        "AUC lost is among captures in which the person is ranked first; AUC of cosine and naive "
        "rule are for not identifiable. Brier is for what the risk was fitted to: not "
        f"identifiable, or cohort z fell by more than {MARGIN_Z:g}. SRCC is with the cohort z of "
        "the restoration.",
        "",
        *_table((*columns, *more), rows),
    ]


def _prices(report: GuardReport) -> list[str]:
    lines = [
        "## What each rule delivers and loses",
        "",
        "Gain kept is of what accepting everything gains, falls included; the gain on offer is "
        "that of the restorations whose overall rose.",
        "",
    ]
    places = dict.fromkeys((one.kind, one.group) for one in report.prices)
    header = ("rule", "accepted", "blended", "lost among these", "lost among all")
    more = (f"z falls by more than {WORSE_Z:g}", "overall gain kept", "of the gain on offer")
    for kind, group in places:
        rows = [
            (
                *(one.rule, f"{one.accepted:.2f}", f"{one.blended:.2f}"),
                *(one.lost_among_treated.text(), one.lost_among_all.text()),
                *(one.worse.text(), one.gain_kept.text(2), one.gain_taken.text(2)),
            )
            for one in report.prices
            if (one.kind, one.group) == (kind, group)
        ]
        title = "All" if kind == "all" else f"{kind} {group}"
        lines += [f"### {title} ({_count(report, kind, group)})"]
        lines += ["", *_table((*header, *more), rows)]
    return lines


def _naming(report: GuardReport) -> list[str]:
    naming = report.naming
    rows = [
        (name, count, naming.named_accepted[name], naming.blended[name])
        for name, count in naming.accepted.items()
    ]
    columns = ("policy", "accepted", "accepted although named", "blended")
    return [
        "## Captures without identity",
        "",
        f"Of {naming.absent} captures in which the recogniser does not rank the person first, "
        f"{_number(naming.named)} are named as identifying nobody; of {naming.present} others "
        f"{_number(naming.misnamed)} are. What becomes of the former's restorations, in numbers:",
        "",
        *_table(columns, rows),
    ]


def _reliability(report: GuardReport) -> list[str]:
    rows = [(f"{predicted:.2f}", f"{truth:.2f}", count) for predicted, truth, count in report.bins]
    return ["## Reliability", "", *_table(("mean risk", "came true", "pairs"), rows)]


def _discarding(report: GuardReport) -> list[str]:
    found = report.discarding
    if found is None:
        return []
    rows = [(row["score"], f"{row['pauc_20']:.4f}", f"{row['auc']:.4f}") for row in found.as_rows()]
    columns = ("discarded by", f"mean FNMR to {100 * PARTIAL_DISCARD:.0f} %", "mean FNMR")
    return [
        "## Error versus discard",
        "",
        f"{found.recogniser}: {found.genuine} restorations against their person's pristine face, "
        f"threshold {found.threshold:.3f} (false match rate 1 % of {found.impostor}), false "
        f"non-matches {found.fnmr:.3f} before anything is discarded.",
        "",
        *_table(columns, rows),
    ]


def _problems(report: GuardReport) -> list[str]:
    if not report.problems:
        return []
    shown = report.problems[:_MOST_PROBLEMS]
    return [
        f"## Left out: {len(report.problems)} rows",
        "",
        *(f"- line {one.line}, {one.file}: {' '.join(one.reason.split())}" for one in shown),
    ]


def _count(report: GuardReport, kind: str, group: str) -> str:
    (found,) = (one for one in report.risks if (one.kind, one.group) == (kind, group))
    return f"{found.pairs} pairs, {found.people} people"


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return [*lines, ""]


def _number(value: float) -> str:
    return Estimate(value).text()
