"""Options of a batch: going on with it, and how many processes do it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

__all__ = ["IsolateOption", "JobsOption", "ResumeOption"]

ResumeOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on with the batch in the output folder: what is done and unchanged stays.",
    ),
]
JobsOption: TypeAlias = Annotated[
    int,
    typer.Option("--jobs", min=1, max=256, metavar="N", help="Worker processes; same results."),
]
IsolateOption: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--isolate/--no-isolate",
        help="Work in a process of its own, which can be ended when a restorer hangs.",
        show_default="for networks with more than one picture",
    ),
]
