"""How far each part of a face departs from what the camera measured there.

Both faces are compared at LQ's effective resolution, HQ as that camera would have seen it
(`Consistency.explained`), so that detail which the camera could not see is no drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from .consistency import MAP_SIDE_PX, CameraView, Consistency, ConsistencyMaps
from .findings import RegionDrift
from .regions import REGIONS, Masks

__all__ = ["Drift", "EvidenceMaps", "measure_drift", "structure_of"]

_WINDOW_PX: Final = 2.5
"""Sigma of the window of the local correlation; one px is eight of the 512 px frame."""
_CHROMA_SIGMA_PX: Final = 1.0
_LEAST_VARIANCE: Final = 20.0
"""Grey levels squared: what varies less is flat, and flat agrees with flat."""
_CHROMA_LEVELS: Final = 20.0
"""Chroma shift in grey levels that counts as a drift of 1."""
_MAD_TO_DEVIATION: Final = 1.4826

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class EvidenceMaps:
    """Evidence as pictures over the whole FFHQ frame, (64, 64) float32 each.

    Attributes:
        drift: 0..1, ``1 - (1 - structure)(1 - colour)``.
        structure: 0..1, what local correlation of luma lacks of 1.
        colour: 0..1, shift of chroma in 20 grey levels.
        residual: What the comparison with the measurement left, in grey levels.
    """

    drift: Plane
    structure: Plane
    colour: Plane
    residual: ConsistencyMaps


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """Drift of one candidate.

    Attributes:
        regions: Mean of the drift map under each region's mask.
        colours: Mean of the colour map under each region's mask: its part in colour alone.
        maps: Where it is.
    """

    regions: RegionDrift
    colours: RegionDrift
    maps: EvidenceMaps


def measure_drift(view: CameraView, found: Consistency, masks: Masks) -> Drift:
    """Measure drift from LQ, per region and as maps.

    Args:
        view: LQ.
        found: The comparison of HQ with it.
        masks: (7, 64, 64) float32 of `region_masks`, each summing to 1.
    """
    measured, explained = _small(view.planes), _small(found.explained)
    structure = structure_of(measured[..., 0], explained[..., 0])
    shift = _smooth(explained[..., 1:] - measured[..., 1:], _CHROMA_SIGMA_PX)
    colour = _share(np.hypot(shift[..., 0], shift[..., 1]) / _CHROMA_LEVELS)
    drift = _share(1 - (1 - structure) * (1 - colour))
    return Drift(
        _regional(drift, masks),
        _regional(colour, masks),
        EvidenceMaps(drift, structure, colour, found.maps),
    )


def _small(planes: Plane) -> Plane:
    side = (MAP_SIDE_PX, MAP_SIDE_PX)
    return np.asarray(cv2.resize(planes, side, interpolation=cv2.INTER_AREA), np.float32)


def _smooth(planes: Plane, sigma: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(planes, (0, 0), sigma), np.float32)


def structure_of(measured: Plane, explained: Plane) -> Plane:
    """What local correlation lacks of 1, noise and flat parts not counted against it.

    Args:
        measured: (H, W) float32, luma as the camera saw it, in grey levels.
        explained: Same shape, HQ's luma as that camera would have seen it.

    Returns:
        (H, W) float32 in 0..1; the window is a Gaussian of 2.5 px.
    """
    a, b = measured - measured.mean(), explained - explained.mean()
    moments = _smooth(np.dstack([a, b, a * a]), _WINDOW_PX)
    others = _smooth(np.dstack([b * b, a * b]), _WINDOW_PX)
    mean_a, mean_b = moments[..., 0], moments[..., 1]
    variance_a = np.maximum(moments[..., 2] - mean_a**2, 0)
    variance_b = np.maximum(others[..., 0] - mean_b**2, 0)
    covariance = others[..., 1] - mean_a * mean_b
    allowed = _LEAST_VARIANCE + 2 * _noise_variance(measured - explained)
    correlation = (covariance + allowed) / (np.sqrt(variance_a * variance_b) + allowed)
    return _share(1 - correlation)


def _share(plane: npt.NDArray[np.floating[Any]]) -> Plane:
    return np.asarray(np.clip(plane, 0, 1), np.float32)


def _noise_variance(difference: Plane) -> float:
    """Of what is left at the finest scale, robustly: moved edges are few, noise is all over."""
    fine = difference - _smooth(difference, 1.0)
    return float((_MAD_TO_DEVIATION * np.median(np.abs(fine))) ** 2)


def _regional(plane: Plane, masks: Masks) -> RegionDrift:
    means = np.einsum("khw,hw->k", masks, plane)
    return RegionDrift(
        **{name: float(np.clip(mean, 0, 1)) for name, mean in zip(REGIONS, means, strict=True)}
    )
