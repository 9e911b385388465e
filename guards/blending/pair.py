"""What every way of blending starts from, and what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.protocols import RGBImage
from ..consistency import CameraView, Consistency
from ..drift import structure_of
from ..findings import RegionDrift
from ..regions import Masks
from .backprojection import project

__all__ = ["Blend", "FacePair"]

Plane = npt.NDArray[np.float32]


class Blend(NamedTuple):
    """A mixture under the name that the record gives it.

    Attributes:
        name: For people and the record; no two of one search are alike.
        pixels: (S, S, 3) uint8 RGB.
        patchwork: Whether some parts of the face are LQ's and others are not.
    """

    name: str
    pixels: RGBImage
    patchwork: bool = False


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def projected(self) -> RGBImage:
        """HQ's consistency projection, (S, S, 3) uint8 RGB."""
        return project(self.lq, self.hq, self.view, self.found)

    @cached_property
    def structure(self) -> Plane:
        """What local correlation of HQ, as the camera would have seen it, with LQ lacks of 1.

        (128, 128) float32 in 0..1, over the whole frame.
        """
        return structure_of(self.view.planes[..., 0], self.found.explained[..., 0])
