"""Mixtures of LQ and HQ: every one a weighted mean of the two, never outside them.

Pixel alpha mixes all frequencies alike. The frequency split takes low bands, which the camera
measured, mostly from LQ, and high bands, which it did not, from HQ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..core.errors import InvalidInput
from ..core.protocols import RGBImage

__all__ = ["MIXTURES", "Mixture", "delivered_share", "mix"]


@dataclass(frozen=True, slots=True)
class Mixture:
    """One way to mix.

    Attributes:
        share: Share of HQ in what is mixed, in (0, 1]; 1 only with a cutoff.
        cutoff_px: Sigma that parts low from high bands at 512 px; low bands stay LQ's. 0 is
            plain pixel alpha.
    """

    share: float
    cutoff_px: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.share < 1 or (self.cutoff_px > 0 and self.share == 1)):
            raise InvalidInput(f"expected a share of HQ between 0 and 1, got {self.share}")
        if not self.cutoff_px >= 0:
            raise InvalidInput(f"expected cutoff_px of 0 or more, got {self.cutoff_px}")

    @property
    def name(self) -> str:
        """Name for the record."""
        if self.cutoff_px == 0:
            return f"pixel {self.share:.2f}"
        return f"detail {self.share:.2f} finer than {self.cutoff_px:g} px"


MIXTURES: Final[tuple[Mixture, ...]] = (
    Mixture(1.0, cutoff_px=4.0),
    Mixture(1.0, cutoff_px=8.0),
    Mixture(0.75, cutoff_px=4.0),
    Mixture(0.75, cutoff_px=8.0),
    Mixture(0.5, cutoff_px=4.0),
    Mixture(0.5, cutoff_px=8.0),
    Mixture(0.75),
    Mixture(0.6),
    Mixture(0.45),
    Mixture(0.3),
    Mixture(0.15),
)
"""What the guard searches, all of it in one batch."""


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
    if mixture.cutoff_px == 0:
        mixed = low + mixture.share * (high - low)
    else:
        sigma = mixture.cutoff_px * lq.shape[0] / 512
        difference = high - low
        slow = cv2.GaussianBlur(difference, (0, 0), sigma)
        mixed = low + mixture.share * (difference - slow)
        mixed = np.clip(mixed, np.minimum(low, high), np.maximum(low, high))
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def delivered_share(lq: RGBImage, hq: RGBImage, mixed: RGBImage) -> float:
    """How much of HQ's change a mixture delivers: ``mean |mixed - lq| / mean |hq - lq|``, 0..1.

    Args:
        lq: (S, S, 3) uint8 RGB.
        hq: Same shape.
        mixed: Same shape.
    """
    base = lq.astype(np.float32)
    whole = float(np.abs(hq - base).mean())
    return min(1.0, float(np.abs(mixed - base).mean()) / whole) if whole > 0 else 0.0
