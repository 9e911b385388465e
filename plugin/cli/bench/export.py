"""``facefidelity bench export``: a training run's checkpoint as ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..formats import FormatOption, OutputFormat, print_json_line

__all__ = ["export"]


def export(
    run: Annotated[Path, typer.Argument(help="A run's folder, or its last.pt.", readable=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where the ONNX file goes.", readable=False)
    ],
    format: FormatOption = OutputFormat.text,  # noqa: A002 - the contract's name
) -> int:
    """Export a run as it stands, finished or not, and check that onnxruntime says the same.

    Needs: pip install 'facefidelity[train]'.

    Example: facefidelity bench export run -o assessor.onnx
    """
    from .training_parts import require_training

    require_training()
    import hashlib

    from ....assessor.training.export import export_onnx
    from ....assessor.training.trainer import load_trained

    network = load_trained(run / "last.pt" if run.is_dir() else run)
    difference = export_onnx(network, output)
    sha256 = hashlib.sha256(output.read_bytes()).hexdigest()
    if format is OutputFormat.json:
        print_json_line(weights=str(output), sha256=sha256, largest_difference=difference)
    else:
        print(f"{output}: sha256 {sha256}, within {difference:.5f} points of torch")
    return 0
