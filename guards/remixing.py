"""Makes the mixtures of a judged pair again, for who looks at what would be delivered."""

from __future__ import annotations

from ..core.protocols import RGBImage
from .blending import MIXTURES, FacePair, blends_of
from .drift import measure_drift
from .measurement import MeasuredSource

__all__ = ["remix", "remix_one"]


def remix(source: MeasuredSource, lq: RGBImage, hq: RGBImage) -> dict[str, RGBImage]:
    """Every mixture that `FaceJudge` searches, by its name in the verdict.

    Args:
        source: What was measured on LQ.
        lq: (S, S, 3) uint8 RGB.
        hq: Same shape.
    """
    return {blend.name: blend.pixels for blend in blends_of(_pair(source, lq, hq))}


def remix_one(source: MeasuredSource, lq: RGBImage, hq: RGBImage, index: int) -> RGBImage:
    """One of the mixtures that `FaceJudge` searches, by its place in `Verdict.tried`.

    Args:
        source: What was measured on LQ.
        lq: (S, S, 3) uint8 RGB.
        hq: Same shape.
        index: From 0.
    """
    return MIXTURES[index].blend(_pair(source, lq, hq)).pixels


def _pair(source: MeasuredSource, lq: RGBImage, hq: RGBImage) -> FacePair:
    found = source.view.compare(hq)
    drift = measure_drift(source.view, found, source.masks).regions
    return FacePair(lq, hq, source.view, found, drift, source.masks)
