"""Options that several commands share, and how they report progress and failures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import typer

from ...core.errors import InvalidInput

__all__ = [
    "AlignedOption",
    "CandidatesOption",
    "InputsArgument",
    "MinFaceOption",
    "OnlyCenterOption",
    "OverridesOption",
    "PolicyOption",
    "ReferenceOption",
    "complain",
    "parse_pairs",
    "show_table",
    "tracked",
]

InputsArgument: TypeAlias = Annotated[
    list[Path], typer.Argument(help="Pictures, or folders.", show_default=False, readable=False)
]
AlignedOption: TypeAlias = Annotated[
    bool, typer.Option("--aligned", help="Every picture already is one face in the FFHQ frame.")
]
OverridesOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--overrides",
        metavar="FILE",
        help="What people decided on single faces, from the page's review.",
        readable=False,
    ),
]
PolicyOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--policy",
        help="observe, lenient, balanced, strict, or a YAML file.",
        show_default="balanced",
    ),
]
CandidatesOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--candidates",
        metavar="A,B,...",
        help="Instead of --restorer: the best acceptable of several; with grids of settings, "
        '"realesrgan:input_size=64|128,classical".',
    ),
]
OnlyCenterOption: TypeAlias = Annotated[
    bool, typer.Option("--only-center-face", help="Treat only the face nearest to the centre.")
]
MinFaceOption: TypeAlias = Annotated[
    int, typer.Option("--min-face", min=0, metavar="PX", help="Leave narrower faces alone.")
]
ReferenceOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--reference",
        metavar="PHOTO",
        help="A picture of the person, one face; may be given several times.",
        readable=False,
    ),
]

Item = TypeVar("Item")

_LONGEST_SAID: Final = 2000


def complain(path: str, message: str) -> None:
    """Name one failed input on stderr, on one line; an input may have made it very long."""
    said = " ".join(message.split())
    print(f"facefidelity: {path}: {said[:_LONGEST_SAID]}", file=sys.stderr)


def parse_pairs(words: Iterable[str]) -> dict[str, str]:
    """Turn ``key=value`` words into a dictionary.

    Raises:
        InvalidInput: If a word has no ``=``.
    """
    pairs = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not (key and sign):
            raise InvalidInput(f"expected --set key=value, got {word!r}")
        pairs[key] = value
    return pairs


def tracked(items: Iterable[Item], total: Sized, label: str) -> Iterator[Item]:
    """Yield the items, with a progress bar on stderr when that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=label, total=len(total), console=Console(stderr=True))


def show_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table to stdout."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for position, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=False, ratio=3 if position == 0 else None)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    console = Console()
    # A pipe has no width of its own; long cells fold, nothing is cut.
    Console(width=None if console.is_terminal else 160).print(table)
