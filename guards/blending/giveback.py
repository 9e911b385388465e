"""Region-wise give-back: the parts that drifted most come from LQ, the rest is HQ or projected.

Eyes go together and so do brows: a face with one eye of each picture is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ..findings import RegionDrift
from ..regions import REGIONS, Masks
from .pair import Blend, FacePair
from .pixels import as_pixels

__all__ = ["PARTS", "GiveBack", "give_back_weight", "most_drifted"]

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "eyes": ("left_eye", "right_eye"),
    "brows": ("brows",),
    "nose": ("nose",),
    "mouth": ("mouth",),
    "skin": ("skin",),
    "outline": ("outline",),
}
"""Parts that are given back as one, and their regions."""

_SOFTNESS_PX: Final = 1.0
"""Sigma in px of the masks, eight of the 512 px frame, on top of their own soft edges."""

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The parts that drifted most are given back to LQ.

    Attributes:
        parts: How many.
        share: Share of LQ in them, in (0, 1].
        projected: Whether the rest is HQ's consistency projection instead of HQ.
    """

    parts: int
    share: float = 1.0
    projected: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.parts < len(PARTS):
            raise InvalidInput(f"expected 1 to {len(PARTS) - 1} parts, got {self.parts}")
        if not 0 < self.share <= 1:
            raise InvalidInput(f"expected a share above 0 and at most 1, got {self.share}")

    def blend(self, pair: FacePair) -> Blend:
        """Give back; each value lies between LQ's and the rest's, within one grey level."""
        parts = most_drifted(pair.drift, self.parts)
        weight = self.share * give_back_weight(pair.masks, parts, pair.lq.shape[0])
        rest = pair.projected if self.projected else pair.hq
        low, high = pair.lq.astype(np.float32), rest.astype(np.float32)
        share = "" if self.share == 1 else f" {self.share:.2f}"
        name = f"{_listed(parts)} given back{share}{', rest projected' * self.projected}"
        pixels = as_pixels(high + weight[..., None] * (low - high))
        return Blend(name, pixels, patchwork=True)


def most_drifted(drift: RegionDrift, count: int) -> tuple[str, ...]:
    """The parts that drifted most, worst first; of equals the first of `PARTS`."""
    worst = {part: max(drift[region] for region in regions) for part, regions in PARTS.items()}
    return tuple(sorted(PARTS, key=lambda part: -worst[part])[:count])


def give_back_weight(masks: Masks, parts: tuple[str, ...], side_px: int) -> Plane:
    """Share of LQ over the face, 1 well inside the parts, falling off smoothly.

    Args:
        masks: (7, M, M) float32 of `region_masks`.
        parts: Names of `PARTS`.
        side_px: Side of the face.

    Returns:
        (side_px, side_px) float32 in 0..1.
    """
    regions = [region for part in parts for region in PARTS[part]]
    chosen = np.stack([masks[REGIONS.index(region)] for region in regions])
    peaks = np.maximum(chosen.max(axis=(1, 2), keepdims=True), 1e-12)
    weight = np.minimum((chosen / peaks).sum(axis=0), 1).astype(np.float32)
    smooth = cv2.GaussianBlur(weight, (0, 0), _SOFTNESS_PX)
    full = cv2.resize(smooth, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(full, 0, 1), np.float32)


def _listed(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
