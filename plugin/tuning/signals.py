"""What one aligned face says about the camera that took it, without any truth.

Classical measurements only: blur from the ratio of gradients before and after more blur (Zhuo and
Sim, "Defocus map estimation from a single image", 2011, eq. 5), noise from the Laplacian of flat
areas (Immerkaer, "Fast noise variance estimation", 1996), compression from a file's own tables or
from the blocks that it left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from ...assessor.benchmark.simulate.camera import FACE_SHARE
from ...core.faces import FACE_SIZE_PX
from ...core.protocols import RGBImage

__all__ = ["FaceSignals", "block_quality", "effective_face_px", "measure_signals"]

_PROBES_PX: Final = (8.0, 4.0, 2.0)
_PRESMOOTH_SHARE: Final = 0.5
_LARGEST_BLUR_PX: Final = 16.0
_GREY_LEVELS: Final = 2.5
_EDGE_SHARE: Final = 0.04
_NOISE_LEFT: Final = 0.42
"""Share of the sensor's noise that is left of it in a face brought to the frame and back."""
_RESAMPLING_SHARE: Final = 0.5
"""Sigma that shrinking and growing leaves, in px of the shrunk picture."""
_BLOCK_PX: Final = 8
_BLOCKINESS: Final = ((1.3, 90.0), (2.3, 75.0), (3.8, 45.0), (6.0, 25.0), (9.0, 10.0))
"""Step across the borders of blocks relative to steps inside, and the JPEG quality behind it."""

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceSignals:
    """What was measured on one face.

    Attributes:
        face_px: Width of the face on the sensor, px.
        blur_px: Sigma of the blur, px of the 512 px frame; what shrinking to that size costs is
            in it.
        noise: Deviation of the noise on the sensor, grey levels.
        compression_quality: As a JPEG quality, 1..100; None where nothing shows it.
        brightness: Mean luma of the face, 0..255.
        contrast: Deviation of its luma, grey levels.
        grey: Whether it has no colour.
    """

    face_px: float
    blur_px: float
    noise: float
    compression_quality: float | None
    brightness: float
    contrast: float
    grey: bool


def measure_signals(
    face: RGBImage, face_px: float | None = None, compression_quality: float | None = None
) -> FaceSignals:
    """Measure one aligned face.

    Args:
        face: (512, 512, 3) uint8 RGB in the FFHQ frame.
        face_px: Width of the face in its frame, px; None where the file was aligned and perhaps
            enlarged by somebody else: then it follows from the blur.
        compression_quality: What the file says of itself, None where it says nothing.
    """
    planes = cv2.cvtColor(face, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    luma = np.ascontiguousarray(planes[..., 0])
    blur = _blur(luma)
    width = effective_face_px(blur) if face_px is None else min(face_px, FACE_SHARE * FACE_SIZE_PX)
    inside = _inner(planes)
    chroma = float(np.abs(inside[..., 1:] - 128).mean())
    return FaceSignals(
        face_px=width,
        blur_px=blur,
        noise=_noise(luma, width),
        compression_quality=compression_quality,
        brightness=float(inside[..., 0].mean()),
        contrast=float(inside[..., 0].std()),
        grey=chroma < _GREY_LEVELS,
    )


def effective_face_px(blur_px: float) -> float:
    """Width of the face on a sensor whose resolution alone would leave this blur, px."""
    whole = FACE_SHARE * FACE_SIZE_PX
    return float(np.clip(_RESAMPLING_SHARE * whole / max(blur_px, 0.1), 8.0, whole))


def block_quality(luma: npt.NDArray[Any]) -> float | None:
    """JPEG quality from the steps at the borders of 8 px blocks, whatever their phase.

    Args:
        luma: (H, W) of a piece of the frame at its own resolution, at least 32 px a side.

    Returns:
        10..90, or None where no blocks show.
    """
    if min(luma.shape) < 4 * _BLOCK_PX:
        return None
    values = luma.astype(np.float32)
    ratios = [_step_ratio(values), _step_ratio(values.T)]
    ratio = float(np.mean(ratios))
    if ratio < _BLOCKINESS[0][0]:
        return None
    known, qualities = zip(*_BLOCKINESS, strict=True)
    return float(np.interp(ratio, known, qualities))


def _step_ratio(values: Plane) -> float:
    """Second differences at the most prominent column phase, relative to the other phases."""
    steps = np.abs(np.diff(values, axis=1))
    inner = steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2
    by_column = np.maximum(inner, 0).mean(axis=0)
    phases = np.array([by_column[phase::_BLOCK_PX].mean() for phase in range(_BLOCK_PX)])
    others = float(np.median(phases))
    return float(phases.max() / max(others, 1e-3))


def _inner(planes: Plane) -> Plane:
    """The face without its surroundings."""
    side = planes.shape[0]
    return planes[side // 4 : -side // 8, side // 4 : -side // 4]


def _gradient(plane: Plane) -> Plane:
    x, y = cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(x, y), np.float32)


def _blur(luma: Plane) -> float:
    """Sigma of the blur of the sharpest edges, px; a narrower probe where one is too wide.

    The widest comes first: it looks past the noise, which is sharper than any edge.
    """
    found = _LARGEST_BLUR_PX
    for probe in _PROBES_PX:
        found = _blur_by(luma, probe)
        if found > 0.75 * probe:
            break
    return float(min(found, _LARGEST_BLUR_PX))


def _blur_by(luma: Plane, probe_px: float) -> float:
    before_px = _PRESMOOTH_SHARE * probe_px
    smooth = np.asarray(cv2.GaussianBlur(luma, (0, 0), before_px), np.float32)
    before = _inner(_gradient(smooth))
    after = _inner(_gradient(np.asarray(cv2.GaussianBlur(smooth, (0, 0), probe_px), np.float32)))
    edges = before >= np.quantile(before, 1 - _EDGE_SHARE)
    ratio = float(np.quantile(before[edges] / np.maximum(after[edges], 1e-3), 0.75))
    whole = probe_px / math.sqrt(max(ratio**2 - 1, 1e-4))
    return math.sqrt(max(whole**2 - before_px**2, 0.04))


def _noise(luma: Plane, face_px: float) -> float:
    """Deviation in the flat half of the face, at the sensor's resolution."""
    side = int(np.clip(round(face_px / FACE_SHARE), 32, luma.shape[0]))
    small = np.asarray(cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = np.abs(_inner(np.asarray(cv2.filter2D(small, cv2.CV_32F, kernel), np.float32)))
    slope = _inner(_gradient(np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), np.float32)))
    flat = slope <= np.median(slope)
    return float(np.median(answer[flat]) / 0.6745 / 6 / _NOISE_LEFT)
