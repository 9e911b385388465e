"""Consistency projection: HQ, with what the camera measured put back in place of what it says.

Seen through the camera (`Consistency.explained`: LQ's size and blur, gain and offset fitted) HQ
should look like LQ. What differs is measured, not invented, so it is added to HQ, smoothed by the
same optics: bands that the camera passed become LQ's, bands that it did not stay HQ's. Gain and
offset are no contradiction: HQ keeps its own brightness and contrast.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.protocols import RGBImage
from ..consistency import VIEW_SIDE_PX, CameraView, Consistency
from .pixels import as_pixels

__all__ = ["ENVELOPE_PX", "project"]

ENVELOPE_PX: Final = 8
"""At 512 px: a projection is nowhere brighter or darker than LQ and HQ are this near."""

_LEAST_SMOOTHING_PX: Final = 0.8
"""In px of the view, four of the 512 px frame: finer than this LQ's noise would come along."""
_TO_RGB: Final = np.array(
    [[1.0, 1.402, 0.0], [1.0, -0.714136, -0.344136], [1.0, 0.0, 1.772]], np.float32
)
"""R, G, B of Y, Cr, Cb."""

Plane = npt.NDArray[np.float32]


def project(lq: RGBImage, hq: RGBImage, view: CameraView, found: Consistency) -> RGBImage:
    """Put back what the camera measured.

    Args:
        lq: (S, S, 3) uint8 RGB in the FFHQ frame.
        hq: Same shape.
        view: What the camera measured, of this LQ.
        found: The comparison of this HQ with it.

    Returns:
        (S, S, 3) uint8 RGB; no value lies outside the range that LQ and HQ have within
        `ENVELOPE_PX` of it, so that no edge gets a halo.
    """
    side = lq.shape[0]
    missing: Plane = view.planes - found.explained
    missing[..., 0] /= found.gain
    correction = cv2.resize(_as_taken(missing, found), (side, side), interpolation=cv2.INTER_CUBIC)
    return as_pixels(np.clip(hq + cv2.transform(correction, _TO_RGB), *_envelope(lq, hq)))


def _as_taken(missing: Plane, found: Consistency) -> Plane:
    """What to add so that the camera misses nothing: two steps of back-projection.

    A band that the optics pass with m is corrected by m^2 (2 - m^2) of its fault, never more than
    the whole; noise beyond the optics stays out.
    """
    optics = math.hypot(found.blur_px * VIEW_SIDE_PX / 512, 0.5 * VIEW_SIDE_PX / found.size_px)
    sigma = max(optics, _LEAST_SMOOTHING_PX)
    first = cv2.GaussianBlur(missing, (0, 0), sigma)
    rest = missing - cv2.GaussianBlur(first, (0, 0), sigma)
    return np.asarray(first + cv2.GaussianBlur(rest, (0, 0), sigma), np.float32)


def _envelope(lq: RGBImage, hq: RGBImage) -> tuple[RGBImage, RGBImage]:
    """Darkest and brightest value of both faces around each pixel."""
    reach = max(round(ENVELOPE_PX * lq.shape[0] / 512), 1)
    window = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    darkest = cv2.erode(cv2.min(lq, hq), window)
    brightest = cv2.dilate(cv2.max(lq, hq), window)
    return np.asarray(darkest, np.uint8), np.asarray(brightest, np.uint8)
