"""Does the restoration contradict what the camera measured?

A restorer may add detail that the camera could not see; it may not change what it did see. HQ is
brought back to LQ's effective resolution: the size at which LQ was taken and the blur on top are
those that explain it best, chroma may be coarser than luma, and gain and offset of luma are
fitted. What still differs is the contradiction. Nothing here knows where a face has its eyes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput
from ..core.protocols import RGBImage

__all__ = ["CameraView", "Consistency", "ConsistencyMaps", "measure_consistency"]

VIEW_SIDE_PX: Final = 128
"""Side at which faces are compared; one px is four of the 512 px frame."""
MAP_SIDE_PX: Final = 64

_BLURS_PX: Final = (0.0, 0.5, 0.8, 1.2, 1.8, 2.6, 3.6, 5.0, 7.0)
_SIZES_PX: Final = (96, 64, 48, 32, 24, 16)
_CHROMA_FACTORS: Final = (1.0, 1.5, 2.5)
_LEAST_CHROMA_BLUR_PX: Final = 0.8
_GAINS: Final = (0.5, 2.0)
_NOISE_SIGMA_PX: Final = 2.0
_SCALE_LEVELS: Final = 12.0
_PEAK_SHARE: Final = 0.35
_PEAK_PERCENTILE: Final = 99.0

Plane = npt.NDArray[np.float32]


class _Optics(NamedTuple):
    """How LQ was taken: how many px across the frame, and the blur before, in px of the view."""

    size_px: int
    blur_px: float


@dataclass(frozen=True, slots=True, eq=False)
class ConsistencyMaps:
    """Where HQ contradicts LQ, in grey levels, noise averaged away; the whole FFHQ frame.

    Attributes:
        luma: (64, 64) float32, absolute difference of luma after gain and offset.
        chroma: (64, 64) float32, distance in the plane of Cr and Cb.
    """

    luma: Plane
    chroma: Plane


@dataclass(frozen=True, slots=True, eq=False)
class Consistency:
    """What a comparison of one HQ with one LQ found.

    Attributes:
        score: Agreement in [0, 1], 1 is full agreement.
        size_px: How many px across the frame LQ was effectively taken with; 128 stands for
            that or more.
        blur_px: Sigma of the blur before that, in px of the 512 px frame.
        gain: Factor from HQ's luma to LQ's.
        offset: Grey levels from HQ's mean luma to LQ's, before the gain.
        maps: Where they differ.
        explained: (128, 128, 3) float32 Y, Cr, Cb of HQ as that camera would have seen it.
    """

    score: float
    size_px: int
    blur_px: float
    gain: float
    offset: float
    maps: ConsistencyMaps
    explained: Plane


class CameraView:
    """What the camera measured of one face, ready to be compared with many restorations.

    Args:
        lq: (S, S, 3) uint8 RGB in the FFHQ frame.

    Raises:
        InvalidInput: If it is not a square RGB picture.
    """

    def __init__(self, lq: RGBImage) -> None:
        self.planes = _planes(lq, "lq")
        self._inner_luma = np.ascontiguousarray(_inner(self.planes[..., 0]))

    def compare(self, hq: RGBImage) -> Consistency:
        """Compare a restoration with what was measured.

        Args:
            hq: (T, T, 3) uint8 RGB of the same frame, any size.

        Raises:
            InvalidInput: If it is not a square RGB picture.
        """
        restored = _planes(hq, "hq")
        optics, luma = self._explain_luma(np.ascontiguousarray(restored[..., 0]))
        gain, centre, mean = _fit(self._inner_luma, _inner(luma))
        chroma = self._explain_chroma(np.ascontiguousarray(restored[..., 1:]), optics)
        explained = np.dstack([gain * (luma - centre) + mean, chroma]).astype(np.float32)
        difference = _smooth(explained - self.planes, _NOISE_SIGMA_PX)
        maps = ConsistencyMaps(
            luma=_as_map(np.abs(difference[..., 0])),
            chroma=_as_map(np.hypot(difference[..., 1], difference[..., 2])),
        )
        return Consistency(
            score=_score(_inner(difference)),
            size_px=optics.size_px,
            blur_px=optics.blur_px * 512 / VIEW_SIDE_PX,
            gain=gain,
            offset=mean - centre,
            maps=maps,
            explained=explained,
        )

    def _explain_luma(self, luma: Plane) -> tuple[_Optics, Plane]:
        """The optics under which HQ's luma comes nearest to LQ's: blur first, then size."""
        best = min(
            (self._try(luma, _Optics(VIEW_SIDE_PX, blur)) for blur in _BLURS_PX),
            key=lambda tried: tried[0],
        )
        whole = best[1].blur_px
        for size in _SIZES_PX:
            own = 0.5 * VIEW_SIDE_PX / size
            if own <= 1.3 * max(whole, 0.5):
                rest = math.sqrt(max(whole**2 - own**2, 0.0))
                best = min(best, self._try(luma, _Optics(size, rest)), key=lambda tried: tried[0])
        return best[1], best[2]

    def _try(self, luma: Plane, optics: _Optics) -> tuple[float, _Optics, Plane]:
        seen = _seen(luma, optics)
        gain, centre, mean = _fit(self._inner_luma, _inner(seen))
        error = gain * (_inner(seen) - centre) - (self._inner_luma - mean)
        return float(np.square(error).mean()), optics, seen

    def _explain_chroma(self, chroma: Plane, optics: _Optics) -> Plane:
        """Chroma through the same optics, or coarser: cameras and JPEG keep less of it."""
        measured = _inner(self.planes[..., 1:])
        base = _seen(chroma, optics)
        blur = max(_LEAST_CHROMA_BLUR_PX, optics.blur_px, 0.5 * VIEW_SIDE_PX / optics.size_px)
        tried = [
            base if factor == 1 else _smooth(base, blur * math.sqrt(factor**2 - 1))
            for factor in _CHROMA_FACTORS
        ]
        return min(tried, key=lambda seen: float(np.square(_inner(seen) - measured).mean()))


def measure_consistency(lq: RGBImage, hq: RGBImage) -> float:
    """Agreement of HQ with LQ at LQ's own resolution.

    Args:
        lq: (S, S, 3) uint8 RGB in the FFHQ frame.
        hq: Another size of the same frame is allowed.

    Returns:
        ``exp(-r / 12)`` in [0, 1]; 1 is full agreement. r, in grey levels, is the root mean
        square of the luma and chroma residual over the face, noise averaged away, with a share
        of its 99th percentile in quadrature, so that one changed feature is not averaged away.

    Raises:
        InvalidInput: If one of them is not a square RGB picture.
    """
    return CameraView(lq).compare(hq).score


def _planes(image: RGBImage, name: str) -> Plane:
    if image.ndim != 3 or image.shape[2] != 3 or image.shape[0] != image.shape[1]:
        raise InvalidInput(f"expected {name} as (S, S, 3), got {image.shape}")
    small = cv2.resize(image, (VIEW_SIDE_PX, VIEW_SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.float32)


def _inner(planes: Plane) -> Plane:
    """The face without its surroundings; cut after smoothing, or the cut's border would show."""
    side = VIEW_SIDE_PX
    return planes[side // 8 : -side // 16, side // 6 : -side // 6]


def _smooth(planes: Plane, sigma: float) -> Plane:
    if sigma == 0:
        return planes
    reach = 2 * math.ceil(3 * sigma) + 1
    return np.asarray(cv2.GaussianBlur(planes, (reach, reach), sigma), np.float32)


def _seen(planes: Plane, optics: _Optics) -> Plane:
    """Planes as a camera of these optics takes them, brought back to the view's size."""
    blurred = _smooth(planes, optics.blur_px)
    if optics.size_px == VIEW_SIDE_PX:
        return blurred
    size, view = (optics.size_px, optics.size_px), (VIEW_SIDE_PX, VIEW_SIDE_PX)
    small = cv2.resize(blurred, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, view, interpolation=cv2.INTER_CUBIC), np.float32)


def _fit(measured: Plane, seen: Plane) -> tuple[float, float, float]:
    """Gain from seen to measured by least squares within its limits, and the means of both."""
    centre, mean = float(seen.mean()), float(measured.mean())
    centred = seen - centre
    spread = max(float(np.square(centred).mean()), 1e-3)
    covariance = float((centred * (measured - mean)).mean())
    return min(max(covariance / spread, _GAINS[0]), _GAINS[1]), centre, mean


def _score(difference: Plane) -> float:
    squared = np.square(difference).sum(axis=2)
    peak = float(np.percentile(squared, _PEAK_PERCENTILE))
    residual = math.sqrt(float(squared.mean()) + _PEAK_SHARE**2 * peak)
    return math.exp(-residual / _SCALE_LEVELS)


def _as_map(plane: Plane) -> Plane:
    side = (MAP_SIDE_PX, MAP_SIDE_PX)
    return np.asarray(cv2.resize(plane, side, interpolation=cv2.INTER_AREA), np.float32)
