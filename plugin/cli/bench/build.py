"""``facefidelity bench build``: a simulated benchmark from a folder of pristine faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from ..formats import FormatOption, OutputFormat, print_json_line

__all__ = ["build"]

_PAPER: Final = "corridor_dome,street_bullet,night_ir"
# Written out, for the help must not load the simulator; a test compares it with the cameras.
_CAMERAS: Final = (
    "analogue_dvr, body_worn, corridor_dome, doorbell, night_ir, phone_zoom, street_bullet, "
    "webcam_beauty, random (another camera for every picture), or YAML files of your own."
)


def build(
    faces: Annotated[
        Path, typer.Option("--faces", help="Folder of pristine aligned faces.", readable=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the new set.", readable=False)
    ],
    table: Annotated[
        Path | None,
        typer.Option("--table", help="CSV: file, sex, ethnicity, split.", readable=False),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="Only the table's people of this split.")
    ] = "",
    cameras: Annotated[str, typer.Option("--cameras", metavar="NAME,...", help=_CAMERAS)] = _PAPER,
    size: Annotated[int, typer.Option("--size", min=1, help="Captures in all.")] = 5004,
    restored: Annotated[
        int, typer.Option("--restored", min=0, help="Captures a camera to restore as well.")
    ] = 0,
    restorers: Annotated[
        str, typer.Option("--restorers", metavar="NAME,...", help="Real ones; else simulated.")
    ] = "",
    recogniser: Annotated[
        Path | None,
        typer.Option("--recogniser", help="A second teacher of fidelity, ONNX.", readable=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of everything random.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes.")] = 1,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Simulate cameras on pristine faces and label every picture with six pseudo-MOS.

    Bit-for-bit repeatable. The result is a folder with pictures, sfiqa_sim.csv and a data card,
    which bench evaluate and bench train read. Needs: pip install 'facefidelity[bench]'.

    Example: facefidelity bench build --faces faces --table faces.csv --split test -o sfiqa-sim
    """
    from .build_parts import BuildRequest, build_set

    built = build_set(
        BuildRequest(
            faces=faces,
            table=table,
            split=split,
            cameras=cameras,
            size=size,
            restored=restored,
            restorers=restorers,
            recogniser=recogniser,
            seed=seed,
        ),
        output,
        jobs,
    )
    if format is OutputFormat.json:
        print_json_line(folder=str(built.folder), pictures=built.pictures, people=built.people)
    else:
        print(f"{built.pictures} pictures -> {built.folder} (read its DATA_CARD.md)")
    return 0
