"""From computed values back to pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.protocols import RGBImage

__all__ = ["as_pixels"]


def as_pixels(values: npt.NDArray[np.floating[Any]]) -> RGBImage:
    """Round to uint8."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
