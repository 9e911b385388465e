"""Agreement: each spot of a face takes of the restoration what the camera's measurement bears out.

HQ as the camera would have seen it (`Consistency.explained`) is compared with what it did see, spot
by spot. Where both agree, the restoration may say what the camera could not see; where they differ,
it has shown that it does not know, and LQ stays. Unlike `GiveBack` this knows nothing of eyes or
mouths, so it also finds the half of a mouth, a hairline or a mole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from .pair import Blend, FacePair
from .pixels import as_pixels

__all__ = ["Agreement", "agreement_weight"]

_NOISE_SIGMA_PX: Final = 1.0
"""In px of the view, four of the 512 px frame: what differs at one px alone is noise."""
_LEAST_SPOT_PX: Final = 5
"""Where two faces differ by much, their levels still cross along lines; a line is no agreement."""
_SOFTNESS_PX: Final = 0.7
"""Sigma of the edges of spots, in px of the view."""

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """HQ where it agrees with the measurement, LQ where it does not, and shares between.

    The share of HQ is ``exp(-(r / levels)^2) c^power``: r is the distance in Y, Cr and Cb between
    what the camera saw and what it would have seen of HQ, c their local correlation.

    Attributes:
        levels: Distance in grey levels at which the share has fallen to 1/e; above 0, infinite
            where levels are not asked.
        power: How strictly structure has to agree, 0 (not asked) or more.
        projected: Whether HQ's consistency projection stands for HQ.
    """

    levels: float = math.inf
    power: float = 0.0
    projected: bool = True

    def __post_init__(self) -> None:
        if not self.levels > 0:
            raise InvalidInput(f"expected levels above 0, got {self.levels}")
        if not 0 <= self.power < math.inf:
            raise InvalidInput(f"expected a finite power of 0 or more, got {self.power}")
        if not (self.power or math.isfinite(self.levels)):
            raise InvalidInput("expected levels, a power or both, got neither")

    @property
    def name(self) -> str:
        """Name for the record."""
        asked = [f"within {self.levels:g} levels"] if math.isfinite(self.levels) else []
        asked += [f"of structure ({self.power:g})"] if self.power else []
        return f"agreement {' and '.join(asked)}{', projected' * self.projected}"

    def blend(self, pair: FacePair) -> Blend:
        """Mix; each value lies between LQ's and HQ's (or its projection's), within one level."""
        weight = agreement_weight(pair, self)
        top = pair.projected if self.projected else pair.hq
        low, high = pair.lq.astype(np.float32), top.astype(np.float32)
        return Blend(self.name, as_pixels(low + weight[..., None] * (high - low)))


def agreement_weight(pair: FacePair, mixture: Agreement) -> Plane:
    """Share of HQ over the face.

    Args:
        pair: LQ and HQ.
        mixture: How strict.

    Returns:
        (S, S) float32 in 0..1, of the faces' side.
    """
    difference = cv2.GaussianBlur(pair.found.explained - pair.view.planes, (0, 0), _NOISE_SIGMA_PX)
    weight = np.exp(-np.square(difference).sum(axis=2) / mixture.levels**2)
    if mixture.power:
        weight *= (1 - pair.structure) ** mixture.power
    spot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LEAST_SPOT_PX, _LEAST_SPOT_PX))
    spots = cv2.morphologyEx(weight, cv2.MORPH_OPEN, spot, borderType=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(spots, (0, 0), _SOFTNESS_PX)
    side = pair.lq.shape[:2]
    full = cv2.resize(soft, side, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(full, 0, 1), np.float32)
