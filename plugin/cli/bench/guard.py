"""``facefidelity bench guard``: the whole guard on pairs whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..formats import FormatOption, OutputFormat, print_json_line
from ..options import complain, show_table

if TYPE_CHECKING:
    from ...benchmark.report import GuardReport

__all__ = ["guard"]


def guard(
    data: Annotated[
        Path, typer.Option("--data", help="Table of bench build --restored N.", readable=False)
    ],
    recogniser: Annotated[
        str, typer.Option("--recogniser", help="112 px ONNX that is not in the guard.")
    ],
    gallery: Annotated[
        Path | None,
        typer.Option("--gallery", help="Pristine faces, named by person.", readable=False),
    ] = None,
    policy: Annotated[
        str, typer.Option("--policy", metavar="NAME,...", help="Names, or YAML files.")
    ] = "balanced,strict,lenient",
    tune: Annotated[
        Path | None,
        typer.Option("--tune", help="Other people's table, for the cosine.", readable=False),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many pairs a table.")
    ] = None,
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, max=20000, help="Of the bootstrap.")
    ] = 200,
    threads: Annotated[
        int, typer.Option("--threads", min=0, help="Of one inference; 0 chooses.")
    ] = 0,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder for report and plots.", readable=False),
    ] = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Measure how often the guard loses a person, and what it keeps, beside simpler rules.

    Every restoration of the table is judged, mixtures included; a recogniser that is not in the
    guard looks for the person in what would be delivered. Pristine faces come from a column
    reference or from --gallery. Needs: pip install 'facefidelity[bench]'.

    Example: facefidelity bench guard --data sfiqa-sim --gallery faces --recogniser other.onnx
    -o report
    """
    from . import guard_parts as parts
    from .evaluation_parts import require_statistics

    require_statistics()
    request = parts.GuardRequest(
        data, recogniser, gallery, policy, tune, limit, resamples, threads, output
    )
    report = parts.examine_guard(request)
    written = parts.write(report, request)
    for problem in report.problems:
        complain(f"line {problem.line}, {problem.file}", problem.reason)
    if format is OutputFormat.json:
        for row in report.rows():
            print_json_line(**row)
    else:
        _show(report)
        for path in written:
            typer.echo(f"wrote {path}")
    return 1 if report.problems else 0


def _show(report: GuardReport) -> None:
    """Print the two tables that matter; the report has the others."""
    show_table(
        f"identity_risk as a prediction, truth by {report.subject.recogniser}",
        ("by", "pairs", "AUC not identifiable", "AUC lost", "Brier", "SRCC given source"),
        [
            (
                one.group if one.kind == "all" else f"{one.kind} {one.group}",
                one.pairs,
                *(one.auc_unidentified.text(), one.auc_lost.text()),
                *(one.brier.text(), one.srcc_fidelity.text()),
            )
            for one in report.risks
        ],
    )
    show_table(
        "What each rule delivers and loses",
        ("rule", "accepted", "blended", "lost of these", "lost of all", "z falls", "gain kept"),
        [
            (
                *(one.rule, f"{one.accepted:.2f}", f"{one.blended:.2f}"),
                *(one.lost_among_treated.text(), one.lost_among_all.text()),
                *(one.worse.text(), one.gain_kept.text(2)),
            )
            for one in report.prices
            if one.kind == "all"
        ],
    )
    typer.echo(
        f"{len(report.columns)} pairs, gallery of {report.subject.gallery} people, "
        f"{report.seconds:.2f} s a pair"
    )
