"""Puts the smoothed share of each face back into its frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...core.faces import AlignedFace, align_face, upscale_background
from ...core.protocols import RGBImage
from ...guards.verdict import LEAST_BLEND
from ..composition import compose_picture
from .judging import JudgedFace

__all__ = ["deliver_frame"]


@dataclass(frozen=True, slots=True, eq=False)
class _DeliveredFace:
    """As `composition.PlacedFace`."""

    face: AlignedFace
    pixels: RGBImage
    delivered: bool


def deliver_frame(
    image: RGBImage, faces: Sequence[JudgedFace], shares: Mapping[int, float], upscale: int
) -> RGBImage:
    """Compose one frame.

    Args:
        image: (H, W, 3) uint8 RGB.
        faces: Its judged faces.
        shares: What is delivered of each, by run; at most what its judgement allows.
        upscale: Whole factor by which the frame grows.

    Returns:
        (H * upscale, W * upscale, 3) uint8 RGB; the box of a face of which nothing is delivered
        keeps its pixels.
    """
    delivered = [_faded(image, face, shares[face.place.run]) for face in faces]
    delivered.sort(key=lambda one: -one.face.width_px)  # as in pictures: large faces first
    return compose_picture(upscale_background(image, upscale), delivered, upscale, aligned=False)


def _faded(image: RGBImage, face: JudgedFace, share: float) -> _DeliveredFace:
    """The face with the part of its allowed change that is delivered."""
    aligned = align_face(image, face.place.face)
    if face.pixels is None or share < LEAST_BLEND:
        return _DeliveredFace(aligned, aligned.pixels, False)
    part = np.float32(share / face.share)
    if part == 1:
        return _DeliveredFace(aligned, face.pixels, True)
    lq = aligned.pixels.astype(np.float32)
    mixed = np.rint(lq + part * (face.pixels - lq))
    return _DeliveredFace(aligned, np.asarray(np.clip(mixed, 0, 255), np.uint8), True)
