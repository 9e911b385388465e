"""How far the landmarks moved, and how far the head turned, between a face and its restoration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput

__all__ = ["HeadPose", "head_pose", "landmark_shift"]

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadPose:
    """A proxy of the head's pose from five points; good for differences, not for angles in space.

    Attributes:
        roll_degrees: Angle of the line through both eyes, in [-180, 180); positive where the
            right eye of the picture is the lower one.
        yaw_ratio: How far the nose base lies from the middle of the eyes along that line, in
            inter-ocular distances; 0 seen from the front, positive towards the picture's right.
    """

    roll_degrees: float
    yaw_ratio: float

    def roll_change(self, other: HeadPose) -> float:
        """Degrees between the two rolls, 0..180."""
        return abs((other.roll_degrees - self.roll_degrees + 180.0) % 360.0 - 180.0)

    def yaw_change(self, other: HeadPose) -> float:
        """Difference of the two yaw ratios, 0 or more."""
        return abs(other.yaw_ratio - self.yaw_ratio)


def head_pose(landmarks: Points) -> HeadPose:
    """Estimate the pose proxy.

    Args:
        landmarks: (5, 2) points, left eye first, nose last (dlib's five).

    Raises:
        InvalidInput: If the shape is not (5, 2), a point is not finite, or the eyes coincide.
    """
    left, right, distance = _eyes(landmarks)
    across = (right - left) / distance
    nose = landmarks[4] - (left + right) / 2
    return HeadPose(
        roll_degrees=float(np.degrees(np.arctan2(across[1], across[0]))),
        yaw_ratio=float(nose @ across) / distance,
    )


def landmark_shift(lq: Points, hq: Points) -> float:
    """Mean shift of five landmarks, in inter-ocular distances of LQ.

    Args:
        lq: (5, 2) landmarks of the input, left eye first, nose last (dlib's five).
        hq: (5, 2) landmarks of the restoration in the same frame.

    Raises:
        InvalidInput: If the shapes are not (5, 2), a point is not finite, or the eyes coincide.
    """
    _require_points(hq)
    _, _, distance = _eyes(lq)
    return float(np.linalg.norm(hq - lq, axis=1).mean() / distance)


def _eyes(landmarks: Points) -> tuple[Points, Points, float]:
    """Centres of both eyes and their distance."""
    _require_points(landmarks)
    left, right = landmarks[:2].mean(axis=0), landmarks[2:4].mean(axis=0)
    distance = float(np.linalg.norm(right - left))
    if distance < 1e-6:
        raise InvalidInput("expected two eyes apart, got one spot")
    return left, right, distance


def _require_points(landmarks: Points) -> None:
    if landmarks.shape != (5, 2):
        raise InvalidInput(f"expected landmarks of shape (5, 2), got {landmarks.shape}")
    if not np.isfinite(landmarks).all():
        raise InvalidInput(f"expected finite landmarks, got {landmarks.tolist()}")
