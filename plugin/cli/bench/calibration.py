"""Head-only fine-tuning: bends the shipped heads onto rated pictures; no torch.

Reached as ``facefidelity bench train --head-only``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..formats import OutputFormat, print_json_line
from ..options import complain, show_table, tracked

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ....assessor.benchmark.evaluation.datasets import RatedPicture
    from ....assessor.benchmark.evaluation.tables import ColumnMap, Preset
    from ....assessor.calibration import MonotoneMap
    from ....assessor.runtime import Assessor

__all__ = ["run_head_calibration"]


def run_head_calibration(
    data: Path,
    out: Path,
    *,
    weights: Path | None = None,
    preset: Preset | None = None,
    columns: ColumnMap | None = None,
    output_format: OutputFormat = OutputFormat.text,
) -> int:
    """Score rated pictures, fit a calibration and write it.

    Args:
        data: Table of rated pictures (aligned faces), or its folder, as ``bench evaluate`` reads.
        out: Where the calibration goes, JSON; written whole or not at all.
        weights: The assessor's ONNX file, the shipped one by default.
        preset: Layout of the table, our own by default.
        columns: Columns in place of the preset's.
        output_format: A table on stdout, or one JSON line a head.

    Returns:
        The exit code: 1 where pictures had to be left out (each named on stderr).

    Raises:
        InvalidInput: If the table cannot be used or rates too few pictures.
        MissingExtra: If scipy is not installed.
    """
    import numpy as np

    from ....assessor.benchmark.evaluation.datasets import read_ratings
    from ....assessor.benchmark.evaluation.tables import find_preset
    from ....assessor.calibration_fit import calibrate_heads
    from ....assessor.runtime import SHIPPED_WEIGHTS, Assessor
    from ....core.scores import HEADS

    rated = read_ratings(data, preset or find_preset("sfiqa-sim"), columns)
    for problem in rated.problems:
        complain(f"{data} line {problem.line}", problem.reason)
    assessor = Assessor(weights or SHIPPED_WEIGHTS)
    pictures, predicted = _score_pictures(assessor, rated.pictures)
    mos = np.array(
        [[one.ratings.get(head, np.nan) for head in HEADS] for one in pictures], np.float64
    ).reshape(-1, len(HEADS))
    fitted = calibrate_heads(predicted, mos, np.isfinite(mos), assessor=assessor.name)
    fitted.save(out)
    if output_format is OutputFormat.json:
        for head, one in fitted.heads.items():
            print_json_line(head=head, calibration=str(out), **asdict(one))
    else:
        _print_result(fitted, out)
    return 1 if rated.problems or len(pictures) < len(rated.pictures) else 0


def _score_pictures(
    assessor: Assessor, pictures: Sequence[RatedPicture]
) -> tuple[list[RatedPicture], npt.NDArray[np.float64]]:
    """The pictures that could be scored, and their (N, 6) scores."""
    import numpy as np

    from ....core.errors import FaceFidelityError
    from ....core.images import read_picture
    from ....core.scores import HEADS

    scored: list[RatedPicture] = []
    scores: list[list[float]] = []
    for one in tracked(pictures, pictures, "scoring"):
        try:
            values = assessor.score(read_picture(one.path).pixels).as_dict()
        except FaceFidelityError as error:
            complain(one.name, str(error))
            continue
        scored.append(one)
        scores.append(list(values.values()))
    return scored, np.array(scores, np.float64).reshape(-1, len(HEADS))


def _print_result(fitted: MonotoneMap, out: Path) -> None:
    rows = [
        (
            head,
            one.pictures,
            one.method,
            f"{one.rmse_before:.1f}",
            f"{one.rmse_after:.1f}",
            "unknown" if one.srcc is None else f"{one.srcc:.3f}",
            one.note,
        )
        for head, one in fitted.heads.items()
    ]
    columns = ("head", "pictures", "map", "RMSE before", "RMSE after", "SRCC", "why")
    show_table(f"Calibration of {fitted.assessor} in {out}", columns, rows)
    typer.echo(f"use it: facefidelity assess PICTURE --calibration {out}")
