"""Puts the delivered faces back into their picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..core.faces import AlignedFace, fit_aligned, keep_box, paste_face
from ..core.protocols import RGBImage

__all__ = ["PlacedFace", "compose_picture"]


class PlacedFace(Protocol):
    """A face with what is put in its place, as `GuardedFace` is."""

    @property
    def face(self) -> AlignedFace:
        """Where it is."""
        ...

    @property
    def pixels(self) -> RGBImage:
        """(512, 512, 3) uint8 RGB that replaces it."""
        ...

    @property
    def delivered(self) -> bool:
        """Whether it is replaced at all."""
        ...


def compose_picture(
    background: RGBImage, faces: Sequence[PlacedFace], upscale: float, aligned: bool
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
