"""Embedded ICC profiles: to sRGB where one is whole and means something else than sRGB.

A broken or mismatched profile never stops a reading; the pixels are then taken as sRGB.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from .picture import Conversion

__all__ = ["lab_to_srgb", "profile_to_srgb"]

_SAME_WITHIN: Final = 2
"""Largest channel difference that still counts as sRGB (other makers' sRGB profiles round so)."""


def profile_to_srgb(image: Image.Image, icc: bytes) -> tuple[Image.Image, Conversion | None]:
    """Apply an embedded profile, relative colorimetric with black point compensation.

    Args:
        image: A picture without alpha: "RGB", "L", "CMYK" or "LAB".
        icc: The profile's bytes, possibly broken.

    Returns:
        The "RGB" picture and PROFILE_CONVERTED; or the same picture with PROFILE_IGNORED where
        the profile is broken or made for another mode, with None where it is sRGB anyway.
    """
    try:
        profile = ImageCms.getOpenProfile(io.BytesIO(icc))
        transform = _to_srgb(profile, image.mode)
        if _keeps_srgb(transform, image.mode):
            return image, None
        return _applied(image, transform), Conversion.PROFILE_CONVERTED
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image, Conversion.PROFILE_IGNORED


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """Turn a CIE Lab picture (D50) into sRGB."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return _applied(image, _to_srgb(lab, "LAB"))


def _to_srgb(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _applied(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    return image if result is None else result


def _keeps_srgb(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a sample of all colours comes out unchanged; its name would prove nothing."""
    if mode == "RGB":
        levels = np.linspace(0, 255, 16).round().astype(np.uint8)
        colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(64, 64, 3)
    elif mode == "L":
        colours = np.arange(256, dtype=np.uint8)[np.newaxis]
    else:
        return False
    sample = Image.fromarray(colours)
    before = np.asarray(sample.convert("RGB"), dtype=np.int16)
    after = np.asarray(_applied(sample, transform), dtype=np.int16)
    return int(np.abs(after - before).max()) <= _SAME_WITHIN
