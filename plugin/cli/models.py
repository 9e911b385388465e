"""``facefidelity models``: list, pull, verify and find weights files.

The licence is printed before anything is downloaded, and a file whose licence does not plainly
allow commercial use is pulled only after an explicit yes.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .formats import FormatOption, OutputFormat, print_json_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...core.weights import WeightsFile, WeightsStore
    from ...core.weights.transfer import Progress

__all__ = ["app"]

app: Final = typer.Typer(
    help="List, download, check and find the weights files of optional parts.",
    no_args_is_help=True,
)

Names = Annotated[list[str], typer.Argument(help="Names as 'models list' shows them.")]
OptionalNames = Annotated[
    list[str] | None, typer.Argument(help="Names; without any, every file that is here.")
]
OptionalName = Annotated[str | None, typer.Argument(help="A name; without it, the folder.")]
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Accept licences that limit commercial use.")
]


def _store() -> WeightsStore:
    from ...core.weights import WeightsStore

    return WeightsStore()


@app.command("list")
def list_command(format: FormatOption = OutputFormat.text) -> None:  # noqa: A002
    """Show every registered weights file, its licence, and whether it is here.

    Example: facefidelity models list
    """
    store = _store()
    rows = [_row(store, file) for file in store.files]
    if format is OutputFormat.json:
        for row in rows:
            print_json_line(**row)
        return
    _print_table(rows)
    typer.echo(f"folder: {store.root}")


def _row(store: WeightsStore, file: WeightsFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "state": store.state(file.name).value,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "licence": file.licence,
        "commercial_use": file.commercial_use,
        "used_by": list(file.used_by),
        "url": file.url,
        "path": str(store.path(file.name)),
        "note": file.note,
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("commercial use", no_wrap=True)
    table.add_column("licence", overflow="fold")
    for row in rows:
        size = f"{row['size_bytes'] / 1e6:.1f} MB"
        table.add_row(row["name"], row["state"], size, row["commercial_use"], row["licence"])
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 200
    console.print(table)


@app.command("pull")
def pull_command(
    names: Names,
    yes: YesOption = False,
    format: FormatOption = OutputFormat.text,  # noqa: A002
) -> None:
    """Download weights files, checked before use; an unfinished download resumes.

    Example: facefidelity models pull GFPGANv1.4.pth --yes
    """
    from ...core.weights import WeightsState
    from ...core.weights.registry import find_weights

    store = _store()
    files = [find_weights(name, store.files) for name in dict.fromkeys(names)]
    for file in files:
        _show_licence(file, format)
    to_come = [file for file in files if store.state(file.name) is not WeightsState.PRESENT]
    _require_consent([file for file in to_come if file.commercial_use != "yes"], yes, format)
    for file in files:
        with _progress_bar(file) as progress:
            path = store.pull(file.name, progress)
        if format is OutputFormat.json:
            print_json_line(
                event="pulled",
                name=file.name,
                path=str(path),
                size_bytes=file.size_bytes,
                sha256=file.sha256,
            )
        else:
            typer.echo(f"{file.name}: checked, in {path}")


def _show_licence(file: WeightsFile, output_format: OutputFormat) -> None:
    if output_format is OutputFormat.json:
        print_json_line(
            event="licence",
            name=file.name,
            licence=file.licence,
            commercial_use=file.commercial_use,
            note=file.note,
        )
        return
    typer.echo(f"{file.name}: licence {file.licence}; commercial use: {file.commercial_use}")
    if file.note:
        typer.echo(f"  note: {file.note}")


def _require_consent(files: list[WeightsFile], yes: bool, output_format: OutputFormat) -> None:
    """Go on only when every limited licence was accepted.

    Raises:
        InvalidInput: If nobody can be asked.
    """
    from ...core.errors import InvalidInput

    if yes or not files:
        return
    names = ", ".join(file.name for file in files)
    if output_format is OutputFormat.text and sys.stdin.isatty():
        typer.confirm(f"Download {names} under the licence shown?", abort=True)
        return
    raise InvalidInput(
        f"the licence of {names} does not plainly allow commercial use and nobody is here to ask; "
        "read it above, then run again with --yes"
    )


@contextmanager
def _progress_bar(file: WeightsFile) -> Iterator[Progress | None]:
    """A bar on stderr while it is a terminal, silence otherwise."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        *Bar.get_default_columns()[:2],
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(file.name, total=file.size_bytes)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@app.command("verify")
def verify_command(
    names: OptionalNames = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002
) -> None:
    """Hash weights files now; exit code 1 when one is missing or wrong. Nothing is deleted.

    Example: facefidelity models verify
    """
    from ...core.weights import WeightsState
    from ...core.weights.registry import find_weights

    store = _store()
    absent = {WeightsState.MISSING, WeightsState.PARTIAL}
    wanted = [find_weights(name, store.files).name for name in names or ()] or [
        file.name for file in store.files if store.state(file.name) not in absent
    ]
    failed = [name for name in wanted if not _verify_one(store, name, format)]
    if not wanted and format is OutputFormat.text:
        typer.echo(f"no weights file is in {store.root}")
    if failed:
        typer.echo(f"facefidelity: not usable: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _verify_one(store: WeightsStore, name: str, output_format: OutputFormat) -> bool:
    """Hash one file and print the result; whether it is usable."""
    from ...core.errors import FaceFidelityError

    reason: str | None = None
    try:
        store.verify(name)
    except FaceFidelityError as error:
        reason = str(error)
    if output_format is OutputFormat.json:
        print_json_line(
            name=name,
            state=store.state(name).value,
            path=str(store.path(name)),
            error=reason,
        )
    else:
        typer.echo(f"{name}: {'ok' if reason is None else reason}")
    return reason is None


@app.command("where")
def where_command(
    name: OptionalName = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002
) -> None:
    """Print the folder of the weights, or where one file belongs.

    Example: facefidelity models where GFPGANv1.4.pth
    """
    store = _store()
    if name is None:
        if format is OutputFormat.json:
            print_json_line(root=str(store.root))
        else:
            typer.echo(str(store.root))
        return
    path = store.path(name)
    if format is OutputFormat.json:
        print_json_line(name=name, path=str(path), state=store.state(name).value)
    else:
        typer.echo(str(path))
