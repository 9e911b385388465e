"""How a command prints: text for people, JSON lines for programs.

With ``--format json`` stdout holds JSON lines and nothing else.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, TypeAlias

import typer

__all__ = ["FormatOption", "OutputFormat", "print_json_line"]


class OutputFormat(str, Enum):
    """What goes to stdout."""

    text = "text"
    json = "json"


FormatOption: TypeAlias = Annotated[
    OutputFormat, typer.Option("--format", help="text for people, json for one JSON line a result.")
]
"""The ``--format`` option, the same on every command."""


def print_json_line(**fields: Any) -> None:
    """Print one JSON object on one line of stdout."""
    typer.echo(json.dumps(fields, ensure_ascii=False))
