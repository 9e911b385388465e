"""The types of a detected and of an aligned face.

An aligned face's crop and the affine that made it travel together, so that a face can never be
pasted back with another face's geometry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
import numpy.typing as npt

from ..errors import InvalidInput

__all__ = ["FACE_SIZE_PX", "AlignedFace", "DetectedFace", "LandmarkScheme"]

FACE_SIZE_PX: Final = 512
"""Side of the FFHQ frame in which every face is judged."""


class LandmarkScheme(Enum):
    """Which five points a detector gives, in image order (left is the picture's left).

    Both start with the eye region on the picture's left.
    """

    FFHQ5 = "ffhq5"
    """Left eye, right eye, nose tip, left mouth corner, right mouth corner (RetinaFace, YuNet)."""
    DLIB5 = "dlib5"
    """Left eye outer and inner corner, right eye inner and outer corner, nose base (dlib)."""


def _require(ok: bool, expected: str, came: object) -> None:
    if not ok:
        raise InvalidInput(f"expected {expected}, got {came}")


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face in a picture, in that picture's pixels.

    Attributes:
        box: (x0, y0, x1, y1) in px; may reach over the border.
        landmarks: (5, 2) float64, x then y, in px.
        scheme: Which five points the landmarks are.
        confidence: The detector's own score; higher is surer, the scale is the detector's.
    """

    box: tuple[float, float, float, float]
    landmarks: npt.NDArray[np.float64]
    scheme: LandmarkScheme
    confidence: float

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.box
        _require(x1 > x0 and y1 > y0, "a box with x0 < x1 and y0 < y1", self.box)
        _require(self.landmarks.shape == (5, 2), "landmarks of shape (5, 2)", self.landmarks.shape)
        _require(
            bool(np.isfinite(self.landmarks).all()), "finite landmarks", self.landmarks.tolist()
        )

    @property
    def width_px(self) -> float:
        """Width of the box in px."""
        return self.box[2] - self.box[0]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFace:
    """One face, warped to the FFHQ frame, with everything needed to put it back.

    Attributes:
        pixels: (512, 512, 3) uint8 RGB.
        affine: (2, 3) float64, takes picture px to crop px.
        landmarks: (5, 2) float64 in picture px.
        scheme: Which five points the landmarks are.
        box: (x0, y0, x1, y1) in picture px.
        detector_confidence: The detector's own score.
    """

    pixels: npt.NDArray[np.uint8]
    affine: npt.NDArray[np.float64]
    landmarks: npt.NDArray[np.float64]
    scheme: LandmarkScheme
    box: tuple[float, float, float, float]
    detector_confidence: float

    def __post_init__(self) -> None:
        shape = (FACE_SIZE_PX, FACE_SIZE_PX, 3)
        _require(self.pixels.shape == shape, f"pixels of shape {shape}", self.pixels.shape)
        _require(self.pixels.dtype == np.uint8, "uint8 pixels", self.pixels.dtype)
        _require(self.affine.shape == (2, 3), "an affine of shape (2, 3)", self.affine.shape)
        _require(self.landmarks.shape == (5, 2), "landmarks of shape (5, 2)", self.landmarks.shape)
        determinant = float(np.linalg.det(self.affine[:, :2]))
        _require(determinant > 1e-8, "an invertible affine", f"determinant {determinant:.3g}")

    @property
    def width_px(self) -> float:
        """Width of the face's box in picture px."""
        return self.box[2] - self.box[0]

    @property
    def scale(self) -> float:
        """Crop px per picture px; above 1 the crop is magnified."""
        return float(np.sqrt(np.linalg.det(self.affine[:, :2])))

    @property
    def crop_landmarks(self) -> npt.NDArray[np.float64]:
        """(5, 2) landmarks in crop px."""
        return self.landmarks @ self.affine[:, :2].T + self.affine[:, 2]
