"""The evaluation as files: evaluation.md for people, .json and .csv for programs, plots."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ....core.files import write_text_file
from .agreement import Agreement
from .evaluation import SMALLEST_GROUP, Evaluation
from .plots import draw_discarding, draw_scatter

__all__ = ["REPORT_FILES", "as_markdown", "write_report"]

REPORT_FILES: Final = (
    "evaluation.md",
    "evaluation.json",
    "evaluation.csv",
    "scatter.png",
    "edc.png",
)
_MARKS: Final = {"better": "▲", "worse": "▼", "same": "="}
_MOST_PROBLEMS: Final = 50


def write_report(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write every file of the report; old ones of the same names are replaced.

    Args:
        evaluation: What to write.
        folder: Where to; it exists.

    Returns:
        The written files.

    Raises:
        MissingExtra: If matplotlib is not installed; nothing is written then.
        WriteFailed: If the disk refuses.
    """
    markdown, data, table, scatter, edc = (folder / name for name in REPORT_FILES)
    draw_scatter(evaluation, scatter)
    if evaluation.discarding is not None:
        draw_discarding(evaluation.discarding, edc)
    write_text_file(markdown, as_markdown(evaluation))
    write_text_file(data, json.dumps(_document(evaluation), ensure_ascii=False, indent=1) + "\n")
    write_text_file(table, _as_csv([one.as_row() for one in evaluation.agreements]))
    written = [markdown, data, table, scatter]
    return written if evaluation.discarding is None else [*written, edc]


def as_markdown(evaluation: Evaluation) -> str:
    """The report for people."""
    parts = [
        *_opening(evaluation),
        *_agreement(evaluation),
        *_groups(evaluation),
        *_peers(evaluation),
        *_contrasts(evaluation),
        *_fairness(evaluation),
        *_discarding(evaluation),
        *_problems(evaluation),
    ]
    return "\n".join(parts) + "\n"


def _opening(evaluation: Evaluation) -> list[str]:
    subject, examined = evaluation.subject, evaluation.examined
    people = examined.people()
    owners = (
        f"{len(set(people))} persons; intervals are 95 % bootstrap over persons"
        if people
        else "persons unknown: intervals are 95 % bootstrap over pictures and too narrow where "
        "pictures share a person"
    )
    return [
        f"# {subject.assessor} on {Path(subject.table).name}",
        "",
        f"{len(examined.pictures)} pictures, {len(evaluation.problems)} rows left out, {owners} "
        f"({evaluation.resamples} resamples). Layout {subject.layout}.",
        "",
        "SRCC and KRCC (tau-b) are of raw predictions; PLCC, RMSE (0 to 100) and outlier ratio are "
        "after the four-parameter logistic of VQEG, fitted in each group and held while persons "
        "are resampled. `curve` says where a line had to take its place (linear) or nothing could "
        "be fitted (none).",
        "",
    ]


def _agreement(evaluation: Evaluation) -> list[str]:
    subject = evaluation.subject
    rows = [
        (
            head if name == subject.assessor else "fidelity given source",
            one.pictures,
            one.srcc.text(),
            one.krcc.text(),
            one.plcc.text(),
            one.rmse.text(1),
            one.outlier_ratio.text(),
            one.curve,
        )
        for head in subject.heads
        for name in (subject.assessor, subject.given_source)
        for one in evaluation.of(name, head)
    ]
    columns = ("head", "pictures", "SRCC", "KRCC", "PLCC", "RMSE", "outlier ratio", "curve")
    return ["## Agreement, all pictures", "", *_table(columns, rows)]


def _groups(evaluation: Evaluation) -> list[str]:
    subject = evaluation.subject
    mine = [one for one in evaluation.agreements if one.predictor == subject.assessor]
    places = dict.fromkeys((one.kind, one.group) for one in mine if one.kind != "all")
    if not places:
        return []
    rows = []
    for kind, name in places:
        cells = [one for one in mine if (one.kind, one.group) == (kind, name)]
        rows.append((kind, name, cells[0].pictures, *_by_head(cells, subject.heads)))
    columns = ("by", "group", "pictures", *subject.heads)
    return [
        "## SRCC by group",
        "",
        f"Groups of fewer than {SMALLEST_GROUP} pictures are left out.",
        "",
        *_table(columns, rows),
    ]


