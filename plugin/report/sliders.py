"""The pictures of one face: side by side as they stand, a before/after slider with scripts on.

Each picture is embedded once, however many of the pairs show it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.protocols import RGBImage
from ...guards.verdict import Decision
from ..results import GuardedFace
from .markup import Markup, join, tag
from .thumbnails import FACE_SIDE_PX, make_thumbnail

__all__ = ["face_pictures"]

_JUDGED = frozenset({Decision.ACCEPT, Decision.BLEND, Decision.REJECT})


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    """One picture of a face; ``key`` is "lq", "hq" or "guarded"."""

    key: str
    label: str
    pixels: RGBImage


def _shots(guarded: GuardedFace) -> list[_Shot]:
    """The distinct pictures: LQ, HQ if it was judged, the delivered face if it is neither."""
    lq, delivered = guarded.face.pixels, guarded.pixels
    kept = np.array_equal(delivered, lq)
    shots = [_Shot("lq", "Input = delivered" if kept else "Input", lq)]
    if guarded.restoration is not None and guarded.verdict.decision in _JUDGED:
        hq = guarded.restoration.hq
        taken = not kept and np.array_equal(delivered, hq)
        label = "Restored = delivered" if taken else "Restored, not used"
        mixed = guarded.verdict.decision is Decision.BLEND
        shots.append(_Shot("hq", "Restored" if mixed else label, hq))
        kept = kept or taken
    if not kept:
        shots.append(_Shot("guarded", "Delivered", delivered))
    return shots


def _figure(shot: _Shot, whose: str) -> Markup:
    small = make_thumbnail(shot.pixels, FACE_SIDE_PX)
    image = tag(
        "img",
        src=Markup(small.uri),
        width=small.width,
        height=small.height,
        alt=f"{shot.label}: {whose}",
        decoding="async",
        draggable="false",
    )
    return tag("figure", image, tag("figcaption", shot.label), class_=f"shot shot-{shot.key}")


def _pair_choice(anchor: str, shots: list[_Shot]) -> Markup:
    choices = (
        tag(
            "label",
            tag(
                "input",
                type="radio",
                name=f"pair-{anchor}",
                value=shot.key,
                checked=index == 0,
                autocomplete="off",
                data_pair=True,
            ),
            tag("span", f"Input | {shot.label}"),
        )
        for index, shot in enumerate(shots[1:])
    )
    words = tag("legend", "Pictures to compare", class_="hidden")
    return tag("fieldset", words, *choices, class_="pairs")


def face_pictures(guarded: GuardedFace, anchor: str, whose: str) -> Markup:
    """Show a face before and after.

    Args:
        guarded: The face.
        anchor: Its id on the page.
        whose: The face in words, for those who do not see it.

    Raises:
        InvalidInput: If one of its pictures is not RGB uint8.
    """
    shots = _shots(guarded)
    figures = [_figure(shot, whose) for shot in shots]
    if len(shots) == 1:
        return tag("div", *figures, class_="shots single")
    divider = tag("span", class_="divider", aria_hidden="true")
    slide = tag(
        "input",
        type="range",
        class_="slide",
        min="0",
        max="100",
        value="50",
        step="1",
        autocomplete="off",
        data_slide=True,
        aria_label=f"Compare before and after: {whose}",
        aria_valuetext="half input, half after",
    )
    frame = tag(
        "div",
        *figures,
        divider,
        slide,
        class_=f"shots compared count-{len(shots)}",
        data_pair=shots[1].key,
    )
    return join([frame, _pair_choice(anchor, shots)] if len(shots) > 2 else [frame])
