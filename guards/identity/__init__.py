"""Who is it? Embedders for aligned faces, and what their cosine similarities mean.

An embedder says how alike two faces are to it; it never decides about a restoration.
"""

from .calibration import ImpostorPopulation, load_calibration, load_populations
from .degraded import DEGRADED_RESNET, DegradedFaceEmbedder
from .dlib_resnet import DLIB_RESNET, DlibEmbedder
from .onnx_embedder import EmbedderSpec, OnnxEmbedder
from .registry import create_embedder, embedder_names

__all__ = [
    "DEGRADED_RESNET",
    "DLIB_RESNET",
    "DegradedFaceEmbedder",
    "DlibEmbedder",
    "EmbedderSpec",
    "ImpostorPopulation",
    "OnnxEmbedder",
    "create_embedder",
    "embedder_names",
    "load_calibration",
    "load_populations",
]