def _peers(evaluation: Evaluation) -> list[str]:
    subject = evaluation.subject
    rows = []
    names = [subject.assessor, *_baseline_names(evaluation), *(p.name for p in subject.peers)]
    own = {peer.name: peer.head for peer in subject.peers}
    for name in dict.fromkeys(names):
        cells = [one for one in evaluation.agreements if (one.predictor, one.kind) == (name, "all")]
        texts = _by_head(cells, subject.heads)
        marked = [
            f"**{text}**" if own.get(name) == head else text
            for head, text in zip(subject.heads, texts, strict=True)
        ]
        rows.append((name, cells[0].pictures, *marked))
    lines = ["## The same pictures by what people use today, SRCC", ""]
    if subject.peers:
        lines += [
            "Peers see the picture at its own size; each has one direction (higher is better), "
            "declared once. Bold: the head that it claims. "
            + "; ".join(f"{peer.name}: {peer.reference}" for peer in subject.peers)
            + ".",
            "",
        ]
    lines += _table(("predictor", "pictures", *subject.heads), rows)
    lines += [f"Not available here: {n} ({why})." for n, why in subject.unavailable.items()]
    return [*lines, ""] if subject.unavailable else lines


def _contrasts(evaluation: Evaluation) -> list[str]:
    if not evaluation.contrasts:
        return []
    shown = [one for one in evaluation.contrasts if one.kind == "all" or one.statistic == "srcc"]
    rows = [
        (
            one.group if one.kind == "all" else f"{one.kind} {one.group}",
            one.head,
            one.other,
            one.statistic,
            f"{one.ours:.3f}",
            f"{one.theirs:.3f}",
            one.difference.text(),
            f"{one.p_corrected:.2g}",
            f"{_MARKS[one.verdict]} {one.verdict}",
        )
        for one in shown
    ]
    columns = ("group", "head", "against", "of", "ours", "theirs", "difference", "p", "verdict")
    return [
        "## Differences",
        "",
        "SRCC: Meng, Rosenthal and Rubin's test for dependent correlations; RMSE: F ratio; outlier "
        "ratio: z test (after ITU-T P.1401). p is corrected by Holm over the comparisons of a "
        "group. A difference holds where p < 0.05 and its interval over persons leaves out 0. RMSE "
        "and outlier ratio of the groups are in evaluation.json.",
        "",
        *_table(columns, rows),
    ]


def _fairness(evaluation: Evaluation) -> list[str]:
    lines: list[str] = []
    for fair in evaluation.fairness:
        rows = [
            (one.group, one.pictures, one.people or "-", one.srcc.text()) for one in fair.groups
        ]
        lines += [
            f"## Fairness: {fair.head}",
            "",
            f"Widest gap in SRCC between two groups: {fair.gap:.3f}. Groups that are scored "
            "equally well show a gap too: compare it with the intervals, which are too narrow "
            "themselves below about ten persons.",
            "",
            *_table(("group", "pictures", "persons", "SRCC"), rows),
        ]
    return lines


def _discarding(evaluation: Evaluation) -> list[str]:
    found = evaluation.discarding
    if found is None:
        return []
    against = "enrolled pictures" if found.enrolled else "the person's next picture"
    rows = [(r["score"], f"{r['pauc_20']:.4f}", f"{r['auc']:.4f}") for r in found.as_rows()]
    return [
        "## Error versus discard",
        "",
        f"{found.recogniser}, {found.genuine} comparisons with {against}, {found.impostor} with "
        f"other persons; threshold {found.threshold:.3f} at a false match rate of 1 %; FNMR "
        f"{found.fnmr:.3f} before anything is discarded. Mean FNMR while the worst are discarded, "
        "lower is better:",
        "",
        *_table(("score", "up to 20 %", "whole range"), rows),
    ]


def _problems(evaluation: Evaluation) -> list[str]:
    problems = evaluation.problems
    if not problems:
        return []
    lines = [f"- line {one.line}: {one.reason}" for one in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"- and {len(problems) - _MOST_PROBLEMS} more (evaluation.json has all)")
    return ["## Rows left out", "", *lines, ""]


def _by_head(cells: Sequence[Agreement], heads: Sequence[str]) -> list[str]:
    texts = {one.head: one.srcc.text() for one in cells}
    return [texts[head] for head in heads]


def _baseline_names(evaluation: Evaluation) -> list[str]:
    name = evaluation.subject.baseline
    return [name] if name is not None and evaluation.examined.baseline is not None else []


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for row in rows:
        cells = (" ".join(str(cell).split()).replace("|", "\\|") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _document(evaluation: Evaluation) -> dict[str, Any]:
    subject, examined = evaluation.subject, evaluation.examined
    people = examined.people()
    return {
        "assessor": subject.assessor,
        "table": subject.table,
        "layout": subject.layout,
        "pictures": len(examined.pictures),
        "people": len(set(people)) if people else None,
        "resamples": evaluation.resamples,
        "baseline": subject.baseline,
        "rows": list(evaluation.as_rows()),
    }


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
    return text.getvalue()
