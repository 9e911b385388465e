"""Pseudo-MOS of five heads and the structural part of the sixth, against the known pristine face.

No human rated anything here: each label is a full-reference measurement, mapped to 0..100 with
higher better. Fidelity, the sixth, needs embedders too and is put together in `identity_labels`.
Pictures come as (256, 256, 3) uint8 RGB in the FFHQ frame; D is the degraded or restored face,
P the pristine one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.protocols import RGBImage
from .simulate.optics import FloatImage, luma

__all__ = ["LABEL_SIZE_PX", "PristineStatistics", "full_reference_labels", "measure_pristine"]

LABEL_SIZE_PX: Final = 256
_SIGMAS: Final = (1.0, 2.0, 4.0, 8.0)
_OCTAVE_WEIGHTS: Final = (0.3, 0.3, 0.25, 0.15)
_OVERALL_WEIGHTS: Final = {
    "noise": 0.2,
    "sharpness": 0.25,
    "colorfulness": 0.1,
    "contrast": 0.15,
    "texture": 0.3,
}
_PLANE_WEIGHTS: Final = np.array([1.0, 0.5, 0.5], dtype=np.float32)
_CELLS: Final = 8
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PristineStatistics:
    """What the labels need of a pristine face, computed once per person.

    Attributes:
        planes: (256, 256, 3) float32 YCrCb.
        bands: Four octave bands of each plane, each (256, 256, 3) float32.
        low: Low-passed luma (256, 256).
        ab: Low-passed CIE a*, b* (256, 256, 2).
        edges: Facial edges (mask).
        flat: Flat areas (mask).
        flat_share: Share of flat area in cells of 16 px (16, 16).
        enough_flat: Share from which a cell says something about noise.
    """

    planes: FloatImage
    bands: tuple[FloatImage, ...]
    low: FloatImage
    ab: FloatImage
    edges: Mask
    flat: Mask
    flat_share: FloatImage
    enough_flat: float


def _in_cells(planes: FloatImage) -> FloatImage:
    """Mean per cell of 16 px, (16, 16[, C])."""
    return np.asarray(cv2.resize(planes, (16, 16), interpolation=cv2.INTER_AREA), np.float32)


def _ycc(image: RGBImage) -> FloatImage:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb), dtype=np.float32)


def _bands(planes: FloatImage) -> tuple[FloatImage, ...]:
    levels = [planes] + [cv2.GaussianBlur(planes, (0, 0), sigma) for sigma in _SIGMAS]
    return tuple(np.asarray(a - b, np.float32) for a, b in pairwise(levels))


def _low_colour(image: RGBImage) -> FloatImage:
    lab = cv2.cvtColor(image.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    return np.asarray(cv2.GaussianBlur(lab[..., 1:], (0, 0), 4.0), np.float32)


def measure_pristine(pristine: RGBImage) -> PristineStatistics:
    """Measure a pristine face once, for any number of its degraded versions.

    Raises:
        InvalidInput: If the picture is not (256, 256, 3), or has no edges or no flat areas.
    """
    if pristine.shape != (LABEL_SIZE_PX, LABEL_SIZE_PX, 3):
        raise InvalidInput(f"expected a (256, 256, 3) picture, got {pristine.shape}")
    planes = _ycc(pristine)
    smooth = cv2.GaussianBlur(planes[..., 0], (0, 0), 1.5)
    gradient = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    oval = _face_oval()
    strong, weak = np.quantile(gradient[oval], [0.8, 0.45])
    near_edge = cv2.dilate((gradient > strong).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    edges, flat = (gradient > strong) & oval, (gradient < weak) & oval & ~near_edge
    if not (edges.any() and flat.any()):
        raise InvalidInput(
            "expected a pristine face with edges and flat areas, got a picture of none"
        )
    low = np.asarray(cv2.GaussianBlur(luma(pristine), (0, 0), 4.0), np.float32)
    share = _in_cells(flat.astype(np.float32))
    return PristineStatistics(
        planes=planes,
        bands=_bands(planes),
        low=low,
        ab=_low_colour(pristine),
        edges=edges,
        flat=flat,
        flat_share=share,
        enough_flat=min(0.3, float(share.max())),
    )


def _face_oval() -> Mask:
    grid = np.arange(LABEL_SIZE_PX, dtype=np.float32)
    x, y = (grid[None, :] - 128) / 78, (grid[:, None] - 150) / 98
    return np.asarray(x * x + y * y < 1)


def noise_label(truth: PristineStatistics, bands: tuple[FloatImage, ...]) -> float:
    """``100 exp(-n / 8)``, n = deviation in P's flat areas that P's own bands do not explain.

    The deviation is the median over cells of 16 px: noise is everywhere, while the foreign
    feature of an invented face stands in a few cells and is no noise.
    """
    variance = np.zeros_like(truth.flat_share)
    known = np.maximum(truth.flat_share, 1e-3)
    for own, other in zip(truth.bands, bands, strict=True):
        p, d = own[truth.flat], other[truth.flat]
        gain = np.clip((p * d).sum(0) / np.maximum((p * p).sum(0), 1e-6), 0.0, 2.0)
        rest = (other - gain * own) * truth.flat[..., None]
        mean, square = _in_cells(rest), _in_cells(rest * rest)
        variance += (square / known[..., None] - (mean / known[..., None]) ** 2) @ _PLANE_WEIGHTS
    # The pristine picture itself leaves nothing, give or take a rounding error below zero.
    left = max(float(np.median(variance[truth.flat_share >= truth.enough_flat])), 0.0)
    return float(100 * np.exp(-np.sqrt(left) / 8))


def sharpness_label(
    truth: PristineStatistics, bands: tuple[FloatImage, ...], slope: float
) -> float:
    """Energy along P's edges above that of flat areas, relative to P's, per octave, capped.

    An octave in which P's own edges do not stand out from its flat areas says nothing and is
    left out.
    """
    total, weights = 0.0, 1e-6
    for own, other, weight in zip(truth.bands, bands, _OCTAVE_WEIGHTS, strict=True):
        p, d = own[..., 0] ** 2, other[..., 0] ** 2
        there = float(p[truth.edges].mean() - p[truth.flat].mean())
        if there > 1e-3:
            came = max(float(d[truth.edges].mean() - d[truth.flat].mean()), 0.0)
            total += weight * min(np.sqrt(came / there) / max(slope, 0.2), 1.0)
            weights += weight
    return float(100 * total / weights)


def contrast_label(truth: PristineStatistics, image: RGBImage) -> tuple[float, float]:
    """Contrast score and the slope of D's low-pass luma against P's."""
    low = cv2.GaussianBlur(luma(image), (0, 0), 4.0)
    oval = _face_oval()
    p, d = truth.low[oval], low[oval]
    slope = float(np.cov(p, d)[0, 1] / max(p.var(), 1e-6))
    base = np.clip(slope, 0.0, 1.0) ** 0.8
    over = np.exp(-max(slope - 1.0, 0.0) / 0.6)
    shift = np.exp(-(((d.mean() - p.mean()) / 70.0) ** 2))
    return float(100 * base * over * shift), slope


def colorfulness_label(truth: PristineStatistics, image: RGBImage) -> float:
    """``100 (1 - relative a*b* error) ** 0.8``; a grey picture scores 0."""
    oval = _face_oval()
    ab = _low_colour(image)[oval]
    error = np.linalg.norm(ab - truth.ab[oval], axis=1).mean()
    there = max(float(np.linalg.norm(truth.ab[oval], axis=1).mean()), 1.0)
    return float(100 * np.clip(1 - error / there, 0.0, 1.0) ** 0.8)


def texture_similarity(truth: PristineStatistics, bands: tuple[FloatImage, ...]) -> float:
    """Similarity in [0, 1] of band energies in 8 x 8 cells; blind to whose texture it is."""
    total = []
    for own, other in zip(truth.bands, bands, strict=True):
        p, d = (
            cv2.resize(b[..., 0] ** 2, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA) + 0.25
            for b in (own, other)
        )
        total.append(np.exp(-np.abs(np.log(d / p)) / 2.0).mean())
    return float(np.mean(total))


def structural_similarity(truth: PristineStatistics, bands: tuple[FloatImage, ...]) -> float:
    """How far D's facial structure lies where P's does, in [0, 1].

    The correlation of the three coarser luma bands in cells of 16 px of the face, weighted by P's
    energy there; a gain, an offset and fine noise do not enter.
    """
    oval = _in_cells(_face_oval().astype(np.float32)) > 0.5
    total = []
    for own, other in zip(truth.bands[1:], bands[1:], strict=True):
        p, d = own[..., 0], other[..., 0]
        pp, dd, pd = (_in_cells(product)[oval] for product in (p * p, d * d, p * d))
        correlation = np.maximum(pd, 0) / np.sqrt(pp * dd + 1.0)
        total.append(float((correlation * pp).sum() / max(float(pp.sum()), 1e-6)))
    return float(np.clip(np.mean(total), 0.0, 1.0))


def full_reference_labels(image: RGBImage, truth: PristineStatistics) -> dict[str, float]:
    """Pseudo-MOS of noise, sharpness, colorfulness, contrast and overall, and the structure.

    Each is 0..100; "structure" is the part of fidelity that needs no recogniser.

    Args:
        image: (256, 256, 3) uint8 RGB, degraded or restored.
        truth: Statistics of its pristine face.
    """
    bands = _bands(_ycc(image))
    contrast, slope = contrast_label(truth, image)
    scores = {
        "noise": noise_label(truth, bands),
        "sharpness": sharpness_label(truth, bands, slope),
        "colorfulness": colorfulness_label(truth, image),
        "contrast": contrast,
    }
    parts = {**{k: v / 100 for k, v in scores.items()}, "texture": texture_similarity(truth, bands)}
    overall = sum(weight * np.sqrt(parts[name]) for name, weight in _OVERALL_WEIGHTS.items()) ** 2
    structure = 100 * structural_similarity(truth, bands)
    return {**scores, "overall": float(100 * overall), "structure": structure}
