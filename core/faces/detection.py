"""Face detection: the protocol, and dlib's HOG detector with its five landmarks as the default.

dlib's Python front is not imported: the compiled module and the data files of
`face-recognition-models` are taken directly.
"""

from __future__ import annotations

import importlib.util
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt

from ..errors import DetectorFailed, InvalidInput
from ..protocols import RGBImage
from .aligned import FACE_SIZE_PX, DetectedFace, LandmarkScheme

__all__ = ["DlibDetector", "FaceDetector", "LandmarkLocator", "face_recognition_data"]

_HOG_WINDOW_PX: Final = 80
"""Smallest face that dlib's HOG detector sees without magnification."""
_LANDMARK_FACE_PX: Final = 256
_FRAME_BOX: Final = (101, 155, 404, 458)
"""Mean box of dlib's detector over faces in the FFHQ frame (benchmarks/landmark_template.py)."""
_IMAGE_ORDER: Final = (2, 3, 1, 0, 4)
"""dlib counts from the picture's right eye; ours starts at its left."""


@runtime_checkable
class FaceDetector(Protocol):
    """Finds faces and five landmarks each."""

    @property
    def name(self) -> str:
        """Name written into every record."""
        ...

    def detect(self, image: RGBImage) -> list[DetectedFace]:
        """Find faces in an (H, W, 3) uint8 RGB picture, largest first; none is a result.

        Raises:
            DetectorFailed: If the detector itself breaks.
        """
        ...


@runtime_checkable
class LandmarkLocator(Protocol):
    """Finds five landmarks in a face that already is in the FFHQ frame."""

    def locate(self, face: RGBImage) -> npt.NDArray[np.float64]:
        """(5, 2) float64 landmarks in px of a (512, 512, 3) uint8 RGB aligned face."""
        ...


def face_recognition_data(file: str) -> Path:
    """Path of a data file of the package face-recognition-models, without importing it.

    Raises:
        DetectorFailed: If the package or the file is not installed.
    """
    spec = importlib.util.find_spec("face_recognition_models")
    folders = spec.submodule_search_locations if spec is not None else None
    for folder in folders or ():
        path = Path(folder) / "models" / file
        if path.is_file():
            return path
    raise DetectorFailed(
        f"expected {file} of the package face-recognition-models, found none; "
        "run: pip install face-recognition-models"
    )


class DlibDetector:
    """dlib's HOG frontal-face detector; magnifies the picture so that small faces are seen.

    Args:
        min_face_px: Narrowest face to look for, in px of the picture.
        max_work_pixels: Bound on the magnified picture; in a very large picture the narrowest
            face that can be found grows (`narrowest_px` tells).
        threshold: Least confidence on dlib's own scale. Below 0.1 the magnified blocks of a poor
            picture begin to look like faces; true faces of poor pictures were seen from 0.35 up.

    Raises:
        InvalidInput: If min_face_px is below 16.
    """

    name = "dlib-hog-5"

    def __init__(
        self,
        min_face_px: int = 32,
        max_work_pixels: int = 16_000_000,
        threshold: float = 0.1,
    ) -> None:
        if min_face_px < 16:
            raise InvalidInput(f"expected min_face_px of at least 16, got {min_face_px}")
        self.min_face_px = min_face_px
        self.max_work_pixels = max_work_pixels
        self.threshold = threshold

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        import _dlib_pybind11 as dlib

        model = face_recognition_data("shape_predictor_5_face_landmarks.dat")
        return dlib, dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model))

    def narrowest_px(self, height: int, width: int) -> float:
        """Width in px of the narrowest face that can be found in a picture of this size."""
        return _HOG_WINDOW_PX / self._magnification(height, width)

    def _magnification(self, height: int, width: int) -> float:
        bound = float(np.sqrt(self.max_work_pixels / (height * width)))
        return min(_HOG_WINDOW_PX / self.min_face_px, bound)

    def detect(self, image: RGBImage) -> list[DetectedFace]:
        """Find faces in an (H, W, 3) uint8 RGB picture, largest first."""
        _, detector, _ = self._parts
        factor = self._magnification(*image.shape[:2])
        size = tuple(max(1, round(side * factor)) for side in image.shape[1::-1])
        interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        work = np.ascontiguousarray(cv2.resize(image, size, interpolation=interpolation))
        try:
            boxes, confidences, _ = detector.run(work, 0, self.threshold)
        except RuntimeError as error:
            raise DetectorFailed(f"dlib's detector failed on {image.shape}: {error}") from error
        faces = [
            self._landmarked(image, np.array(_corners(box)) / factor, float(confidence))
            for box, confidence in zip(boxes, confidences, strict=True)
        ]
        kept = [face for face in faces if face.width_px >= self.min_face_px]
        return sorted(kept, key=lambda face: (-face.width_px, face.box))

    def locate(self, face: RGBImage) -> npt.NDArray[np.float64]:
        """Find the landmarks of an aligned face in the box where the frame holds every face."""
        dlib, _, predictor = self._parts
        box = (round(value * face.shape[0] / FACE_SIZE_PX) for value in _FRAME_BOX)
        shape = predictor(np.ascontiguousarray(face), dlib.rectangle(*box))
        return _points(shape)

    def _landmarked(self, image: RGBImage, box: Any, confidence: float) -> DetectedFace:
        """Find the landmarks on the face brought to 256 px, where dlib's whole px are fine."""
        dlib, _, predictor = self._parts
        x0, y0, x1, y1 = (float(value) for value in box)
        factor = _LANDMARK_FACE_PX / (x1 - x0)
        margin = 0.35 * (x1 - x0)
        shift = np.array([x0 - margin, y0 - margin])
        side = round((x1 - x0 + 2 * margin) * factor)
        affine = np.array([[factor, 0, -shift[0] * factor], [0, factor, -shift[1] * factor]])
        source = image
        if factor < 0.5:
            source = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / factor), np.uint8)
        chip = cv2.warpAffine(source, affine, (side, side), borderMode=cv2.BORDER_REPLICATE)
        start = round(margin * factor)
        rectangle = dlib.rectangle(
            start, start, start + _LANDMARK_FACE_PX, start + _LANDMARK_FACE_PX
        )
        shape = predictor(np.ascontiguousarray(chip), rectangle)
        points = _points(shape) / factor + shift
        return DetectedFace((x0, y0, x1, y1), points, LandmarkScheme.DLIB5, confidence)


def _points(shape: Any) -> npt.NDArray[np.float64]:
    return np.array([[shape.part(i).x, shape.part(i).y] for i in _IMAGE_ORDER], dtype=np.float64)


def _corners(box: Any) -> tuple[float, float, float, float]:
    return (box.left(), box.top(), box.right() + 1, box.bottom() + 1)
