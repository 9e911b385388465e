"""The picture as it was read: upright sRGB pixels, the alpha kept aside, and what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..protocols import RGBImage
from .array import require_alpha, require_rgb

__all__ = ["Conversion", "Picture"]


class Conversion(Enum):
    """What reading changed, so that a report can say so."""

    ORIENTATION_APPLIED = "EXIF orientation applied"
    PROFILE_CONVERTED = "ICC profile converted to sRGB"
    PROFILE_IGNORED = "ICC profile unusable, ignored"
    DEPTH_REDUCED = "more than 8 bits a channel reduced to 8"
    CMYK_CONVERTED = "CMYK converted"
    COLOUR_SPACE_CONVERTED = "YCbCr or Lab converted"
    GREY_EXPANDED = "grey expanded"
    PALETTE_EXPANDED = "palette expanded"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One still picture.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, sRGB, upright; not multiplied by the alpha.
        alpha: (H, W) uint8, 0 clear, 255 solid; None when the file has none.
        path: The file it came from; None when it was made in memory.
        notes: What reading changed, in the order in which it happened.
        sha256: Hex digest of the source file's bytes; empty when it was made in memory.
    """

    pixels: RGBImage
    alpha: npt.NDArray[np.uint8] | None = None
    path: Path | None = None
    notes: tuple[Conversion, ...] = ()
    sha256: str = ""

    def __post_init__(self) -> None:
        pixels = require_rgb(self.pixels)
        if self.alpha is not None:
            require_alpha(self.alpha, pixels)

    @property
    def width_px(self) -> int:
        """Width in px."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """Height in px."""
        return int(self.pixels.shape[0])
