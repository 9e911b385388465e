"""Where a face has its eyes, brows, nose, mouth, skin and outline: soft masks from five landmarks.

A template in the FFHQ frame is moved by the similarity transform that carries the landmarks onto
their template; nothing is segmented, so a mask is right only as far as faces are alike.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput
from ..core.faces import FACE_SIZE_PX, LandmarkScheme, estimate_affine
from .findings import RegionDrift

__all__ = ["REGIONS", "region_masks"]

REGIONS: Final = tuple(field.name for field in fields(RegionDrift))
"""Names of the regions, in the order of the masks."""

_AXIS_X: Final = 255.9
"""The frame's axis of symmetry, as in the landmark template."""
_ELLIPSES: Final[dict[str, tuple[tuple[float, float, float, float], ...]]] = {
    "left_eye": ((_AXIS_X - 61, 243, 37, 23),),
    "right_eye": ((_AXIS_X + 61, 243, 37, 23),),
    "brows": ((_AXIS_X - 66, 205, 48, 15), (_AXIS_X + 66, 205, 48, 15)),
    "nose": ((_AXIS_X, 298, 38, 52),),
    "mouth": ((_AXIS_X, 374, 64, 32),),
}
"""Centre and radii in px of the 512 px FFHQ frame."""
_FACE: Final = (_AXIS_X, 287.0, 132.0, 168.0)
_OUTLINE: Final = (0.95, 1.3)
"""Inner and outer radius of the ring around the face, in radii of the face."""
_EDGE: Final = 0.12
"""Softness of every edge, in radii."""
_LARGEST_TURN_DEGREES: Final = 45.0
_SCALES: Final = (0.6, 1.7)

Masks = npt.NDArray[np.float32]


def region_masks(landmarks: npt.NDArray[np.float64], frame_px: int, side_px: int) -> Masks:
    """Soft masks of all regions over one aligned face.

    Landmarks that turn the face by more than 45 degrees or size it beyond 0.6..1.7 of the frame
    are a miss of the locator; the template then stays where the frame has it.

    Args:
        landmarks: (5, 2) dlib points in px of the aligned face.
        frame_px: Side of that face in px.
        side_px: Side of the masks in px.

    Returns:
        (7, side_px, side_px) float32 in the order of `REGIONS`; each sums to 1.

    Raises:
        InvalidInput: If a side is not positive.
    """
    if frame_px < 1 or side_px < 1:
        raise InvalidInput(f"expected sides of at least 1 px, got {frame_px} and {side_px}")
    centres = (np.arange(side_px) + 0.5) * FACE_SIZE_PX / side_px - 0.5
    x, y = np.meshgrid(centres, centres)
    affine = _to_template(landmarks * (FACE_SIZE_PX / frame_px))
    tx = affine[0, 0] * x + affine[0, 1] * y + affine[0, 2]
    ty = affine[1, 0] * x + affine[1, 1] * y + affine[1, 2]
    found = {
        name: np.maximum.reduce([_inside(_radius(tx, ty, one)) for one in ellipses])
        for name, ellipses in _ELLIPSES.items()
    }
    face = _radius(tx, ty, _FACE)
    features = np.maximum.reduce(list(found.values()))
    found["skin"] = _inside(face / _OUTLINE[0]) * (1 - features)
    found["outline"] = _inside(face / _OUTLINE[1]) * (1 - _inside(face / _OUTLINE[0]))
    masks = np.stack([found[name] for name in REGIONS])
    totals = np.maximum(masks.sum(axis=(1, 2), keepdims=True), 1e-9)
    return np.asarray(masks / totals, np.float32)


def _to_template(landmarks: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    still = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    try:
        affine = estimate_affine(landmarks, LandmarkScheme.DLIB5)
    except InvalidInput:  # all on one spot: no better place is known than the frame's own
        return still
    scale = float(np.hypot(affine[0, 0], affine[1, 0]))
    turn = abs(float(np.degrees(np.arctan2(affine[1, 0], affine[0, 0]))))
    sane = _SCALES[0] <= scale <= _SCALES[1] and turn <= _LARGEST_TURN_DEGREES
    return affine if sane else still


def _radius(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], ellipse: tuple[float, ...]
) -> npt.NDArray[np.float64]:
    cx, cy, rx, ry = ellipse
    return np.hypot((x - cx) / rx, (y - cy) / ry)


def _inside(radius: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """1 well inside radius 1, 0 well outside."""
    return 1.0 / (1.0 + np.exp(np.clip((radius - 1.0) / _EDGE, -40.0, 40.0)))
