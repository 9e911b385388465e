"""``facefidelity bench mos``: raw ratings in, mean opinion scores out."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..formats import FormatOption, OutputFormat, print_json_line
from ..options import show_table

if TYPE_CHECKING:
    from ....assessor.benchmark.ratings import MosTable, Screening

__all__ = ["mos"]


class RatingScale(str, Enum):
    """What the raters could give."""

    grades = "1-5"
    slider = "0-100"


def mos(
    ratings: Annotated[
        Path,
        typer.Argument(help="CSV: rater, image, dimension, score.", readable=False),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where the MOS go, CSV.", readable=False)
    ],
    scale: Annotated[
        RatingScale, typer.Option("--scale", help="What the raters could give.")
    ] = RatingScale.grades,
    screening: Annotated[
        bool,
        typer.Option("--screening/--no-screening", help="Leave out raters who fail BT.500-15."),
    ] = True,
    report: Annotated[
        Path | None, typer.Option("--report", help="Also write this Markdown page.", readable=False)
    ] = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Average ratings into MOS from 0 to 100 with 95 % confidence intervals.

    Raters are screened per dimension as ITU-R BT.500-15 says, once. The result is what
    bench evaluate and bench train read.

    Example: facefidelity bench mos ratings.csv -o mos.csv --report mos.md
    """
    from ....assessor.benchmark.ratings import average_ratings, read_ratings, screen_raters
    from ....core.files import write_text_file
    from .mos_page import write_page

    _require_own_files(ratings, output, report)
    table = read_ratings(ratings, scale.value)
    found = screen_raters(table)
    means = average_ratings(table, found if screening else None)
    if report is not None:
        write_text_file(report, write_page(table, found, means, screened=screening))
    write_text_file(output, means.to_csv())
    if format is OutputFormat.json:
        _print_json(means, found, screening)
    else:
        _print_text(means, found, screening, output)
    return 0


def _require_own_files(ratings: Path, output: Path, report: Path | None) -> None:
    from ....core.errors import InvalidInput

    targets = [path.resolve() for path in (output, report) if path is not None]
    if ratings.resolve() in targets or len(set(targets)) < len(targets):
        raise InvalidInput(
            f"expected -o and --report as files of their own, got {output} and {report} for "
            f"{ratings}; choose other names"
        )


def _print_json(means: MosTable, found: Screening, screened: bool) -> None:
    for row in means.rows():
        print_json_line(kind="mos", **row)
    for check in found.checks if screened else ():
        if check.rejected:
            print_json_line(
                kind="rejected", rater=check.rater, dimension=check.head, reason=check.reason()
            )
    for head in found.unscreened if screened else ():
        print_json_line(kind="unscreened", dimension=head)


def _print_text(means: MosTable, found: Screening, screened: bool, output: Path) -> None:
    from .mos_page import SUMMARY, summarise

    show_table(f"MOS in {output}", SUMMARY, summarise(means, found, screened=screened))
    for check in found.checks if screened else ():
        if check.rejected:
            typer.echo(f"rejected in {check.head}: {check.rater}, {check.reason()}")
