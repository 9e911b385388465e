"""Finds the faces of a picture and scores them; nothing is restored here."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput
from ..core.faces import AlignedFace, FaceDetector, align_face, frame_as_aligned
from ..core.images import require_rgb
from ..core.protocols import QualityAssessor, RGBImage
from ..guards.verdict import Reason
from .parts import default_assessor, default_detector
from .results import AssessedFace

__all__ = ["FaceAssessment", "is_blank"]

_LEAST_DEVIATION: Final = 2.0
"""Grey levels; below it a crop shows nothing."""
_LEAST_INSIDE: Final = 0.5
"""Least share of a face's box that lies inside the picture."""


class FaceAssessment:
    """Finds, aligns and scores faces.

    Args:
        assessor: Predicts the scores; the shipped one by default.
        detector: Finds faces; dlib's by default.
        min_face_px: Faces narrower than this are named, not assessed.
        only_center_face: Take only the face nearest to the picture's centre.

    Raises:
        InvalidInput: If min_face_px is negative.
    """

    def __init__(
        self,
        assessor: QualityAssessor | None = None,
        detector: FaceDetector | None = None,
        *,
        min_face_px: int = 0,
        only_center_face: bool = False,
    ) -> None:
        if min_face_px < 0:
            raise InvalidInput(f"expected min_face_px of 0 or more, got {min_face_px}")
        self.assessor = assessor or default_assessor()
        self.detector = detector or default_detector()
        self.min_face_px = min_face_px
        self.only_center_face = only_center_face

    def find_faces(self, image: RGBImage, *, aligned: bool = False) -> list[AlignedFace]:
        """Find and align the faces of a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            aligned: The picture already is one face in the FFHQ frame.

        Returns:
            Faces, largest first; empty when there is none.

        Raises:
            InvalidInput: If `aligned` is said of a picture that is not square.
            DetectorFailed: If the detector breaks.
        """
        if aligned:
            return [frame_as_aligned(image)]
        faces = [align_face(image, face) for face in self.detector.detect(image)]
        if self.only_center_face and faces:
            centre = np.array([image.shape[1], image.shape[0]]) / 2
            faces = [min(faces, key=lambda face: _distance(face, centre))]
        return faces

    def assess(self, image: RGBImage, *, aligned: bool = False) -> list[AssessedFace]:
        """Score every face of a picture; nothing is restored.

        Args:
            image: (H, W, 3) uint8 RGB.
            aligned: The picture already is one face in the FFHQ frame.

        Returns:
            Faces, largest first; one that cannot be scored says why.

        Raises:
            InvalidInput: If the array is not such a picture.
        """
        image = require_rgb(image)
        assessed = []
        for face in self.find_faces(image, aligned=aligned):
            problem = self.problem_of(face, image)
            if problem is None:
                assessed.append(AssessedFace(face, self.assessor.score(face.pixels)))
            else:
                assessed.append(AssessedFace(face, None, problem.text))
        return assessed

    def problem_of(self, face: AlignedFace, image: RGBImage) -> Reason | None:
        """Why a face cannot be assessed, or None when it can."""
        if face.width_px < self.min_face_px:
            return Reason.FACE_TOO_SMALL
        if _inside(face, image) < _LEAST_INSIDE or is_blank(face.pixels):
            return Reason.FACE_WITHOUT_CONTENT
        return None


def is_blank(face: RGBImage) -> bool:
    """Whether an (S, S, 3) face shows nothing: every colour channel is nearly constant."""
    return float(face.std(axis=(0, 1)).max()) < _LEAST_DEVIATION


def _inside(face: AlignedFace, image: RGBImage) -> float:
    """Share of the face's box that lies inside the picture."""
    x0, y0, x1, y1 = face.box
    width = min(x1, image.shape[1]) - max(x0, 0)
    height = min(y1, image.shape[0]) - max(y0, 0)
    return float(max(width, 0) * max(height, 0) / ((x1 - x0) * (y1 - y0)))


def _distance(face: AlignedFace, centre: npt.NDArray[Any]) -> float:
    x0, y0, x1, y1 = face.box
    return float(np.hypot((x0 + x1) / 2 - centre[0], (y0 + y1) / 2 - centre[1]))
