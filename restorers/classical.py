"""Restoration by filters alone: non-local means against noise, then an unsharp mask.

It cannot invent a face, which makes it the cautious candidate; it needs no weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from ..core.protocols import RestorerInfo, RGBImage
from .frames import check_face
from .settings import RestorerSettings, require_settings
from .weights_file import refuse_weights

__all__ = ["INFO", "ClassicalRestorer", "ClassicalSettings", "denoise_non_local"]

_STRONGEST_LEVELS: Final = 12.0
"""Filter strength of non-local means at ``strength`` 1."""


class ClassicalSettings(RestorerSettings):
    """What the filters do."""

    strength: float = Field(
        default=0.4, ge=0, le=1, description="Denoising; 0 leaves the noise, 1 smooths strongly."
    )
    sharpen: float = Field(
        default=0.8, ge=0, le=2, description="Weight of the unsharp mask; 0 leaves it away."
    )
    radius: float = Field(
        default=2.0, ge=0.5, le=6, description="Sigma of the unsharp mask in px of the 512 frame."
    )


INFO: Final = RestorerInfo(
    name="classical",
    kind="classical",
    input_size=0,
    settings=ClassicalSettings,
    licence="Apache-2.0 (no weights)",
    commercial_use="yes",
    summary="non-local means and unsharp mask: invents nothing, gains little",
)


def denoise_non_local(image: RGBImage, h_levels: float) -> RGBImage:
    """Denoise a colour picture by non-local means (Buades et al. 2005, as in OpenCV).

    Args:
        image: (H, W, 3) uint8 RGB.
        h_levels: Filter strength in grey levels, from 0, which returns a copy.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    if h_levels == 0:
        return image.copy()
    import cv2

    # The filter works in Lab and assumes BGR; 5 and 15 px windows cost a third of the default.
    bgr = np.ascontiguousarray(image[:, :, ::-1])
    filtered = cv2.fastNlMeansDenoisingColored(bgr, None, h_levels, h_levels, 5, 15)
    return np.ascontiguousarray(np.asarray(filtered, dtype=np.uint8)[:, :, ::-1])


def _sharpen(image: RGBImage, weight: float, sigma_px: float) -> RGBImage:
    if weight == 0:
        return image
    import cv2

    values = image.astype(np.float32)
    blurred = cv2.GaussianBlur(values, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT_101)
    sharpened = values + np.float32(weight) * (values - blurred)
    return np.asarray(np.clip(np.rint(sharpened), 0, 255), dtype=np.uint8)


class ClassicalRestorer:
    """Denoises and sharpens; keeps the size of its input."""

    def __init__(self, weights: Path | None = None) -> None:
        """Build it.

        Args:
            weights: Must be None.

        Raises:
            InvalidInput: If a weights file is given.
        """
        refuse_weights(INFO.name, weights)

    @property
    def info(self) -> RestorerInfo:
        """What it is and which settings it takes."""
        return INFO

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Denoise and sharpen one aligned face.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame.
            settings: ``ClassicalSettings``.

        Returns:
            (S, S, 3) uint8 RGB in the same frame.

        Raises:
            InvalidInput: If the face or the settings are of the wrong kind.
        """
        require_settings(INFO, settings)
        chosen = ClassicalSettings.model_validate(settings)
        pixels = check_face(face)
        sigma_px = chosen.radius * pixels.shape[0] / 512
        clean = denoise_non_local(pixels, chosen.strength * _STRONGEST_LEVELS)
        return _sharpen(clean, chosen.sharpen, sigma_px)
