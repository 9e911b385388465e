"""The group ``facefidelity bench``; each command's module loads its own machinery when it runs."""

from __future__ import annotations

from typing import Final

import typer

from .build import build
from .evaluate import evaluate
from .export import export
from .guard import guard
from .mos import mos
from .train import train

__all__ = ["app"]

app: Final = typer.Typer(
    help="Build, train and evaluate the assessor.",
    no_args_is_help=True,
)
app.command("build")(build)
app.command("train")(train)
app.command("evaluate")(evaluate)
app.command("export")(export)
app.command("guard")(guard)
app.command("mos")(mos)
