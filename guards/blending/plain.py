"""Plain mixtures of LQ and HQ: each value a weighted mean of the two, never outside them.

Pixel alpha mixes all frequencies alike. The frequency split has one gain for the coarse bands,
which the camera measured, and one for the fine bands, which it did not.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...core.errors import InvalidInput
from ...core.protocols import RGBImage
from .pair import Blend, FacePair
from .pixels import as_pixels

__all__ = ["Mixture", "delivered_share", "mix"]


@dataclass(frozen=True, slots=True)
class Mixture:
    """One way to mix.

    Attributes:
        share: Share of HQ in what is mixed, in (0, 1]; 1 only with a cutoff.
        cutoff_px: Sigma that parts coarse from fine bands at 512 px. 0 is plain pixel alpha.
        coarse_share: Share of HQ in the coarse bands, in [0, share]; only with a cutoff.
    """

    share: float
    cutoff_px: float = 0.0
    coarse_share: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.share < 1 or (self.cutoff_px > 0 and self.share == 1)):
            raise InvalidInput(f"expected a share of HQ between 0 and 1, got {self.share}")
        if not self.cutoff_px >= 0:
            raise InvalidInput(f"expected cutoff_px of 0 or more, got {self.cutoff_px}")
        most = self.share if self.cutoff_px > 0 else 0.0
        if not 0 <= self.coarse_share <= most:
            raise InvalidInput(
                f"expected coarse_share in 0..{most:g} beside a share of {self.share:g} and a "
                f"cutoff of {self.cutoff_px:g} px, got {self.coarse_share}"
            )

    @property
    def name(self) -> str:
        """Name for the record."""
        if self.cutoff_px == 0:
            return f"pixel {self.share:.2f}"
        coarse = f", coarser {self.coarse_share:.2f}" if self.coarse_share else ""
        return f"detail {self.share:.2f} finer than {self.cutoff_px:g} px{coarse}"

    def blend(self, pair: FacePair) -> Blend:
        """Mix the two faces of a pair."""
        return Blend(self.name, mix(pair.lq, pair.hq, self))


def mix(lq: RGBImage, hq: RGBImage, mixture: Mixture) -> RGBImage:
    """Mix two faces of one frame.

    Args:
        lq: (S, S, 3) uint8 RGB.
        hq: Same shape.
        mixture: How.

    Returns:
        (S, S, 3) uint8 RGB; each value lies between LQ's and HQ's, within one grey level.

    Raises:
        InvalidInput: If the shapes differ.
    """
    if lq.shape != hq.shape:
        raise InvalidInput(f"expected two faces of one shape, got {lq.shape} and {hq.shape}")
    low, high = lq.astype(np.float32), hq.astype(np.float32)
    difference = high - low
    if mixture.cutoff_px == 0:
        return as_pixels(low + mixture.share * difference)
    coarse = cv2.GaussianBlur(difference, (0, 0), mixture.cutoff_px * lq.shape[0] / 512)
    mixed = low + mixture.share * (difference - coarse) + mixture.coarse_share * coarse
    return as_pixels(np.clip(mixed, np.minimum(low, high), np.maximum(low, high)))


def delivered_share(lq: RGBImage, hq: RGBImage, mixed: RGBImage) -> float:
    """How much of HQ's change a mixture delivers: ``mean |mixed - lq| / mean |hq - lq|``, 0..1.

    Args:
        lq: (S, S, 3) uint8 RGB.
        hq: Same shape.
        mixed: Same shape.
    """
    whole = cv2.norm(hq, lq, cv2.NORM_L1)
    return min(1.0, float(cv2.norm(mixed, lq, cv2.NORM_L1) / whole)) if whole > 0 else 0.0
