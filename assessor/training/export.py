"""Exports the trained network to one ONNX file and checks that it says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch

from ...core.errors import UnsupportedWeights
from .network import Assessor

__all__ = ["export_onnx"]


def export_onnx(network: Assessor, path: Path, tolerance: float = 0.05) -> float:
    """Write the ONNX file; batch size is free.

    Args:
        network: The trained network.
        path: Where the file goes.
        tolerance: Largest difference between torch and onnxruntime, in score points.

    Returns:
        The largest difference that was seen, in score points.

    Raises:
        UnsupportedWeights: If it is larger than the tolerance.
    """
    network = network.eval().to(memory_format=torch.contiguous_format)
    face = torch.from_numpy(
        np.random.default_rng(0).integers(0, 256, (3, 3, 256, 256)).astype(np.float32)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        network,
        (face[:2],),
        str(path),
        input_names=["face"],
        output_names=["scores"],
        dynamic_shapes={"face": {0: torch.export.Dim("batch", min=1, max=1024)}},
        opset_version=18,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    came = session.run(None, {"face": face.numpy()})[0]
    with torch.no_grad():
        difference = float(np.abs(came - network(face).numpy()).max())
    if difference > tolerance:
        raise UnsupportedWeights(
            f"expected onnxruntime within {tolerance} points of torch, got {difference:.4f}"
        )
    return difference
