"""Puts the delivered faces back into their picture."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.faces import fit_aligned, keep_box, paste_face
from ..core.protocols import RGBImage
from .results import GuardedFace

__all__ = ["compose_picture"]


def compose_picture(
    background: RGBImage, faces: Sequence[GuardedFace], upscale: float, aligned: bool
) -> RGBImage:
    """Put back what is delivered; a refused neighbour's box keeps its bytes.

    Args:
        background: (H, W, 3) uint8 RGB, the picture, enlarged already.
        faces: Its faces after the guard.
        upscale: By which it was enlarged.
        aligned: The picture already is one face in the FFHQ frame.
    """
    pixels = background
    for one in faces:
        if one.delivered and aligned:
            pixels = fit_aligned(background, one.face.pixels, one.pixels)
        elif one.delivered:
            pixels = paste_face(pixels, one.face, one.pixels, upscale)
    if pixels is background:
        return background
    for one in faces:
        if not one.delivered:
            pixels = keep_box(pixels, background, one.face, upscale)
    return pixels
