"""``facefidelity camera-check``: are today's faces still like those a profile was tuned on?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import AlignedOption, complain, show_table
from .stages import StageProgress

if TYPE_CHECKING:
    from ..cameras.checking import CameraCheck

__all__ = ["camera_check"]


def camera_check(
    profile: Annotated[Path, typer.Argument(help="The camera's profile.", readable=False)],
    frames: Annotated[
        list[Path], typer.Argument(help="Today's frames, or folders.", readable=False)
    ],
    alarm_rate: Annotated[
        float,
        typer.Option("--alarm-rate", help="How often an unchanged camera may raise an alarm."),
    ] = 0.01,
    aligned: AlignedOption = False,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Say whether a camera still takes the faces that its profile was tuned on.

    Exit code 1: it does not (the table says what moved), too few faces, or a frame failed.

    Example: facefidelity camera-check gate.yaml frames/today --alarm-rate 0.01
    """
    from ...guards.profile import load_profile
    from ..assessment import FaceAssessment
    from ..cameras.checking import check_camera

    loaded = load_profile(profile)
    with StageProgress() as progress:
        found = check_camera(
            loaded, frames, FaceAssessment(), alarm_rate, aligned=aligned, progress=progress
        )
    for name, problem in found.problems:
        complain(name, problem)
    if format is OutputFormat.json:
        print_json_line(profile=str(profile), camera=loaded.name, **found.as_record())
    else:
        _show(found)
    return 0 if found.alike and not found.problems else 1


def _show(found: CameraCheck) -> None:
    if found.shifts:
        rows = [
            (
                shift.label,
                f"{shift.before:.4g}",
                f"{shift.today:.4g}",
                f"{shift.distance:.2f}",
                f"{shift.p_value:.2g}",
                shift.words,
            )
            for shift in found.shifts
        ]
        columns = ("measure", "tuned on", "today", "distance", "p", "verdict")
        show_table("Medians then and now", columns, rows)
    print(found.sentence)
