"""dlib's face recognition ResNet (CC0) as the embedder that needs no download.

The network is `dlib_resnet.onnx` beside this file, made by ``benchmarks/dlib_to_onnx.py``;
MODEL_CARD.md says what it can and cannot tell.
"""

from __future__ import annotations

from typing import Final

from ...core.faces.aligned import LandmarkScheme
from .onnx_embedder import EmbedderSpec, ShippedEmbedder

__all__ = ["DLIB_RESNET", "DlibEmbedder"]

_SIDE_PX: Final = 150
_PADDING: Final = 0.25
# dlib 20, image_transforms/interpolation.h, get_face_chip_details for five landmarks, in the
# order of LandmarkScheme.DLIB5; fractions of the unpadded chip.
_UNPADDED: Final = (
    (0.1205750620789, 0.2137274526848),
    (0.3340850613712, 0.2290642403242),
    (0.6460604764104, 0.2289674387677),
    (0.8595674595992, 0.2134981538014),
    (0.4901123135679, 0.6277975316475),
)


def _padded(fraction: float) -> float:
    return (_PADDING + fraction) / (2 * _PADDING + 1) * _SIDE_PX


DLIB_RESNET: Final = EmbedderSpec(
    name="dlib-resnet-v1",
    weights="dlib_resnet.onnx",
    side_px=_SIDE_PX,
    scheme=LandmarkScheme.DLIB5,
    template=tuple((_padded(x), _padded(y)) for x, y in _UNPADDED),
)
"""150 px RGB chips, 0..255; the network normalises them itself."""


class DlibEmbedder(ShippedEmbedder):
    """The default embedder: 128 numbers a face, within 1e-3 of dlib's own."""

    SHIPPED = DLIB_RESNET
