"""The embedders by name. To add one: its file in the weights table, one entry here."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ...core.errors import NotRegistered
from ...core.faces.aligned import LandmarkScheme
from ...core.weights import WeightsStore
from .degraded import DEGRADED_RESNET, DegradedFaceEmbedder
from .dlib_resnet import DLIB_RESNET, DlibEmbedder
from .onnx_embedder import EmbedderSpec, OnnxEmbedder

__all__ = ["create_embedder", "embedder_names", "embedder_spec"]

# InsightFace's five-point template for 112 px ("arcface_112_v2"); OpenCV's SFace uses the same.
_ARCFACE_112: Final = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)

_SPECS: Final = MappingProxyType(
    {
        "dlib": DLIB_RESNET,
        "dlib-degraded": DEGRADED_RESNET,
        "sface": EmbedderSpec(
            name="sface-2021dec",
            weights="face_recognition_sface_2021dec.onnx",
            side_px=112,
            scheme=LandmarkScheme.FFHQ5,
            template=_ARCFACE_112,
        ),
        "arcface": EmbedderSpec(
            name="arcface-w600k-r50",
            weights="arcface_w600k_r50.onnx",
            side_px=112,
            scheme=LandmarkScheme.FFHQ5,
            template=_ARCFACE_112,
            mean=127.5,
            scale=1.0 / 127.5,
        ),
    }
)


def embedder_names() -> tuple[str, ...]:
    """Names that `create_embedder` takes, the default first."""
    return tuple(_SPECS)


def embedder_spec(name: str) -> EmbedderSpec:
    """How the embedder of this name wants its faces.

    Raises:
        NotRegistered: If there is none of this name.
    """
    if name not in _SPECS:
        raise NotRegistered("embedder", name, _SPECS)
    return _SPECS[name]


def create_embedder(
    name: str = "dlib", threads: int = 0, store: WeightsStore | None = None
) -> OnnxEmbedder:
    """Open an embedder.

    Args:
        name: One of `embedder_names`.
        threads: Threads inside one inference; 0 leaves the choice to onnxruntime.
        store: Where optional weights lie; None for the user's own store.

    Raises:
        NotRegistered: If there is none of this name.
        WeightsMissing: If its weights are not on this machine; nothing is downloaded.
        ChecksumMismatch: If they are not the registered ones.
    """
    spec = embedder_spec(name)
    if spec is DLIB_RESNET:
        return DlibEmbedder(threads)
    if spec is DEGRADED_RESNET:
        return DegradedFaceEmbedder(threads)
    return OnnxEmbedder(spec, (store or WeightsStore()).require(spec.weights), threads)
