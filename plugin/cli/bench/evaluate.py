"""``facefidelity bench evaluate``: how well predicted scores agree with rated pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..formats import FormatOption, OutputFormat, print_json_line
from ..options import complain, show_table, tracked
from . import evaluation_options as options

if TYPE_CHECKING:
    from ....assessor.benchmark.evaluation.datasets import RatedSet, RowProblem
    from ....assessor.benchmark.evaluation.evaluation import Evaluation
    from ....assessor.benchmark.evaluation.examination import Examined, Examiner

__all__ = ["evaluate"]


def evaluate(
    data: options.Data,
    preset: options.Preset = "sfiqa-sim",
    columns: options.Columns = "",
    scale: options.Scale = "",
    lower_is_better: options.LowerIsBetter = "",
    weights: options.Weights = None,
    baseline: options.Baseline = None,
    group: options.GroupBy = None,
    peers: options.Peers = True,
    pyiqa: options.Pyiqa = "",
    recogniser: options.Recogniser = None,
    aligned: options.Aligned = True,
    limit: options.Limit = None,
    resamples: options.Resamples = 1000,
    threads: options.Threads = 0,
    output: options.Output = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Measure how well predicted scores agree with rated pictures, and how surely.

    Needs: pip install 'facefidelity[bench]'.

    Example: facefidelity bench evaluate --data my.csv --columns file=image,overall=MOS
    --scale 1:5 -o report
    """
    from ....assessor.benchmark.evaluation.tables import find_preset
    from . import evaluation_parts as parts

    parts.require_statistics()
    layout = find_preset(preset)
    wanted = layout.columns.override(*parts.parse_overrides(columns, scale, lower_is_better))
    group_by = parts.require_groups(group)
    from ....assessor.benchmark.evaluation.datasets import read_ratings

    rated = read_ratings(data, layout, wanted, limit)
    parts.require_people(rated, recogniser)
    parts.require_free_output(output, rated.path)
    opened = parts.open_parts(
        weights=weights,
        baseline=baseline,
        peers=peers,
        pyiqa=parts.split_words(pyiqa),
        recogniser=recogniser,
        aligned=aligned,
        threads=threads,
    )
    examined, problems = _examine(opened.examiner, rated)
    from ....assessor.benchmark.evaluation import evaluation

    subject = opened.subject(rated, f"{preset}: {layout.note}")
    result = evaluation.evaluate(
        subject, examined, problems, group_by=group_by, resamples=resamples
    )
    written = _write(result, output)
    if format is OutputFormat.json:
        for row in result.as_rows():
            print_json_line(**row)
    else:
        _show(result, written)
    return 1 if problems else 0


def _examine(examiner: Examiner, rated: RatedSet) -> tuple[Examined, list[RowProblem]]:
    """Score every picture; a row that fails is named on stderr and left out."""
    from ....assessor.benchmark.evaluation.datasets import RowProblem
    from ....assessor.benchmark.evaluation.examination import collect
    from ....core.errors import FaceFidelityError
    from ....core.images import printable_path

    problems = list(rated.problems)
    rows = []
    for picture in tracked(rated.pictures, rated.pictures, "evaluating"):
        try:
            rows.append(examiner.examine(picture))
        except FaceFidelityError as error:  # noqa: PERF203 - the others go on
            problems.append(RowProblem(picture.line, picture.name, str(error)))
    problems.sort(key=lambda problem: problem.line)
    for problem in problems:
        complain(f"{printable_path(rated.path)}, line {problem.line}", problem.reason)
    return collect(rows), problems


def _write(result: Evaluation, output: Path | None) -> list[Path]:
    if output is None:
        return []
    from ....assessor.benchmark.evaluation.report import write_report

    return write_report(result, output)


def _show(result: Evaluation, written: list[Path]) -> None:
    """Print the two tables that matter; the report has the others."""
    subject = result.subject
    rows = []
    for head in subject.heads:
        (one,) = result.of(subject.assessor, head)
        numbers = (one.srcc.text(), one.krcc.text(), one.plcc.text(), one.rmse.text(1))
        rows.append((head, one.pictures, *numbers, one.curve))
    title = f"{subject.assessor} on {Path(subject.table).name} (95 % intervals)"
    show_table(title, ("head", "pictures", "SRCC", "KRCC", "PLCC", "RMSE", "curve"), rows)
    others = [one for one in result.contrasts if one.kind == "all" and one.statistic == "srcc"]
    if others:
        show_table(
            "Against others, SRCC",
            ("head", "against", "ours", "theirs", "difference", "corrected p", "verdict"),
            [
                (
                    one.head,
                    one.other,
                    f"{one.ours:.3f}",
                    f"{one.theirs:.3f}",
                    one.difference.text(),
                    f"{one.p_corrected:.2g}",
                    one.verdict,
                )
                for one in others
            ],
        )
    for name, reason in subject.unavailable.items():
        typer.echo(f"not available here: {name} ({reason})")
    for path in written:
        typer.echo(f"wrote {path}")
