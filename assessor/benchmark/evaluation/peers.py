"""What people use today to measure one dimension of a picture, as small functions.

Each takes one face, (S, S, 3) uint8 RGB, at the size in which it lies on the disk, and gives one
number. Its direction is declared once, in `Peer.sign`. What needs more packages is in
`learned_peers` and may be absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ....core.protocols import RGBImage

__all__ = ["SIMPLE_PEERS", "Peer", "hasler_suesstrunk", "immerkaer_sigma", "rms_contrast"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A measure to compare with.

    Attributes:
        name: As in the reports and in ``--baseline``.
        head: The dimension that it claims to measure.
        sign: 1 where more of it is better, -1 where less is.
        measure: (S, S, 3) uint8 RGB to one number.
        reference: Where it is from.
    """

    name: str
    head: str
    sign: int
    measure: Callable[[RGBImage], float]
    reference: str

    def score(self, face: RGBImage) -> float:
        """The measure with its sign: higher is better."""
        return self.sign * self.measure(face)


def laplacian_variance(face: RGBImage) -> float:
    """Variance of the Laplacian of luma: the usual blur detector."""
    return float(cv2.Laplacian(_luma(face), cv2.CV_64F).var())


def hasler_suesstrunk(face: RGBImage) -> float:
    """Colorfulness M of Hasler and Suesstrunk (2003), equation for rg and yb."""
    red, green, blue = (face[..., i].astype(np.float64) for i in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def rms_contrast(face: RGBImage) -> float:
    """Standard deviation of luma over 255 (Peli 1990)."""
    return float(_luma(face).std() / 255.0)


def immerkaer_sigma(face: RGBImage) -> float:
    """Noise deviation of luma in grey levels: Immerkaer (1996), fast noise variance estimation."""
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float64)
    answer = cv2.filter2D(_luma(face).astype(np.float64), -1, mask)[1:-1, 1:-1]
    return float(np.sqrt(np.pi / 2) * np.abs(answer).mean() / 6)


def _luma(face: RGBImage) -> RGBImage:
    return np.asarray(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), np.uint8)


SIMPLE_PEERS: Final = (
    Peer("immerkaer", "noise", -1, immerkaer_sigma, "Immerkaer 1996"),
    Peer("laplacian", "sharpness", 1, laplacian_variance, "variance of the Laplacian"),
    Peer("hasler-suesstrunk", "colorfulness", 1, hasler_suesstrunk, "Hasler, Suesstrunk 2003"),
    Peer("rms-contrast", "contrast", 1, rms_contrast, "Peli 1990"),
)
"""Peers that need nothing beyond the base install."""
