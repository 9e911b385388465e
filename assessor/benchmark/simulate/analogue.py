"""A composite video line: band limits, ringing, colour crawl, ghost and interlace comb."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ....core.protocols import RGBImage
from .optics import FloatImage

__all__ = ["AnalogueLine", "transmit"]


@dataclass(frozen=True, slots=True)
class AnalogueLine:
    """What the line does to a picture; the default line does nothing.

    Attributes:
        luma_sigma_px: Horizontal low-pass of luma, px.
        chroma_sigma_px: Horizontal low-pass of colour, px.
        ringing: Gain of the overshoot after an edge, 0..1.
        crawl: Amplitude of colour carrier left in luma, share of the local colour.
        ghost: Strength of an echo, 0..1.
        ghost_px: How far to the right the echo lies, px.
        comb_px: How far the second field is shifted, px.
    """

    luma_sigma_px: float = 0.0
    chroma_sigma_px: float = 0.0
    ringing: float = 0.0
    crawl: float = 0.0
    ghost: float = 0.0
    ghost_px: int = 0
    comb_px: int = 0


def _along_rows(plane: FloatImage, sigma: float) -> FloatImage:
    if sigma <= 0.1:
        return plane
    width = 2 * int(np.ceil(3 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(plane, (width, 1), sigma), np.float32)


def transmit(image: RGBImage, line: AnalogueLine, rng: np.random.Generator) -> RGBImage:
    """Send a picture over the line.

    Args:
        image: (H, W, 3) uint8 RGB.
        line: Its faults.
        rng: Source of the carrier's phase.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    if line == AnalogueLine():
        return image
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    y: npt.NDArray[np.floating[Any]] = _along_rows(planes[..., 0], line.luma_sigma_px)
    colour = np.stack([_along_rows(planes[..., i], line.chroma_sigma_px) for i in (1, 2)], axis=2)
    if line.ringing > 0:
        wide = _along_rows(y, max(1.5, 2.5 * line.luma_sigma_px))
        overshoot = y - wide
        y = y + line.ringing * (overshoot - 0.5 * np.roll(overshoot, 3, axis=1))
    if line.crawl > 0:
        x, row = np.arange(y.shape[1])[None, :], np.arange(y.shape[0])[:, None]
        phase = np.pi * (x / 2 + row) + rng.uniform(0, 2 * np.pi)
        y = y + line.crawl * (colour[..., 0] - 128) * np.sin(phase)
        y = y + line.crawl * (colour[..., 1] - 128) * np.cos(phase)
    if line.ghost > 0:
        y = (y + line.ghost * np.roll(y, line.ghost_px, axis=1)) / (1 + line.ghost)
    if line.comb_px:
        y[1::2] = np.roll(y[1::2], line.comb_px, axis=1)
    planes = np.concatenate([y[..., None], colour], axis=2)
    whole = np.clip(np.rint(planes), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(whole, cv2.COLOR_YCrCb2RGB), np.uint8)
