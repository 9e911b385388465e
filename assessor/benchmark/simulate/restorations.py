"""Simulated restorations: cheap stand-ins that clean, over-smooth, sharpen or invent a face.

`swap_detail` imitates a generative prior: it keeps the low frequencies that the camera measured
and takes fine structure from another person's pristine face, so that the picture gains looks and
loses the person. The truth of every one of them is known.
"""

from __future__ import annotations

import cv2
import numpy as np

from ....core.errors import InvalidInput
from ....core.protocols import RGBImage

__all__ = ["SIMULATED_RESTORATIONS", "SIMULATED_SHARES", "mix", "restore_simulated", "swap_detail"]

SIMULATED_RESTORATIONS = ("unsharp", "nlmeans", "bilateral", "oversmooth", "swap")
SIMULATED_SHARES = (0.13, 0.13, 0.08, 0.06, 0.6)
"""How often each is drawn for a set."""


def swap_detail(
    lq: RGBImage, exemplar: RGBImage, cutoff_px: float, strength: float, smooth_px: float = 0.0
) -> RGBImage:
    """Replace fine structure by another face's.

    Args:
        lq: (S, S, 3) uint8 RGB, the camera's picture.
        exemplar: (S, S, 3) uint8 RGB, a pristine face in the same frame.
        cutoff_px: Sigma of the low-pass that parts what is kept from what is swapped, px.
        strength: Share of the exemplar's fine structure, 0..1.
        smooth_px: Sigma of a blur on the kept part, px; removes the camera's noise.

    Returns:
        (S, S, 3) uint8 RGB.
    """
    kept = cv2.GaussianBlur(lq.astype(np.float32), (0, 0), max(cutoff_px, smooth_px, 0.3))
    source = exemplar.astype(np.float32)
    detail = source - cv2.GaussianBlur(source, (0, 0), cutoff_px)
    own = lq.astype(np.float32) - kept
    mixed = kept + strength * detail + (1 - strength) * own
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def mix(lq: RGBImage, hq: RGBImage, share: float) -> RGBImage:
    """Pixel mixture ``share * hq + (1 - share) * lq``."""
    return np.asarray(cv2.addWeighted(hq, share, lq, 1 - share, 0), np.uint8)


def restore_simulated(
    kind: str, lq: RGBImage, exemplar: RGBImage, rng: np.random.Generator
) -> RGBImage:
    """Apply one simulated restoration of random strength.

    Args:
        kind: One of `SIMULATED_RESTORATIONS`.
        lq: (S, S, 3) uint8 RGB.
        exemplar: Another person's pristine face, used by "swap".
        rng: Source of the strength.

    Raises:
        InvalidInput: If the kind is another.
    """
    if kind not in SIMULATED_RESTORATIONS:
        raise InvalidInput(f"expected one of {', '.join(SIMULATED_RESTORATIONS)}, got {kind!r}")
    if kind == "unsharp":
        smooth = cv2.GaussianBlur(lq, (0, 0), float(rng.uniform(1, 5)))
        gain = float(rng.uniform(0.4, 2.5))
        return np.asarray(cv2.addWeighted(lq, 1 + gain, smooth, -gain, 0), np.uint8)
    if kind == "nlmeans":
        strength = float(rng.uniform(3, 14))
        return np.asarray(cv2.fastNlMeansDenoisingColored(lq, None, strength, strength, 5, 11))
    if kind == "bilateral":
        sigma = float(rng.uniform(15, 60))
        return np.asarray(cv2.bilateralFilter(lq, 9, sigma, 5), np.uint8)
    if kind == "oversmooth":
        smooth = cv2.medianBlur(lq, int(rng.choice([5, 7, 9])))
        crisp = cv2.GaussianBlur(smooth, (0, 0), 2.0)
        gain = float(rng.uniform(0, 1.5))
        return np.asarray(cv2.addWeighted(smooth, 1 + gain, crisp, -gain, 0), np.uint8)
    cutoff = float(np.exp(rng.uniform(np.log(1.5), np.log(14))))
    strength = 1.0 if rng.random() < 0.4 else float(rng.uniform(0.4, 1.0))
    smooth_px = float(rng.uniform(1, 5)) if rng.random() < 0.3 else 0.0
    return swap_detail(lq, exemplar, cutoff, strength, smooth_px)
