"""Things between the camera and the face; they belong to the scene, not to the camera's faults."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ....core.errors import InvalidInput
from ....core.protocols import RGBImage

__all__ = ["OCCLUDERS", "occlude"]

OCCLUDERS: Final = ("post", "mask", "sunglasses", "drops")


def occlude(face: RGBImage, kind: str, rng: np.random.Generator) -> RGBImage:
    """Put one occluder in front of a face.

    Args:
        face: (S, S, 3) uint8 RGB in the FFHQ frame.
        kind: "post" (a bar at one side), "mask" (over nose and mouth), "sunglasses", or "drops"
            (dirt on the window); "" leaves the face as it is.
        rng: Source of place, size and colour.

    Returns:
        (S, S, 3) uint8 RGB.

    Raises:
        InvalidInput: If the kind is another.
    """
    if kind not in {"", *OCCLUDERS}:
        raise InvalidInput(f"expected an occluder of {', '.join(OCCLUDERS)}, got {kind!r}")
    side = face.shape[0]
    shape = np.zeros((side, side), np.float32)
    shade = rng.uniform(10, 235, 3).astype(np.float32)
    if not kind:  # after the draw: a face without an occluder takes as many random numbers
        return face
    if kind == "post":
        width = int(rng.uniform(0.08, 0.22) * side)
        left = int(rng.choice([rng.uniform(0.12, 0.3), rng.uniform(0.62, 0.8)]) * side)
        cv2.rectangle(shape, (left, 0), (left + width, side), 1.0, -1)
    elif kind == "mask":
        outline = np.array([[0.27, 0.6], [0.5, 0.55], [0.73, 0.6], [0.7, 0.85], [0.5, 0.95]])
        cv2.fillPoly(shape, [np.rint(outline * side).astype(np.int32)], 1.0)
    elif kind == "sunglasses":
        shade = rng.uniform(5, 60, 3).astype(np.float32)
        for x in (0.377, 0.623):
            axes = (int(0.105 * side), int(0.075 * side))
            cv2.ellipse(shape, (int(x * side), int(0.475 * side)), axes, 0, 0, 360, 1.0, -1)
        cv2.line(
            shape,
            (int(0.42 * side), int(0.46 * side)),
            (int(0.58 * side), int(0.46 * side)),
            1.0,
            max(1, side // 60),
        )
    else:
        for _ in range(int(rng.integers(2, 9))):
            centre = (rng.uniform(0.15, 0.85, 2) * side).astype(int)
            cv2.circle(shape, centre.tolist(), int(rng.uniform(0.01, 0.05) * side), 0.8, -1)
    alpha = cv2.GaussianBlur(shape, (0, 0), max(0.4, side / 400))[..., None]
    mixed = face * (1 - alpha) + shade * alpha
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)
