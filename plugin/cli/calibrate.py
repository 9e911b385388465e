"""``facefidelity calibrate``: set a profile's threshold with a stated bound on what is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import AlignedOption

__all__ = ["calibrate"]


ProfileArgument: TypeAlias = Annotated[
    Path, typer.Argument(help="The camera's profile.", readable=False)
]
FramesArgument: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(help="With --self: the camera's frames.", readable=False),
]
PairsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--pairs",
        metavar="CSV",
        help="Table with columns lq,hq,truth (an enrolled photograph) or lq,hq,lost (0 or 1).",
        readable=False,
    ),
]
SelfOption: TypeAlias = Annotated[
    bool,
    typer.Option("--self", help="Make pairs of the frames' best faces, degraded again."),
]
AlphaOption: TypeAlias = Annotated[
    float, typer.Option("--alpha", help="Share of the delivered faces that may be lost.")
]
DeltaOption: TypeAlias = Annotated[
    float, typer.Option("--delta", help="Probability with which that may be exceeded.")
]
RecogniserOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--recogniser",
        metavar="NAME",
        help="Who says what is lost: an embedder's name or a 112 px ONNX file; best one "
        "that is not in the guard.",
    ),
]
PerFaceOption: TypeAlias = Annotated[
    int, typer.Option("--per-face", min=1, help="With --self: pairs of each face.")
]
OutputOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="The calibrated profile.", show_default="PROFILE"),
]
PlotOption: TypeAlias = Annotated[
    Path | None, typer.Option("--plot", metavar="PNG", help="Draw risk against loss.")
]
ThreadsOption: TypeAlias = Annotated[
    int, typer.Option("--threads", min=0, help="Of one inference.")
]


def calibrate(
    profile: ProfileArgument,
    frames: FramesArgument = None,
    pairs: PairsOption = None,
    self_made: SelfOption = False,
    alpha: AlphaOption = 0.05,
    delta: DeltaOption = 0.1,
    recogniser: RecogniserOption = "dlib",
    per_face: PerFaceOption = 1,
    output: OutputOption = None,
    plot: PlotOption = None,
    aligned: AlignedOption = False,
    threads: ThreadsOption = 0,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Set the threshold so that few delivered faces have lost the person, provably.

    P(identity lost | delivered) <= alpha, with confidence 1 - delta, for pictures like the pairs.

    Example: facefidelity calibrate gate.yaml --pairs pairs.csv --alpha 0.05 --plot gate.png
    """
    from .calibrate_parts import CalibrationRequest, run_calibration, say

    request = CalibrationRequest(
        profile=profile,
        frames=tuple(frames or ()),
        pairs=pairs,
        self_made=self_made,
        alpha=alpha,
        delta=delta,
        recogniser=recogniser,
        per_face=per_face,
        output=output or profile,
        plot=plot,
        aligned=aligned,
        threads=threads,
    )
    found = run_calibration(request)
    if format is OutputFormat.json and found.block is not None:
        print_json_line(profile=str(request.output), **found.block.model_dump(mode="json"))
    return say(request, found, quiet=format is OutputFormat.json)
