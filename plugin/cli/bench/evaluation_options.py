"""The options of ``bench evaluate``, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

__all__ = [
    "Aligned",
    "Baseline",
    "Columns",
    "Data",
    "GroupBy",
    "Limit",
    "LowerIsBetter",
    "Output",
    "Peers",
    "Preset",
    "Pyiqa",
    "Recogniser",
    "Resamples",
    "Scale",
    "Threads",
    "Weights",
]

Data: TypeAlias = Annotated[
    Path, typer.Option("--data", help="Table of ratings, or its folder.", readable=False)
]
Preset: TypeAlias = Annotated[
    str, typer.Option("--preset", help="sfiqa-sim, sfiqa-bench, gfiqa-20k, cgfiqa-40k.")
]
Columns: TypeAlias = Annotated[
    str, typer.Option("--columns", metavar="KEY=NAME,...", help="Columns, over the preset's.")
]
Scale: TypeAlias = Annotated[
    str, typer.Option("--scale", metavar="LOW:HIGH", help="Range of the ratings.")
]
LowerIsBetter: TypeAlias = Annotated[
    str, typer.Option("--lower-is-better", metavar="HEAD,...", help="Heads rated that way.")
]
Weights: TypeAlias = Annotated[
    Path | None,
    typer.Option("--weights", help="ONNX assessor; without it the shipped one.", readable=False),
]
Baseline: TypeAlias = Annotated[
    str | None, typer.Option("--baseline", help="ONNX assessor, or a peer's name, to compare with.")
]
GroupBy: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--group", help="Only by camera, restoration, sex or ethnicity. Repeatable."),
]
Peers: TypeAlias = Annotated[
    bool, typer.Option("--peers/--no-peers", help="Also score with what people use today.")
]
Pyiqa: TypeAlias = Annotated[
    str, typer.Option("--pyiqa", metavar="NAME,...", help="Metrics of pyiqa (non-commercial).")
]
Recogniser: TypeAlias = Annotated[
    str | None,
    typer.Option("--recogniser", help="112 px ONNX or an embedder's name: error versus discard."),
]
Aligned: TypeAlias = Annotated[
    bool, typer.Option("--aligned/--align", help="Pictures are aligned faces, or find the largest.")
]
Limit: TypeAlias = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the table's first rows.")
]
Resamples: TypeAlias = Annotated[
    int, typer.Option("--resamples", min=100, max=20000, help="Of the bootstrap over persons.")
]
Threads: TypeAlias = Annotated[
    int, typer.Option("--threads", min=0, help="Of one inference; 0 chooses.")
]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Folder for the report and the plots.", readable=False),
]
