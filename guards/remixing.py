"""Makes the mixtures of a judged pair again, for who looks at what would be delivered."""

from __future__ import annotations

from ..core.protocols import RGBImage
from .blending import FacePair, blends_of
from .drift import measure_drift
from .measurement import MeasuredSource

__all__ = ["remix"]


def remix(source: MeasuredSource, lq: RGBImage, hq: RGBImage) -> dict[str, RGBImage]:
    """Every mixture that `FaceJudge` searches, by its name in the verdict.

    Args:
        source: What was measured on LQ.
        lq: (S, S, 3) uint8 RGB.
        hq: Same shape.
    """
    found = source.view.compare(hq)
    drift = measure_drift(source.view, found, source.masks).regions
    pair = FacePair(lq, hq, source.view, found, drift, source.masks)
    return {blend.name: blend.pixels for blend in blends_of(pair)}
