"""Draws docs/pictures/video_strip.png: six frames of a clip, as they came and restored.

    python examples/video/restore.py
    python benchmarks/video_strip.py astronaut.mp4 astronaut_restored.mp4

Under each column: frame, verdict of the frame for itself, and the share that was delivered.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facefidelity.plugin.video.decoding import ClipReader

TILE, GAP, CAPTION, LEFT = 150, 6, 20, 74
PAPER, INK = (255, 255, 255), (20, 20, 20)


def crops(clip: Path, boxes: dict[int, list[float]]) -> dict[int, Image.Image]:
    """The same square around the first box, of each wanted frame."""
    x0, y0, x1, y1 = boxes[min(boxes)]
    side, middle = 1.7 * (x1 - x0), ((x0 + x1) / 2, (y0 + y1) / 2 - 0.05 * (y1 - y0))
    found = {}
    for frame in ClipReader(clip).frames():
        if frame.index in boxes:
            picture = Image.fromarray(frame.pixels)
            corner = middle[0] - side / 2, middle[1] - side / 2
            square = picture.crop((*map(round, corner), *(round(c + side) for c in corner)))
            found[frame.index] = square.resize((TILE, TILE), Image.Resampling.LANCZOS)
    return found


def draw(before: Path, after: Path, lines: list[dict[str, Any]], count: int) -> Image.Image:
    chosen = [lines[round(n)] for n in np.linspace(0, len(lines) - 1, count)]
    boxes = {line["frame"]: line["box"] for line in chosen}
    sheet = Image.new("RGB", (LEFT + count * (TILE + GAP), 2 * (TILE + GAP) + CAPTION + GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for row, (name, clip) in enumerate((("as it came", before), ("restored", after))):
        top = GAP + row * (TILE + GAP)
        pen.text((4, top + TILE / 2 - 8), name, INK, font)
        for column, square in enumerate(crops(clip, boxes).values()):
            sheet.paste(square, (LEFT + column * (TILE + GAP), top))
    for column, line in enumerate(chosen):
        text = f"{line['frame']}: {line['decision']}, {line['delivered']:.2f}"
        place = (LEFT + column * (TILE + GAP), 2 * (TILE + GAP) + GAP)
        pen.text(place, text, INK, font)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/pictures/video_strip.png"))
    chosen = parser.parse_args()
    decisions = chosen.after.with_name(f"{chosen.after.stem}.decisions.jsonl")
    with decisions.open(encoding="utf-8") as lines:
        faces = [line for line in map(json.loads, lines) if line["kind"] == "face"]
    sheet = draw(chosen.before, chosen.after, faces, 6)
    sheet.quantize(160).save(chosen.output, optimize=True)


if __name__ == "__main__":
    main()
