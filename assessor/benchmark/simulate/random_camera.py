"""Random cameras for training: every picture gets its own chain.

Training never sees a fixed camera, which is what made the assessor carry over to cameras that it
never met (docs/results). The step "beautify" and the analogue line's crawl, ghost and comb are
never drawn here: the held-out cameras have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from .analogue import AnalogueLine
from .camera import VirtualCamera
from .sensor import DEMOSAIC, NOISE_KINDS

__all__ = ["RANDOM_STEPS", "RandomCamera", "draw_camera"]

RANDOM_STEPS: Final = ("median", "bilateral", "sharpen", "chroma_smear", "soften", "interlace")
_CODECS: Final = ("jpeg", "webp", "h264")
_CODEC_SHARES: Final = (0.50, 0.25, 0.25)


def draw_camera(rng: np.random.Generator) -> VirtualCamera:
    """Draw one random camera; mild and severe faults are both common.

    Args:
        rng: Source of all choices.
    """
    face_px = float(np.exp(rng.uniform(np.log(18), np.log(110 if rng.random() < 0.7 else 270))))
    grey = bool(rng.random() < 0.2)
    chosen = rng.choice(len(RANDOM_STEPS), size=int(rng.integers(0, 4)), replace=False)
    passes = int(rng.integers(1, 3))
    lens_px = max(face_px / 50.0, 0.35)
    return VirtualCamera(
        face_px=face_px,
        resampler=int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC])),
        grey=grey,
        saturation=float(rng.uniform(0.2, 1.5)) if rng.random() < 0.7 else 1.0,
        white_balance=_draw_white_balance(rng),
        falloff=float(rng.uniform(0.2, 0.8)) if rng.random() < (0.6 if grey else 0.1) else 0.0,
        contrast=float(rng.uniform(0.35, 1.45)) if rng.random() < 0.7 else 1.0,
        exposure=float(rng.normal(0, 32)) if rng.random() < 0.65 else 0.0,
        gamma=float(np.exp(rng.normal(0, 0.27))) if rng.random() < 0.35 else 1.0,
        motion_px=float(rng.uniform(1, 6)) * lens_px if rng.random() < 0.25 else 0.0,
        motion_degrees=float(rng.uniform(0, 180)),
        defocus_px=float(rng.gamma(1.3, 0.6)) * lens_px if rng.random() < 0.6 else 0.0,
        noise=_draw_noise(rng),
        demosaic=str(rng.choice(list(DEMOSAIC))) if not grey and rng.random() < 0.1 else "",
        processing=tuple((RANDOM_STEPS[i], float(rng.uniform(0, 1))) for i in chosen),
        analogue=_draw_line(rng),
        overlay=bool(rng.random() < 0.06),
        codec=str(rng.choice(_CODECS, p=_CODEC_SHARES)),
        quality=tuple(int(q) for q in rng.integers(22, 97, size=passes)),
        upsampler=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC], p=[0.7, 0.3])),
    )


def _draw_white_balance(rng: np.random.Generator) -> tuple[float, float]:
    if rng.random() < 0.5:
        return (1.0, 1.0)
    red, blue = np.exp(rng.normal(0, 0.1, 2))
    return (float(red), float(blue))


def _draw_noise(rng: np.random.Generator) -> tuple[tuple[str, float], ...]:
    if rng.random() > 0.75:
        return ()
    kinds = rng.choice(NOISE_KINDS, size=1 + int(rng.random() < 0.15), replace=False)
    return tuple((str(kind), float(rng.gamma(1.2, 7.0)) / len(kinds)) for kind in kinds)


def _draw_line(rng: np.random.Generator) -> AnalogueLine:
    if rng.random() > 0.12:
        return AnalogueLine()
    return AnalogueLine(
        luma_sigma_px=float(rng.uniform(0, 1.2)),
        chroma_sigma_px=float(rng.uniform(0, 4)),
        ringing=float(rng.uniform(0, 0.8)),
    )


@dataclass(frozen=True, slots=True)
class RandomCamera:
    """The random cameras under one name, where a set is built of named ones."""

    name: str = "random"
    summary: str = "Another random chain for every picture, as in training"
    held_out: bool = False
    occluder_share: float = 0.03
    codecs: tuple[str, ...] = _CODECS

    def draw(self, rng: np.random.Generator) -> VirtualCamera:
        """Draw the parameters of one picture."""
        return draw_camera(rng)
