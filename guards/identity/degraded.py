"""dlib's network, taught on to say of a degraded face what it says of the person's good picture.

`benchmarks/distil_embedder.py` teaches, `benchmarks/degraded_embedder.py` puts the parameters into
`dlib_degraded.onnx`, and measures it. It compares a face with good pictures of people, such as
enrolled ones; between two pictures of one quality dlib's own parameters serve as well.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from .dlib_resnet import DLIB_RESNET
from .onnx_embedder import EmbedderSpec, OnnxEmbedder

__all__ = ["DEGRADED_RESNET", "DegradedFaceEmbedder"]

DEGRADED_RESNET: Final[EmbedderSpec] = replace(
    DLIB_RESNET, name="dlib-degraded-v1", weights="dlib_degraded.onnx"
)


class DegradedFaceEmbedder(OnnxEmbedder):
    """Embeds blurred, noisy and small faces near good pictures of their person; 128 numbers."""

    def __init__(self, threads: int = 0) -> None:
        """Open the network that ships with the package.

        Args:
            threads: Threads inside one inference; 0 leaves the choice to onnxruntime.

        Raises:
            InvalidInput: If threads is negative.
            WeightsMissing: If the package was installed without its weights.
        """
        path = Path(__file__).with_name(DEGRADED_RESNET.weights)
        super().__init__(DEGRADED_RESNET, path, threads)
