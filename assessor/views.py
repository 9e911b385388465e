"""The three complementary views of one aligned face, cut the same way in training and at run time.

Whole: the whole face at half resolution. Inner face: eyes to mouth at native resolution. Mosaic:
a 4 x 4 grid of native fragments, in which noise and sharpness survive. All are 128 px a side, cut
from the face at 256 px.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput
from ..core.protocols import RGBImage

__all__ = ["FRAME_PX", "INNER_FACE", "MOSAIC_OFFSETS", "VIEW_PX", "prepare_face"]

FRAME_PX: Final = 256
"""Side of the face that enters the network."""
VIEW_PX: Final = 128
"""Side of each view."""
INNER_FACE: Final = (82, 64)
"""Top and left of the inner-face crop in the 256 px frame."""
MOSAIC_OFFSETS: Final = (20, 80, 144, 204)
"""Top (and left) of the 32 px fragments in the 256 px frame."""


def prepare_face(face: RGBImage) -> npt.NDArray[np.uint8]:
    """Bring an aligned face to the network's input size.

    Args:
        face: (S, S, 3) uint8 RGB in the FFHQ frame, S at least 32.

    Returns:
        (256, 256, 3) uint8 RGB; area-averaged when shrinking, linear when growing.

    Raises:
        InvalidInput: If it is not square, not RGB uint8, or too small.
    """
    if not isinstance(face, np.ndarray):
        raise InvalidInput(f"expected an (S, S, 3) uint8 RGB array, got {type(face).__name__}")
    if face.dtype != np.uint8 or face.ndim != 3 or face.shape[2] != 3:
        raise InvalidInput(f"expected an (S, S, 3) uint8 RGB face, got {face.shape} {face.dtype}")
    if face.shape[0] != face.shape[1] or face.shape[0] < 32:
        raise InvalidInput(
            f"expected a square aligned face of at least 32 px, got "
            f"{face.shape[1]}x{face.shape[0]}; align it first (facefidelity assess does)"
        )
    if face.shape[0] == FRAME_PX:
        return face
    interpolation = cv2.INTER_AREA if face.shape[0] > FRAME_PX else cv2.INTER_LINEAR
    resized = cv2.resize(face, (FRAME_PX, FRAME_PX), interpolation=interpolation)
    return np.asarray(resized, np.uint8)
