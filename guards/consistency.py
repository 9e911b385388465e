"""Does the restoration contradict what the camera measured?

A restorer may add detail that the camera could not see; it may not change what it did see. HQ is
brought back to LQ's effective resolution (the blur that fits best is estimated, not assumed),
gain and offset of luma are fitted, and what still differs in luma and chroma is the contradiction.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput
from ..core.protocols import RGBImage

__all__ = ["measure_consistency"]

_SIDE_PX: Final = 128
_SIGMAS_PX: Final = (0.0, 0.7, 1.0, 1.5, 2.2, 3.2, 4.5, 6.5)
_NOISE_SIGMA_PX: Final = 2.0
_SCALE_LEVELS: Final = 12.0

FloatPlanes = npt.NDArray[np.float32]


def _planes(image: RGBImage) -> FloatPlanes:
    small = cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.float32)


def _inner(planes: FloatPlanes) -> FloatPlanes:
    """The face without its surroundings; cut after smoothing, or the cut's border would show."""
    return planes[_SIDE_PX // 8 : -_SIDE_PX // 16, _SIDE_PX // 6 : -_SIDE_PX // 6]


def _smooth(planes: FloatPlanes, sigma: float) -> FloatPlanes:
    return planes if sigma == 0 else np.asarray(cv2.GaussianBlur(planes, (0, 0), sigma), np.float32)


def measure_consistency(lq: RGBImage, hq: RGBImage) -> float:
    """Agreement of HQ with LQ at LQ's own resolution.

    Args:
        lq: (S, S, 3) uint8 RGB in the FFHQ frame.
        hq: Another size of the same frame is allowed.

    Returns:
        ``exp(-r / 12)`` in [0, 1], r = root mean square of the luma and chroma residual in grey
        levels, noise averaged away; 1 is full agreement.

    Raises:
        InvalidInput: If one of them is not a square RGB picture.
    """
    for name, image in (("lq", lq), ("hq", hq)):
        if image.ndim != 3 or image.shape[2] != 3 or image.shape[0] != image.shape[1]:
            raise InvalidInput(f"expected {name} as (S, S, 3), got {image.shape}")
    measured, restored = _inner(_planes(lq)), _planes(hq)
    residuals = [_residual(measured, _inner(_smooth(restored, sigma))) for sigma in _SIGMAS_PX]
    return float(np.exp(-min(residuals) / _SCALE_LEVELS))


def _residual(measured: FloatPlanes, restored: FloatPlanes) -> float:
    """RMS over Y, Cr, Cb after a fit of luma's gain and offset; chroma is compared as it is."""
    luma, candidate = measured[..., 0], restored[..., 0]
    spread = max(float(candidate.var()), 1e-3)
    covariance = float(((candidate - candidate.mean()) * (luma - luma.mean())).mean())
    gain = np.clip(covariance / spread, 0.5, 2.0)
    difference = restored - measured
    difference[..., 0] = gain * (candidate - candidate.mean()) - (luma - luma.mean())
    averaged = _smooth(difference, _NOISE_SIGMA_PX)
    return float(np.sqrt((averaged**2).sum(axis=2).mean()))
