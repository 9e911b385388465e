"""The consistency projection as a mixture: a share of it, the rest LQ."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...core.errors import InvalidInput
from .pair import Blend, FacePair

__all__ = ["Projection"]


@dataclass(frozen=True, slots=True)
class Projection:
    """HQ made consistent with the camera, then mixed with LQ.

    Attributes:
        share: Share of the projected HQ, in (0, 1]; the rest is LQ.
    """

    share: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidInput(f"expected a share above 0 and at most 1, got {self.share}")

    def blend(self, pair: FacePair) -> Blend:
        """Project the HQ of a pair."""
        mixed = cv2.addWeighted(pair.projected, self.share, pair.lq, 1 - self.share, 0)
        return Blend(f"projection {self.share:.2f}", np.asarray(mixed, np.uint8))
