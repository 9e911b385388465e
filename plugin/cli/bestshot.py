"""``facefidelity bestshot``: the best face of every person in a clip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from ...core.errors import InvalidInput
from .clips import DetectEveryOption, FrameProgress, try_clip
from .formats import FormatOption, OutputFormat, print_json_line
from .options import MinFaceOption, complain, show_table

if TYPE_CHECKING:
    from ..video import BestShot, PlannedClip

__all__ = ["bestshot"]

ClipsArgument: TypeAlias = Annotated[
    list[Path],
    typer.Argument(help="Clips, or folders of clips.", show_default=False, readable=False),
]


def bestshot(
    inputs: ClipsArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the pictures.", readable=False)
    ],
    by: Annotated[
        str, typer.Option("--by", metavar="HEAD", help="The score that decides: any of the six.")
    ] = "fidelity",
    min_face: MinFaceOption = 0,
    detect_every: DetectEveryOption = 1,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Write the best face of every person in a clip; nothing is restored.

    One aligned 512 px PNG a person, and bestshots.jsonl with frame, time, place and scores.

    Example: facefidelity bestshot gate.mp4 -o faces --by overall
    """
    from ...core.files import write_text_file
    from ...core.scores import HEADS
    from ..video import plan_clips

    if by not in HEADS:
        raise InvalidInput(f"expected --by as one of {', '.join(HEADS)}, got {by!r}")
    plans = plan_clips(inputs, output)
    if not plans:
        names = ", ".join(str(path) for path in inputs)
        raise InvalidInput(f"expected clips in {names}, found none; name files or a folder")
    failed, records = 0, []
    for plan in plans:
        found, whole = _shots(plan, by, min_face, detect_every)
        failed += not whole
        records += found
        if format is OutputFormat.json:
            for record in found:
                print_json_line(**record)
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    write_text_file(output / "bestshots.jsonl", lines)
    if format is OutputFormat.text:
        _show(records)
        print(f"{len(plans)} clips: {len(records)} people; {failed} failed")
        print(f"pictures in {output}, lines in {output / 'bestshots.jsonl'}")
    return 1 if failed else 0


def _shots(
    plan: PlannedClip, by: str, min_face: int, detect_every: int
) -> tuple[list[dict[str, Any]], bool]:
    """The records of one clip, and whether all of it could be looked at; names what could not."""
    from ...core.images import printable_path
    from ..assessment import FaceAssessment
    from ..parts import default_judge
    from ..video import export_best_shots

    judge = default_judge()

    def export(progress: FrameProgress) -> tuple[list[BestShot], str | None]:
        return export_best_shots(
            plan.source,
            plan.target.parent,
            FaceAssessment(judge.assessor, min_face_px=min_face),
            judge,
            by=by,
            detect_every=detect_every,
            progress=progress,
        )

    found = try_clip(plan, export)
    if found is None:
        return [], False
    shots, problem = found
    if problem is not None:
        complain(printable_path(plan.source), problem)
    return [shot.as_record() for shot in shots], problem is None


def _show(records: list[dict[str, Any]]) -> None:
    rows = [
        (
            one["clip"],
            one["track"],
            one["frame"],
            f"{one['time']:.2f}",
            f"{one['scores']['fidelity']:.0f}",
            f"{one['scores']['overall']:.0f}",
            one["picture"],
        )
        for one in records
    ]
    columns = ("clip", "person", "frame", "second", "fidelity", "overall", "picture")
    show_table("Best faces", columns, rows)
