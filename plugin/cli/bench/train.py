"""``facefidelity bench train``: train the assessor, fine-tune it, or bend its heads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..formats import FormatOption, OutputFormat, print_json_line
from ..options import complain, tracked

if TYPE_CHECKING:
    from ....assessor.benchmark.evaluation.tables import ColumnMap, Preset
    from ....assessor.training.data import FaceSet
    from ....assessor.training.plan import TrainingPlan

__all__ = ["train"]


def train(
    data: Annotated[
        Path, typer.Option("--data", help="Table of rated faces, or its folder.", readable=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The run's folder.", readable=False)
    ],
    held_out: Annotated[
        Path | None,
        typer.Option("--held-out", help="Table that is only measured.", readable=False),
    ] = None,
    start: Annotated[
        str, typer.Option("--from", help="shipped, or an ONNX file of an earlier run.")
    ] = "",
    head_only: Annotated[
        bool, typer.Option("--head-only", help="Only bend the heads; no torch, few ratings.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", help="YAML with the plan's numbers.", readable=False)
    ] = None,
    pictures: Annotated[
        int | None, typer.Option("--pictures", min=1, help="Seen in all, repeats counted.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of everything random.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Of torch.")] = None,
    device: Annotated[str | None, typer.Option("--device", help="cpu or cuda.")] = None,
    preset: Annotated[
        str, typer.Option("--preset", help="Layout of the tables, as in bench evaluate.")
    ] = "sfiqa-sim",
    columns: Annotated[
        str, typer.Option("--columns", metavar="KEY=NAME,...", help="Columns, over the preset's.")
    ] = "",
    scale: Annotated[
        str, typer.Option("--scale", metavar="LOW:HIGH", help="Range of the ratings.")
    ] = "",
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Train the assessor on rated faces; any subset of the six heads may be rated.

    A run that was stopped goes on when the same command is given again. Its folder gets last.pt,
    curve.csv, curve.png and assessor.onnx. Needs: pip install 'facefidelity[train,bench]'.

    Example: facefidelity bench train --from shipped --data my_ratings.csv --scale 1:5 -o run
    """
    from ....assessor.benchmark.evaluation.tables import find_preset
    from . import evaluation_parts as parts

    layout = find_preset(preset)
    wanted = layout.columns.override(*parts.parse_overrides(columns, scale, ""))
    if head_only:
        return _bend_heads(data, output, start, layout, wanted, format)
    from . import training_parts as start_parts

    start_parts.require_training()
    start_parts.require_curve()
    plan, state = start_parts.open_start(
        start, config, pictures=pictures, seed=seed, threads=threads, device=device
    )
    start_parts.require_run_folder(output)
    learned, measured, failed = _open_sets(data, held_out, output, layout, wanted, plan)
    weights, scores = _run(plan, state, learned, measured, output)
    _tell(weights, len(learned), len(measured), scores, format)
    return 1 if failed else 0


def _bend_heads(
    data: Path,
    output: Path,
    start: str,
    layout: Preset,
    wanted: ColumnMap,
    output_format: OutputFormat,
) -> int:
    from .calibration import run_head_calibration

    weights = None if start in {"", "shipped"} else Path(start)
    out = output if output.suffix == ".json" else output / "calibration.json"
    return run_head_calibration(
        data, out, weights=weights, preset=layout, columns=wanted, output_format=output_format
    )


def _tell(
    weights: Path,
    learned: int,
    measured: int,
    scores: dict[str, float],
    output_format: OutputFormat,
) -> None:
    if output_format is OutputFormat.json:
        srcc = {name: None if math.isnan(value) else value for name, value in scores.items()}
        print_json_line(weights=str(weights), pictures=learned, srcc=srcc)
    else:
        print(f"trained on {learned} pictures -> {weights}")
        print(f"SRCC on {measured} held-out pictures:")
        for name, value in scores.items():
            print(f"  {name:<24}{'not rated' if math.isnan(value) else f'{value:.3f}'}")


def _open_sets(
    data: Path,
    held_out: Path | None,
    output: Path,
    layout: Preset,
    wanted: ColumnMap,
    plan: TrainingPlan,
) -> tuple[FaceSet, FaceSet, bool]:
    """What is learned from, what is measured, and whether some picture could not be used."""
    from ....assessor.benchmark.evaluation.datasets import read_ratings
    from ....assessor.training.packing import pack_pictures, split_people
    from ....core.images import printable_path

    tables = [data] if held_out is None else [data, held_out]
    rated = [read_ratings(table, layout, wanted) for table in tables]
    for one in rated:
        for problem in one.problems:
            complain(f"{printable_path(one.path)}, line {problem.line}", problem.reason)
    chosen = [one.pictures for one in rated]
    if held_out is None:
        chosen = list(split_people(rated[0].pictures, plan.seed))
    learned, measured = (
        pack_pictures(pictures, output, name, lambda all_: tracked(all_, all_, "reading"))
        for name, pictures in zip(("train", "held_out"), chosen, strict=True)
    )
    unusable = learned.problems + measured.problems
    for picture, why in unusable:
        complain(picture, why)
    failed = bool(unusable) or any(one.problems for one in rated)
    return learned.faces, measured.faces, failed


def _run(
    plan: TrainingPlan,
    state: dict[str, object] | None,
    learned: FaceSet,
    measured: FaceSet,
    output: Path,
) -> tuple[Path, dict[str, float]]:
    from ....assessor.training.curve import plot_curve
    from ....assessor.training.export import export_onnx
    from ....assessor.training.measurement import evaluate, predict
    from ....assessor.training.retention import keep_unrated
    from ....assessor.training.trainer import train as train_network
    from .training_parts import training_progress

    if state is not None:
        learned = keep_unrated(learned, plan.network, state)
    with training_progress(plan) as progress:
        network = train_network(learned, measured, plan, output, start=state, progress=progress)
    weights = output / "assessor.onnx"
    export_onnx(network, weights)
    plot_curve(output / "curve.csv", output / "curve.png")
    return weights, evaluate(predict(network, measured), measured)
