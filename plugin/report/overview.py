"""The whole picture before and after, with its faces framed and numbered."""

from __future__ import annotations

from ...core.protocols import RGBImage
from ..results import GuardedFace, GuardedImage
from .markup import Markup, tag
from .thumbnails import PICTURE_SIDE_PX, make_thumbnail
from .wording import LABELS

__all__ = ["overview"]


def _figure(label: str, pixels: RGBImage, boxes: Markup) -> Markup:
    small = make_thumbnail(pixels, PICTURE_SIDE_PX)
    image = tag(
        "img",
        src=Markup(small.uri),
        width=small.width,
        height=small.height,
        alt=f"{label}, the whole picture",
        decoding="async",
    )
    return tag("figure", tag("div", image, boxes, class_="canvas"), tag("figcaption", label))


def _boxes(faces: tuple[GuardedFace, ...], anchor: str, shape: tuple[int, ...]) -> Markup:
    """Numbered frames over the picture; each leads to its card."""
    height, width = shape[:2]
    frames = []
    for number, guarded in enumerate(faces, start=1):
        x0, y0, x1, y1 = guarded.face.box
        frame = tag(
            "rect",
            x=f"{x0:.1f}",
            y=f"{y0:.1f}",
            width=f"{x1 - x0:.1f}",
            height=f"{y1 - y0:.1f}",
            class_=f"frame edge-{guarded.verdict.decision.value}",
        )
        size = max(width, height) / 15
        words = tag(
            "text",
            number,
            x=f"{max(x0, 0) + size / 4:.1f}",
            y=f"{max(y0, 0) + size:.1f}",
            font_size=f"{size:.1f}",
            class_="frame-number",
            stroke_width=f"{size / 6:.1f}",
        )
        label = f"Face {number}: {LABELS[guarded.verdict.decision.value]}"
        frames.append(tag("a", frame, words, href=f"#{anchor}-{number}", aria_label=label))
    return tag("svg", *frames, class_="frames", viewBox=f"0 0 {width} {height}")


def _is_crop(result: GuardedImage) -> bool:
    """Whether the picture is one aligned face, which its card shows anyway."""
    if len(result.faces) != 1:
        return False
    height, width = result.pixels.shape[:2]
    x0, y0, x1, y1 = result.faces[0].face.box
    return height == width and x0 <= 0 and y0 <= 0 and x1 >= width and y1 >= height


def overview(result: GuardedImage, before: RGBImage | None, anchor: str) -> Markup:
    """Show a picture small; nothing where it is one aligned face, which its card shows anyway.

    Args:
        result: The picture after the guard.
        before: (H, W, 3) uint8 RGB, the picture as it came; None leaves it and the frames out.
        anchor: Id of the picture's section.

    Raises:
        InvalidInput: If pixels are not RGB uint8.
    """
    if _is_crop(result):
        return Markup()
    figures = [_figure("After", result.pixels, Markup())]
    if before is not None:
        frames = _boxes(result.faces, anchor, before.shape)
        figures.insert(0, _figure("Before", before, frames))
    return tag("div", *figures, class_="overview")
