"""Alignment to the FFHQ 512 frame, as facexlib's FaceRestoreHelper does it.

FFHQ points: similarity transform by least median of squares onto the five-point template, linear
interpolation, grey border. The dlib template is the same frame seen through dlib's points; they
are fitted by least squares, which is steadier: every one of them lies on bone, none on the mouth.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import InvalidInput
from ..protocols import RGBImage
from .aligned import FACE_SIZE_PX, AlignedFace, DetectedFace, LandmarkScheme

__all__ = ["BORDER_RGB", "TEMPLATES", "align_face", "estimate_affine", "frame_as_aligned"]

BORDER_RGB: Final = (132, 133, 135)
"""facexlib's border grey (135, 133, 132 in its BGR)."""

TEMPLATES: Final[dict[LandmarkScheme, npt.NDArray[np.float64]]] = {
    # facexlib 0.3.0, utils/face_restoration_helper.py
    LandmarkScheme.FFHQ5: np.array(
        [
            [192.98138, 239.94708],
            [318.90277, 240.1936],
            [256.63416, 314.01935],
            [201.26117, 371.41043],
            [313.08905, 371.15118],
        ]
    ),
    # dlib's points over 68 faces already in the FFHQ frame, made symmetric about its axis; within
    # 1.1 px of the mean over 311 (docs/results/landmark_template.md)
    LandmarkScheme.DLIB5: np.array(
        [[170.3, 242.5], [219.6, 246.3], [292.2, 246.3], [341.5, 242.5], [255.9, 335.0]]
    ),
}
"""Where each scheme's five points lie in the 512 px FFHQ frame."""


def estimate_affine(
    landmarks: npt.NDArray[np.float64], scheme: LandmarkScheme
) -> npt.NDArray[np.float64]:
    """Estimate the similarity transform from picture px to the FFHQ frame.

    Args:
        landmarks: (5, 2) points in picture px.
        scheme: Which five points they are.

    Returns:
        (2, 3) float64 affine.

    Raises:
        InvalidInput: If the points are not five, not finite, or degenerate (all on one spot).
    """
    if landmarks.shape != (5, 2) or not np.isfinite(landmarks).all():
        raise InvalidInput(
            f"expected (5, 2) finite landmarks, got {np.asarray(landmarks).tolist()}"
        )
    if scheme is LandmarkScheme.DLIB5:
        affine = _least_squares_similarity(landmarks, TEMPLATES[scheme])
    else:
        affine, _ = cv2.estimateAffinePartial2D(landmarks, TEMPLATES[scheme], method=cv2.LMEDS)
    if affine is None or not np.isfinite(affine).all() or abs(np.linalg.det(affine[:, :2])) < 1e-8:
        raise InvalidInput(
            f"expected five distinct landmarks, got {np.round(landmarks, 1).tolist()}"
        )
    return np.asarray(affine, dtype=np.float64)


def _least_squares_similarity(
    points: npt.NDArray[np.float64], template: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    """Closed form of the best rotation, scale and shift; None when the points coincide."""
    point_mean, template_mean = points.mean(axis=0), template.mean(axis=0)
    p, t = points - point_mean, template - template_mean
    spread = float((p * p).sum())
    if spread < 1e-9:
        return None
    a = float((p * t).sum()) / spread
    b = float((p[:, 0] * t[:, 1] - p[:, 1] * t[:, 0]).sum()) / spread
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, template_mean - turn @ point_mean])


def align_face(image: RGBImage, face: DetectedFace) -> AlignedFace:
    """Warp one detected face to the FFHQ frame.

    Args:
        image: (H, W, 3) uint8 RGB.
        face: A face detected in that picture.

    Returns:
        The aligned face with the affine that made it.

    Raises:
        InvalidInput: If the landmarks are degenerate.
    """
    affine = estimate_affine(face.landmarks, face.scheme)
    pixels = cv2.warpAffine(
        image,
        affine,
        (FACE_SIZE_PX, FACE_SIZE_PX),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BORDER_RGB,
    )
    return AlignedFace(
        pixels=np.asarray(pixels, dtype=np.uint8),
        affine=affine,
        landmarks=face.landmarks,
        scheme=face.scheme,
        box=face.box,
        detector_confidence=face.confidence,
    )


def frame_as_aligned(image: RGBImage) -> AlignedFace:
    """Take a picture that already is an aligned face crop as what it says it is.

    The crop is brought to 512 x 512; landmarks are the template's own.

    Args:
        image: (S, S, 3) uint8 RGB in the FFHQ frame, at least 32 px a side.

    Raises:
        InvalidInput: If the picture is not uint8 RGB, not square, or too small.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise InvalidInput(f"expected an (S, S, 3) uint8 RGB face, got {image.shape} {image.dtype}")
    height, width = image.shape[:2]
    if height != width or height < 32:
        raise InvalidInput(
            f"expected an aligned face: square, at least 32 px a side; got {width}x{height}; "
            "leave --aligned away to have faces found"
        )
    scale = FACE_SIZE_PX / width
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = image
    if scale != 1:
        pixels = cv2.resize(image, (FACE_SIZE_PX, FACE_SIZE_PX), interpolation=interpolation)
    # Pixel centres: crop = (x + 0.5) * scale - 0.5.
    shift = (scale - 1) / 2
    return AlignedFace(
        pixels=np.ascontiguousarray(pixels, dtype=np.uint8),
        affine=np.array([[scale, 0.0, shift], [0.0, scale, shift]]),
        landmarks=(TEMPLATES[LandmarkScheme.FFHQ5] - shift) / scale,
        scheme=LandmarkScheme.FFHQ5,
        box=(0.0, 0.0, float(width), float(height)),
        detector_confidence=1.0,
    )
