"""``facefidelity assess``: score faces, change nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from .formats import FormatOption, OutputFormat, print_json_line
from .options import (
    AlignedOption,
    InputsArgument,
    MinFaceOption,
    OnlyCenterOption,
    complain,
    show_table,
    tracked,
)

__all__ = ["assess"]


def assess(
    inputs: InputsArgument,
    aligned: AlignedOption = False,
    only_center_face: OnlyCenterOption = False,
    min_face: MinFaceOption = 0,
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", help="Scores on your scale: a JSON of bench train."),
    ] = None,
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Predict six quality scores for every face, 0 to 100, higher is better.

    Example: facefidelity assess photo.jpg --format json
    """
    from ...assessor.runtime import Assessor
    from ...core.errors import InvalidInput
    from ...core.images import find_pictures
    from ...core.scores import HEADS
    from ..assessment import FaceAssessment

    found = find_pictures(inputs)
    if not found:
        raise InvalidInput(f"expected pictures in {', '.join(map(str, inputs))}, found none")
    assessor = Assessor(calibration=calibration) if calibration is not None else None
    assessment = FaceAssessment(assessor, min_face_px=min_face, only_center_face=only_center_face)
    rows: list[tuple[Any, ...]] = []
    failed = 0
    for one in tracked(found, found, "assessing"):
        records = _assess_picture(assessment, one.path, aligned)
        failed += records is None
        for record in records or ():
            if format is OutputFormat.json:
                print_json_line(**record)
            else:
                rows.append(_row(record))
    if format is OutputFormat.text:
        show_table("Predicted scores", ("picture", "face", *HEADS), rows)
    return 1 if failed else 0


def _assess_picture(assessment: Any, path: Path, aligned: bool) -> list[dict[str, Any]] | None:
    """Records of one picture's faces; None (and one line on stderr) where it failed."""
    from ...core.errors import FaceFidelityError
    from ...core.images import printable_path, read_picture
    from ..decisions import absent_record, assessment_record

    name = printable_path(path)
    try:
        faces = assessment.assess(read_picture(path).pixels, aligned=aligned)
    except FaceFidelityError as error:
        complain(name, str(error))
        return None
    except Exception as error:
        logging.getLogger(__name__).exception("unexpected failure on %s", name)
        complain(name, f"unexpected {type(error).__name__}: {error}")
        return None
    if not faces:
        return [absent_record(name)]
    return [assessment_record(name, index, face) for index, face in enumerate(faces)]


def _row(record: dict[str, Any]) -> tuple[Any, ...]:
    scores = record["scores"]
    values = [f"{value:.0f}" for value in scores.values()] if scores else [record["problem"]]
    return (record["path"], "-" if record["face"] is None else record["face"], *values)
