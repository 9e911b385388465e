"""What happens on and behind the sensor: noise, in-camera processing, overlay, codec."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from ...core.protocols import RGBImage
from .optics import FloatImage, luma

__all__ = ["NOISE_KINDS", "PROCESSING", "add_noise", "compress", "draw_timestamp"]

NOISE_KINDS: Final = ("white", "chroma", "poisson", "rows", "correlated")


def add_noise(
    image: FloatImage, kind: str, sigma: float, grey: bool, rng: np.random.Generator
) -> FloatImage:
    """Add one of five noise models of the given deviation, in grey levels."""
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
    elif kind == "chroma" and not grey:
        field = rng.normal(0, sigma, image.shape)
    else:
        field = shared
    return np.asarray(image + field, dtype=np.float32)


def _median(image: RGBImage) -> RGBImage:
    return np.asarray(cv2.medianBlur(image, 3), np.uint8)


def _bilateral(image: RGBImage) -> RGBImage:
    return np.asarray(cv2.bilateralFilter(image, 5, 30, 3), np.uint8)


def _sharpen(image: RGBImage) -> RGBImage:
    smooth = cv2.GaussianBlur(image, (0, 0), 1.0)
    return np.asarray(cv2.addWeighted(image, 2.2, smooth, -1.2, 0), np.uint8)


def _smear_chroma(image: RGBImage) -> RGBImage:
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    side = max(4, image.shape[0] // 4)
    for plane in (1, 2):
        small = cv2.resize(planes[..., plane], (side, side), interpolation=cv2.INTER_AREA)
        planes[..., plane] = cv2.resize(small, image.shape[1::-1])
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB), np.uint8)


def _soften(image: RGBImage) -> RGBImage:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8), np.uint8)


def _comb(image: RGBImage) -> RGBImage:
    """Shift every second row by one pixel, as interlaced motion does."""
    combed = image.copy()
    combed[1::2] = np.roll(image[1::2], 1, axis=1)
    return combed


PROCESSING: Final[dict[str, Callable[[RGBImage], RGBImage]]] = {
    "median": _median,
    "bilateral": _bilateral,
    "sharpen": _sharpen,
    "chroma_smear": _smear_chroma,
    "soften": _soften,
    "interlace": _comb,
}


def draw_timestamp(image: RGBImage, rng: np.random.Generator) -> RGBImage:
    """Burn a time stamp into the picture, as recorders do."""
    stamped = image.copy()
    side = image.shape[0]
    text = f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}:{rng.integers(0, 60):02d}"
    origin = (int(rng.uniform(0, 0.5) * side), int(rng.uniform(0.1, 0.95) * side))
    cv2.putText(stamped, text, origin, cv2.FONT_HERSHEY_SIMPLEX, side / 300, (255, 255, 255), 1)
    return stamped


def compress(image: RGBImage, codec: str, quality: int) -> RGBImage:
    """Encode and decode once as "jpeg" or "webp" at the given quality."""
    if codec == "jpeg":
        options = [cv2.IMWRITE_JPEG_QUALITY, quality]
        encoded = cv2.imencode(".jpg", image[..., ::-1], options)[1]
    else:
        encoded = cv2.imencode(".webp", image[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
