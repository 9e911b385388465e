"""Where a restoration departs from its input, as colour over the restored face in grey.

The colours are inferno's upper part: brightness alone tells their order, so that they read the
same with any colour vision, and on paper.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ...core.protocols import RGBImage
from ...guards.explanation import NAMED_DRIFT, changed_regions
from ...guards.verdict import Evidence
from ..results import GuardedFace
from .markup import Markup, join, tag
from .thumbnails import FACE_SIDE_PX, make_thumbnail

__all__ = ["drift_picture", "drift_section", "overlay_drift"]

_DARKEST: Final = 0.3
"""Where in inferno the scale begins; below it is too dark to be seen over a face."""
_QUIET: Final = 0.1
"""Drift that even a true restoration shows; it stays grey."""
_FULL: Final = 0.5
"""Drift from which on the colour covers the face fully."""
_STRONGEST: Final = 0.85
_STEPS: Final = 24
_LEGEND_PX: Final = 60
_MARGIN_PX: Final = 24
_PAPER: Final = (24, 26, 30)
_INK: Final = (238, 236, 230)
_LEGEND: Final = ("as in the input", "contradicts the input")

Plane = npt.NDArray[np.float32]


def _colours(drift: Plane) -> npt.NDArray[np.float32]:
    levels = 255 * (_DARKEST + (1 - _DARKEST) * np.clip(drift, 0, 1))
    mapped = cv2.applyColorMap(np.rint(levels).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return np.asarray(mapped[..., ::-1], np.float32)


def _cover(drift: Plane) -> Plane:
    """How much of the colour covers the face, 0..0.85."""
    share = np.clip((drift - _QUIET) / (_FULL - _QUIET), 0, 1)
    return np.asarray(_STRONGEST * share, np.float32)


def overlay_drift(face: RGBImage, drift: Plane) -> RGBImage:
    """Paint a drift map over a face in grey.

    Args:
        face: (S, S, 3) uint8 RGB.
        drift: (M, M) float32, 0..1, over the same frame.
    """
    side = (face.shape[1], face.shape[0])
    smooth = np.clip(cv2.resize(drift, side, interpolation=cv2.INTER_CUBIC), 0, 1)
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    cover = _cover(np.asarray(smooth, np.float32))[..., None]
    painted = (1 - cover) * grey + cover * _colours(smooth)
    return np.asarray(np.clip(np.rint(painted), 0, 255), np.uint8)


def _scale(width: int, height: int) -> RGBImage:
    """The scale as it looks over middle grey, from no drift to 1."""
    ramp = np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))
    cover = _cover(ramp)[..., None]
    return np.asarray(np.rint((1 - cover) * 128 + cover * _colours(ramp)), np.uint8)


def drift_picture(face: RGBImage, drift: Plane) -> RGBImage:
    """Paint the drift map over a face, with its legend below: a picture that stands alone.

    Args:
        face: (S, S, 3) uint8 RGB; S of 200 or more leaves room for the legend.
        drift: (M, M) float32, 0..1, over the same frame.

    Returns:
        (S + 60, S, 3) uint8 RGB.
    """
    side = face.shape[1]
    whole = np.full((face.shape[0] + _LEGEND_PX, side, 3), _PAPER, np.uint8)
    whole[: face.shape[0]] = overlay_drift(face, drift)
    top = face.shape[0] + 12
    bar = _scale(side - 2 * _MARGIN_PX, 14)
    whole[top : top + bar.shape[0], _MARGIN_PX : side - _MARGIN_PX] = bar
    canvas = Image.fromarray(whole)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(15)
    y = top + bar.shape[0] + 6
    pen.text((_MARGIN_PX, y), f"0  {_LEGEND[0]}", fill=_INK, font=font)
    pen.text((side - _MARGIN_PX, y), f"{_LEGEND[1]}  1", fill=_INK, font=font, anchor="ra")
    return np.asarray(canvas, np.uint8)


def _legend() -> Markup:
    blocks = _scale(_STEPS, 1)[0].tolist()
    rects = (
        tag(
            "rect",
            x=f"{100 * index / _STEPS:.2f}%",
            y="0",
            width=f"{100 / _STEPS + 0.2:.2f}%",
            height="12",
            fill=f"rgb({red},{green},{blue})",
        )
        for index, (red, green, blue) in enumerate(blocks)
    )
    bar = tag("svg", *rects, width="100%", height="12", aria_hidden="true", class_="drift-scale")
    ends = (tag("span", f"0 {_LEGEND[0]}"), tag("span", f"{_LEGEND[1]} 1"))
    return join([bar, tag("p", *ends, class_="drift-ends note")])


def _regions_sentence(evidence: Evidence) -> str:
    """The regions that changed, the furthest first."""
    changes = changed_regions(evidence)
    if not changes:
        return f"No region departs from the input by {NAMED_DRIFT:.1f} or more."
    return f"Furthest: {'; '.join(changes)}."


def drift_section(guarded: GuardedFace, whose: str) -> Markup:
    """Show where the restoration departs from the input; nothing where it was not judged.

    Args:
        guarded: The face.
        whose: The face in words, for those who do not see it.
    """
    evidence = guarded.verdict.evidence
    if guarded.maps is None or guarded.restoration is None or evidence is None:
        return Markup()
    small = make_thumbnail(overlay_drift(guarded.restoration.hq, guarded.maps.drift), FACE_SIDE_PX)
    said = ""
    if evidence.region_drift is not None:
        said = _regions_sentence(evidence)
    image = tag(
        "img",
        src=Markup(small.uri),
        width=small.width,
        height=small.height,
        alt=f"Drift over {whose}. {said}",
        decoding="async",
    )
    words = "Restored face in grey; colour marks where it departs from what the camera measured."
    caption = tag("figcaption", words, " ", said)
    title = tag("h4", "Where it departs from the input")
    return tag("figure", title, image, _legend(), caption, class_="drift")
