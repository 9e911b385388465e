"""Options of ``facefidelity serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

__all__ = [
    "ApiKeyFileOption",
    "DrainOption",
    "HostOption",
    "JobLogOption",
    "MegapixelsOption",
    "PortOption",
    "QueueOption",
    "ServedOption",
    "ServedSettingOption",
    "ThreadsOption",
    "TimeoutOption",
    "UploadOption",
    "WorkersOption",
]

HostOption: TypeAlias = Annotated[str, typer.Option("--host", help="Address to listen on.")]
PortOption: TypeAlias = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")
]
ServedOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--restorer",
        metavar="NAME",
        help="What clients may ask for, the first by default; may be given several times.",
        show_default="realesrgan, classical",
    ),
]
ServedSettingOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of the first restorer."),
]
ApiKeyFileOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--api-key-file",
        metavar="FILE",
        help="Who may use it: name:key lines, readable by its owner only.",
        readable=False,
    ),
]
JobLogOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--job-log",
        metavar="FILE",
        help="A line before and after each job.",
        show_default="jobs.jsonl in the user's state folder",
        readable=False,
    ),
]
WorkersOption: TypeAlias = Annotated[
    int, typer.Option("--workers", min=1, max=64, help="Jobs at once.")
]
QueueOption: TypeAlias = Annotated[
    int, typer.Option("--queue", min=0, max=10_000, help="Requests that may wait besides.")
]
ThreadsOption: TypeAlias = Annotated[
    int, typer.Option("--threads", min=0, max=256, help="Of the judging networks; 0 chooses.")
]
UploadOption: TypeAlias = Annotated[
    int,
    typer.Option("--max-upload-mb", min=1, max=1024, metavar="N", help="Largest request, MiB."),
]
MegapixelsOption: TypeAlias = Annotated[
    float,
    typer.Option("--max-megapixels", min=0.01, max=100, metavar="N", help="Largest picture."),
]
TimeoutOption: TypeAlias = Annotated[
    float, typer.Option("--timeout", min=0.1, metavar="SECONDS", help="For one request.")
]
DrainOption: TypeAlias = Annotated[
    float,
    typer.Option("--drain", min=0, metavar="SECONDS", help="For accepted jobs at the end."),
]
