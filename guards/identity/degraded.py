"""dlib's network, taught on to say of a degraded face what it says of the person's good picture.

`benchmarks/distil_embedder.py` teaches, `benchmarks/degraded_embedder.py` puts the parameters into
`dlib_degraded.onnx`, and measures it. It compares a face with good pictures of people, such as
enrolled ones; between two pictures of one quality dlib's own parameters serve as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .dlib_resnet import DLIB_RESNET
from .onnx_embedder import EmbedderSpec, ShippedEmbedder

__all__ = ["DEGRADED_RESNET", "DegradedFaceEmbedder"]

DEGRADED_RESNET: Final[EmbedderSpec] = replace(
    DLIB_RESNET, name="dlib-degraded-v1", weights="dlib_degraded.onnx"
)


class DegradedFaceEmbedder(ShippedEmbedder):
    """Embeds blurred, noisy and small faces near good pictures of their person; 128 numbers."""

    SHIPPED = DEGRADED_RESNET
