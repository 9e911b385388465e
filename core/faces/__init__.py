"""Faces in a picture: find them, bring each to the FFHQ frame, and put it back."""

from .aligned import FACE_SIZE_PX, AlignedFace, DetectedFace, LandmarkScheme
from .alignment import align_face, estimate_affine, frame_as_aligned
from .detection import DlibDetector, FaceDetector, LandmarkLocator
from .paste import fit_aligned, give_back_face, keep_box, paste_face, upscale_background

__all__ = [
    "FACE_SIZE_PX",
    "AlignedFace",
    "DetectedFace",
    "DlibDetector",
    "FaceDetector",
    "LandmarkLocator",
    "LandmarkScheme",
    "align_face",
    "estimate_affine",
    "fit_aligned",
    "frame_as_aligned",
    "give_back_face",
    "keep_box",
    "paste_face",
    "upscale_background",
]
