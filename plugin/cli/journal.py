"""``facefidelity journal``: what a batch did, as a summary or a table, and whether it holds."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import complain

__all__ = ["app"]

app: Final = typer.Typer(
    help="Look at the journal of a batch: sum up, export, verify.", no_args_is_help=True
)

FolderArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="OUT", help="What restore -o wrote.", show_default=False)
]


def _journal(folder: Path) -> Path:
    from ..batch.journal_file import JOURNAL_NAME

    return folder / JOURNAL_NAME


@app.command("summary")
def summary_command(
    out: FolderArgument,
    format: FormatOption = OutputFormat.text,  # noqa: A002
) -> None:
    """Count pictures, faces and decisions, and show the two hashes of the whole.

    Example: facefidelity journal summary restored
    """
    from ..batch.journal_reading import summarise

    found = summarise(_journal(out))
    if format is OutputFormat.json:
        print_json_line(**asdict(found))
        return
    typer.echo(f"pictures: {_counts(found.pictures)}")
    typer.echo(f"faces:    {_counts(found.faces)}")
    if found.delivered != found.faces:
        typer.echo(f"in the end, with people's decisions: {_counts(found.delivered)}")
    typer.echo(f"restorers took {found.seconds:.1f} s; begun or continued {found.sessions} times")
    for part in ("weights", "versions"):
        told = ", ".join(f"{name} {_shown(one)}" for name, one in found.batch.get(part, {}).items())
        typer.echo(f"{part}: {told}")
    typer.echo(f"digest: {found.digest} (the same wherever the same was decided and written)")
    typer.echo(f"chain:  {found.chain} ({found.rows} rows)")


@app.command("export")
def export_command(
    out: FolderArgument,
    target: Annotated[
        Path, typer.Option("-o", "--output", help="File: .parquet, .csv or .jsonl.", readable=False)
    ],
    whole: Annotated[
        bool, typer.Option("--all", help="Also rows that later ones took the place of.")
    ] = False,
    format: FormatOption = OutputFormat.text,  # noqa: A002
) -> None:
    """Write the journal as a table, one row a picture and one a face.

    Example: facefidelity journal export restored -o restored.parquet
    """
    from ..batch.journal_export import export_journal

    rows = export_journal(_journal(out), target, whole=whole)
    if format is OutputFormat.json:
        print_json_line(file=str(target), rows=rows)
    else:
        typer.echo(f"{rows} rows in {target}")


@app.command("verify")
def verify_command(
    out: FolderArgument,
    chain: Annotated[
        str | None,
        typer.Option(
            "--chain", metavar="HASH", help="A chain hash noted earlier: it must still be there."
        ),
    ] = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002
) -> int:
    """Check the chain of rows and every file that they name; exit code 1 when something differs.

    Example: facefidelity journal verify restored
    """
    from ..batch.journal_reading import summarise
    from ..batch.journal_verification import verify_journal

    count = 0
    for finding in verify_journal(out, chain):
        count += 1
        if format is OutputFormat.json:
            print_json_line(**asdict(finding))
        else:
            place = finding.path or str(_journal(out))
            complain(place, finding.message)
    if format is OutputFormat.text and not count:
        rows = summarise(_journal(out)).rows
        typer.echo(f"{rows} rows, unbroken; every result is as it was written")
    return 1 if count else 0


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}" for name in value) or "none"
    return str(value)
