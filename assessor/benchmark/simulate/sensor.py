"""What happens on and behind the sensor: noise, read-out, Bayer pattern, in-camera processing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from ....core.errors import InvalidInput
from ....core.protocols import RGBImage
from .optics import FloatImage, luma

__all__ = [
    "DEMOSAIC",
    "NOISE_KINDS",
    "PROCESSING",
    "add_noise",
    "demosaic",
    "draw_timestamp",
    "read_out",
]

NOISE_KINDS: Final = ("white", "chroma", "poisson", "sensor", "rows", "correlated")
DEMOSAIC: Final = {
    "bilinear": cv2.COLOR_BayerRGGB2RGB,
    "edge_aware": cv2.COLOR_BayerRGGB2RGB_EA,
}


def add_noise(
    image: FloatImage, kind: str, sigma: float, grey: bool, rng: np.random.Generator
) -> FloatImage:
    """Add one of six noise models of the given deviation, in grey levels.

    "sensor" is Poisson-Gaussian and drawn apart for every colour; "rows" is read-out banding.

    Args:
        image: (H, W, 3) float32 RGB, 0..255.
        kind: One of `NOISE_KINDS`.
        sigma: Deviation in grey levels; 0 and below leaves the picture as it is.
        grey: The sensor sees no colour, so its noise has none.
        rng: Source of the noise.

    Raises:
        InvalidInput: If the kind is another.
    """
    if kind not in NOISE_KINDS:
        raise InvalidInput(f"expected a noise of {', '.join(NOISE_KINDS)}, got {kind!r}")
    if sigma <= 0:
        return image
    height, width = image.shape[:2]
    shared = rng.normal(0, sigma, (height, width, 1))
    if kind == "rows":
        rows = rng.normal(0, sigma, (height, 1, 1))
        field = 0.6 * shared + np.repeat(rows, width, axis=1)
    elif kind == "correlated":
        smooth = cv2.GaussianBlur(shared[..., 0], (0, 0), float(rng.uniform(0.6, 1.6)))
        field = (smooth * sigma / max(float(smooth.std()), 1e-6))[..., None]
    elif kind == "poisson":
        field = shared * np.sqrt(np.clip(luma(image), 8, 255)[..., None] / 110.0)
    elif kind == "sensor":
        field = rng.normal(0, sigma, (height, width, 1 if grey else 3))
        field = field * np.sqrt(0.3 + 0.7 * np.clip(image[..., : field.shape[2]], 0, 255) / 110.0)
    elif kind == "chroma" and not grey:
        field = rng.normal(0, sigma, image.shape)
    else:
        field = shared
    return np.asarray(image + field, dtype=np.float32)


def read_out(image: FloatImage, gamma: float) -> RGBImage:
    """Clip to what the sensor holds, apply the tone curve, quantise to uint8."""
    held = np.clip(image, 0, 255)
    if gamma != 1.0:
        held = 255.0 * (held / 255.0) ** gamma
    return np.asarray(np.rint(held), np.uint8)


def demosaic(image: RGBImage, method: str) -> RGBImage:
    """Keep one colour a pixel in an RGGB pattern and interpolate the others."""
    mosaic = image[..., 1].copy()
    mosaic[::2, ::2] = image[::2, ::2, 0]
    mosaic[1::2, 1::2] = image[1::2, 1::2, 2]
    return np.asarray(cv2.cvtColor(mosaic, DEMOSAIC[method]), np.uint8)


def _median(image: RGBImage, strength: float) -> RGBImage:
    return np.asarray(cv2.medianBlur(image, 3 if strength < 0.8 else 5), np.uint8)


def _bilateral(image: RGBImage, strength: float) -> RGBImage:
    return np.asarray(cv2.bilateralFilter(image, 5, 10 + 45 * strength, 3), np.uint8)


def _sharpen(image: RGBImage, strength: float) -> RGBImage:
    gain = 0.4 + 2.2 * strength
    smooth = cv2.GaussianBlur(image, (0, 0), 0.7 + 0.9 * strength)
    return np.asarray(cv2.addWeighted(image, 1 + gain, smooth, -gain, 0), np.uint8)


def _smear_chroma(image: RGBImage, strength: float) -> RGBImage:
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    side = max(4, round(image.shape[0] / (2 + 6 * strength)))
    for plane in (1, 2):
        small = cv2.resize(planes[..., plane], (side, side), interpolation=cv2.INTER_AREA)
        planes[..., plane] = cv2.resize(small, image.shape[1::-1])
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB), np.uint8)


def _soften(image: RGBImage, strength: float) -> RGBImage:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 + 0.8 * strength), np.uint8)


def _comb(image: RGBImage, strength: float) -> RGBImage:
    """Shift every second row by one or two pixels, as interlaced motion does."""
    combed = image.copy()
    combed[1::2] = np.roll(image[1::2], 1 + round(strength), axis=1)
    return combed


def _beautify(image: RGBImage, strength: float) -> RGBImage:
    """Smooth skin and keep edges, as phones and web cameras do."""
    smooth = cv2.edgePreservingFilter(image, flags=1, sigma_s=12, sigma_r=0.1 + 0.25 * strength)
    return np.asarray(cv2.addWeighted(image, 1 - 0.8 * strength, smooth, 0.8 * strength, 0))


PROCESSING: Final[dict[str, Callable[[RGBImage, float], RGBImage]]] = {
    "median": _median,
    "bilateral": _bilateral,
    "sharpen": _sharpen,
    "chroma_smear": _smear_chroma,
    "soften": _soften,
    "interlace": _comb,
    "beautify": _beautify,
}


def draw_timestamp(image: RGBImage, rng: np.random.Generator) -> RGBImage:
    """Burn a time stamp into the picture, as recorders do."""
    stamped = image.copy()
    side = image.shape[0]
    text = f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}:{rng.integers(0, 60):02d}"
    origin = (int(rng.uniform(0, 0.5) * side), int(rng.uniform(0.1, 0.95) * side))
    cv2.putText(stamped, text, origin, cv2.FONT_HERSHEY_SIMPLEX, side / 300, (255, 255, 255), 1)
    return stamped
