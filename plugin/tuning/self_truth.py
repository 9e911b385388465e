"""Pairs with a known truth from a camera's own frames: its best faces, degraded as it degrades.

The best faces stand for the truth although they are the camera's own work: what is finer than they
are nobody knows. Each is brought down to faces that this camera takes as well, by what is missing
to their blur, size, noise and compression, never by less than a stated step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ...assessor.benchmark.simulate.camera import FACE_SHARE, VirtualCamera
from ...core.errors import InvalidInput
from ...core.faces import FACE_SIZE_PX
from ...core.protocols import RGBImage
from ...guards.profile import CameraDescription, Spread
from .signals import effective_face_px, measure_signals

__all__ = ["LEAST_TRUTH", "TRUTH_SHARE", "SelfPair", "choose_truth", "make_self_pairs"]

TRUTH_SHARE: Final = 0.4
"""Share of the faces, the best ones, that stand for the truth."""
LEAST_TRUTH: Final = 6
"""At least so many do, where there are so many."""
_LEAST_STEP: Final = 1.25
"""The degraded face is at least this much blurrier than its truth."""
_FINER: Final = 2.0
"""A sensor at most this much finer than the blur asks for: the lens has the rest."""
_ROUNDS: Final = 2
_WHOLE_PX: Final = FACE_SHARE * FACE_SIZE_PX
_LEAST_FACE_PX: Final = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class SelfPair:
    """A face whose truth is known.

    Attributes:
        truth: (512, 512, 3) uint8 RGB, one of the camera's best faces.
        lq: (512, 512, 3) uint8 RGB, the same face degraded as the camera does.
        face: Which of the given faces the truth is.
    """

    truth: RGBImage
    lq: RGBImage
    face: int


def choose_truth(
    faces: Sequence[RGBImage],
    quality: Sequence[float] | None = None,
    share: float = TRUTH_SHARE,
    least: int = LEAST_TRUTH,
) -> list[int]:
    """Choose the faces that may stand for the truth.

    Args:
        faces: (512, 512, 3) uint8 RGB each.
        quality: A number for each, higher is better; without it the sharpest are the best.
        share: Of the faces.
        least: At least so many.

    Returns:
        Their indices, best first.

    Raises:
        InvalidInput: If there is no face, or not one number for each.
    """
    if not faces:
        raise InvalidInput("expected faces to choose the truth from, got none")
    if quality is None:
        quality = [-measure_signals(face).blur_px for face in faces]
    if len(quality) != len(faces):
        raise InvalidInput(f"expected {len(faces)} numbers, one a face, got {len(quality)}")
    count = min(len(faces), max(least, round(share * len(faces))))
    order = sorted(range(len(faces)), key=lambda index: (-quality[index], index))
    return order[:count]


def make_self_pairs(
    faces: Sequence[RGBImage],
    description: CameraDescription,
    rng: np.random.Generator,
    per_face: int = 2,
    *,
    quality: Sequence[float] | None = None,
) -> list[SelfPair]:
    """Degrade the camera's best faces as the camera degrades.

    Args:
        faces: The camera's aligned faces, (512, 512, 3) uint8 RGB each.
        description: Of the same camera.
        rng: Source of all choices.
        per_face: Pairs from each of the best faces.
        quality: A number for each face, higher is better (overall, best of all); without it the
            sharpest faces are the best.

    Returns:
        ``per_face`` pairs of every face chosen by `choose_truth`, the first of each face first.

    Raises:
        InvalidInput: If there is no face, or `per_face` is below 1.
    """
    if per_face < 1:
        raise InvalidInput(f"expected per_face of 1 or more, got {per_face}")
    chosen = choose_truth(faces, quality)
    return [
        SelfPair(faces[index], _degrade(faces[index], description, rng), index)
        for _ in range(per_face)
        for index in chosen
    ]


def _degrade(truth: RGBImage, camera: CameraDescription, rng: np.random.Generator) -> RGBImage:
    """One capture; the virtual camera is corrected until its picture measures as it should."""
    own = measure_signals(truth)
    # One draw for what goes together: small faces are the blurred ones.
    rank = float(rng.uniform(0.1, 0.9))
    target_px = _drawn(camera.face_px, 1 - rank, _WHOLE_PX)
    target_blur = max(_drawn(camera.blur_px, rank, own.blur_px), _LEAST_STEP * own.blur_px)
    target_noise = _drawn(camera.noise, float(rng.uniform(0.1, 0.9)), 0.0)
    sharpest_px = _FINER * effective_face_px(target_blur)
    face_px = max(min(target_px, sharpest_px), _LEAST_FACE_PX)
    per_px = _WHOLE_PX / face_px  # frame px a sensor px
    quality = camera.compression_quality
    drawn = _drawn(quality, float(rng.uniform(0.1, 0.9)), 100.0) if quality else 100.0
    missing = max(target_blur**2 - own.blur_px**2 - (0.5 * per_px) ** 2, 0.0)
    virtual = VirtualCamera(
        face_px=face_px,
        defocus_px=math.sqrt(missing) / per_px,
        noise=_noise(math.sqrt(max(target_noise**2 - (own.noise / per_px) ** 2, 0.0))),
        quality=(round(drawn),) if drawn < 100 else (),
    )
    seed = int(rng.integers(2**32))
    for _ in range(_ROUNDS):
        shot = virtual.capture(truth, np.random.default_rng(seed))
        seen = measure_signals(shot, face_px)
        blur = virtual.defocus_px**2 + (target_blur**2 - seen.blur_px**2) / per_px**2
        left = sum(sigma for _, sigma in virtual.noise) + target_noise - seen.noise
        virtual = replace(
            virtual, defocus_px=math.sqrt(max(blur, 0.0)), noise=_noise(max(left, 0.0))
        )
    return virtual.capture(truth, np.random.default_rng(seed))


def _noise(sigma: float) -> tuple[tuple[str, float], ...]:
    return (("sensor", sigma),) if sigma > 0.1 else ()


def _drawn(spread: Spread | None, rank: float, otherwise: float) -> float:
    """Value at a rank in 0.1..0.9 of what the camera has, straight between its three points."""
    if spread is None:
        return otherwise
    values = (spread.low, spread.median, spread.high)
    return float(np.interp(rank, (0.1, 0.5, 0.9), values))
