"""What every way of blending starts from, and what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.protocols import RGBImage
from ..consistency import CameraView, Consistency
from ..findings import RegionDrift
from ..regions import Masks

__all__ = ["Blend", "FacePair", "as_pixels"]


class Blend(NamedTuple):
    """A mixture under the name that the record gives it.

    Attributes:
        name: For people and the record; no two of one search are alike.
        pixels: (S, S, 3) uint8 RGB.
    """

    name: str
    pixels: RGBImage


@dataclass(frozen=True, slots=True, eq=False)
class FacePair:
    """LQ and HQ, and what was measured on them already.

    Attributes:
        lq: (S, S, 3) uint8 RGB in the FFHQ frame.
        hq: Same shape.
        view: What the camera measured.
        found: The comparison of HQ with it.
        drift: How far each region of HQ departs from LQ.
        masks: (7, 64, 64) region masks of LQ.
    """

    lq: RGBImage
    hq: RGBImage
    view: CameraView
    found: Consistency
    drift: RegionDrift
    masks: Masks

    def __post_init__(self) -> None:
        if self.lq.shape != self.hq.shape:
            raise InvalidInput(
                f"expected LQ and HQ of one shape, got {self.lq.shape} and {self.hq.shape}"
            )


def as_pixels(values: npt.NDArray[np.floating[Any]]) -> RGBImage:
    """Round to uint8."""
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
