"""How far the landmarks moved between a face and its restoration."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput

__all__ = ["landmark_shift"]

Points = npt.NDArray[np.float64]


def landmark_shift(lq: Points, hq: Points) -> float:
    """Mean shift of five landmarks, in inter-ocular distances of LQ.

    Args:
        lq: (5, 2) landmarks of the input, left eye first, nose last (dlib's five).
        hq: (5, 2) landmarks of the restoration in the same frame.

    Raises:
        InvalidInput: If the shapes are not (5, 2), a point is not finite, or the eyes coincide.
    """
    if lq.shape != (5, 2) or hq.shape != (5, 2):
        raise InvalidInput(f"expected landmarks of shape (5, 2), got {lq.shape} and {hq.shape}")
    if not (np.isfinite(lq).all() and np.isfinite(hq).all()):
        raise InvalidInput(f"expected finite landmarks, got {lq.tolist()} and {hq.tolist()}")
    eyes = float(np.linalg.norm(lq[:2].mean(axis=0) - lq[2:4].mean(axis=0)))
    if eyes < 1e-6:
        raise InvalidInput("expected two eyes apart, got one spot")
    return float(np.linalg.norm(hq - lq, axis=1).mean() / eyes)
