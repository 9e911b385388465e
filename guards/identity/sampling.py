"""Sampling an embedder's chip out of a face in the FFHQ frame.

Every embedder was trained on chips cut in its own way. A fixed similarity transform leads from
the FFHQ frame to each; landmarks are never looked for again, so that two pictures of one
alignment are compared as faces, not as alignments.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.faces.aligned import FACE_SIZE_PX
from ...core.protocols import RGBImage

__all__ = ["fit_similarity", "sample_chip"]

_SMALLEST_FACE_PX = 32


def fit_similarity(
    source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Fit the similarity transform (rotation, one scale, shift) with the least squared error.

    Args:
        source: (N, 2) points, N >= 2, not all on one spot.
        target: (N, 2) points that they should come to lie on.

    Returns:
        (2, 3) float64 affine, source to target.

    Raises:
        InvalidInput: If the shapes differ or the source points are all on one spot.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2:
        raise InvalidInput(f"expected two (N, 2) point sets, got {source.shape}, {target.shape}")
    # As complex numbers a similarity is z -> turn * z + shift.
    start, end = source @ np.array([1, 1j]), target @ np.array([1, 1j])
    centred = start - start.mean()
    spread = np.vdot(centred, centred).real
    if spread < 1e-12:
        raise InvalidInput("expected distinct source points, got points all on one spot")
    turn = np.vdot(centred, end - end.mean()) / spread
    shift = end.mean() - turn * start.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def sample_chip(face: RGBImage, frame_to_chip: npt.NDArray[np.float64], side_px: int) -> RGBImage:
    """Sample a square chip from an aligned face, without aliasing when it shrinks.

    The chip is sampled finely enough to magnify the face, then averaged over whole cells.

    Args:
        face: (S, S, 3) uint8 RGB in the FFHQ frame, S >= 32.
        frame_to_chip: (2, 3) similarity from the 512 px FFHQ frame to chip px.
        side_px: Side of the chip.

    Returns:
        (side_px, side_px, 3) uint8 RGB.

    Raises:
        InvalidInput: If the face is not a square uint8 RGB picture, or too small.
    """
    require_face(face)
    to_chip = _from_face_px(frame_to_chip, face.shape[0])
    scale = math.sqrt(float(np.linalg.det(to_chip[:, :2])))
    cells = max(1, math.ceil(1.0 / scale))
    fine = to_chip * cells
    fine[:, 2] += (cells - 1) / 2  # pixel centres: fine = (chip + 0.5) * cells - 0.5
    side = side_px * cells
    sampled = cv2.warpAffine(
        face, fine, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if cells > 1:
        sampled = cv2.resize(sampled, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(sampled, dtype=np.uint8)


def require_face(face: RGBImage) -> None:
    """Check that a picture can be an aligned face.

    Raises:
        InvalidInput: If it is not (S, S, 3) uint8 with S >= 32.
    """
    shape, dtype = face.shape, face.dtype
    if len(shape) != 3 or shape[2] != 3 or shape[0] != shape[1] or dtype != np.uint8:
        raise InvalidInput(
            f"expected an aligned face, (S, S, 3) uint8 RGB, got {shape} {dtype}; align it first"
        )
    if shape[0] < _SMALLEST_FACE_PX:
        raise InvalidInput(
            f"expected a face of at least {_SMALLEST_FACE_PX} px a side, got {shape[0]}"
        )


def _from_face_px(frame_to_chip: npt.NDArray[np.float64], side_px: int) -> npt.NDArray[np.float64]:
    """Let a transform that starts at the 512 px frame start at a face of another size."""
    scale = FACE_SIZE_PX / side_px
    to_frame = np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1]])
    return np.asarray(frame_to_chip @ to_frame, dtype=np.float64)
