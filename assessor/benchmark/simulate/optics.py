"""What happens before the sensor: tint, light and blur, on float32 RGB in 0..255."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["FloatImage", "blur", "light", "luma", "tint"]

FloatImage = npt.NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def luma(image: npt.NDArray[np.generic]) -> FloatImage:
    """(H, W) float32 BT.601 luma of an (H, W, 3) RGB picture, same range."""
    return np.asarray(image.astype(np.float32) @ _LUMA, dtype=np.float32)


def tint(
    image: FloatImage, grey: bool, saturation: float, white_balance: Sequence[float]
) -> FloatImage:
    """Scale colour around luma and apply gains on red and blue; grey drops all colour."""
    centre = luma(image)[..., None]
    if grey:
        return np.repeat(centre, 3, axis=2)
    red, blue = white_balance
    gains = np.array([red, 1.0, blue], dtype=np.float32)
    return np.asarray((centre + saturation * (image - centre)) * gains, dtype=np.float32)


def light(
    image: FloatImage, falloff: float, contrast: float, exposure: float, rng: np.random.Generator
) -> FloatImage:
    """Apply a spot light's fall-off, a contrast factor around the mean and an exposure shift."""
    side = image.shape[0]
    if falloff > 0:
        grid = np.linspace(-1, 1, side, dtype=np.float32)
        x0, y0 = rng.uniform(-0.5, 0.5, 2)
        radius = np.hypot(grid[None, :] - x0, grid[:, None] - y0)
        image = image * (1 - falloff * np.clip(radius / 1.5, 0, 1) ** 1.5)[..., None]
    mean = float(image.mean())
    return np.asarray((image - mean) * contrast + mean + exposure, dtype=np.float32)


def blur(
    image: FloatImage, motion_px: float, motion_degrees: float, defocus_px: float
) -> FloatImage:
    """Motion blur along a line, then Gaussian defocus; lengths in px of this picture."""
    if motion_px > 1:
        half = int(np.ceil(motion_px / 2))
        kernel = np.zeros((2 * half + 1, 2 * half + 1), dtype=np.float32)
        angle = np.deg2rad(motion_degrees)
        reach = np.array([np.cos(angle), np.sin(angle)]) * motion_px / 2 * 16
        centre = np.array([half, half]) * 16
        start, end = np.rint(centre - reach).astype(int), np.rint(centre + reach).astype(int)
        cv2.line(kernel, start.tolist(), end.tolist(), 1.0, 1, cv2.LINE_AA, 4)
        image = cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6))
    if defocus_px > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), defocus_px)
    return np.asarray(image, dtype=np.float32)
