"""Draws docs/pictures/cameras.png: one face through every named camera, and its restorations.

    python benchmarks/camera_sheet.py [-o docs/pictures/cameras.png] [--seed N]

The face is scikit-image's astronaut (NASA, public domain). Under each tile: its pseudo-MOS.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

from facefidelity.assessor.benchmark.labels import full_reference_labels, measure_pristine
from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.assessor.benchmark.simulate.random_camera import RandomCamera
from facefidelity.assessor.benchmark.simulate.restorations import (
    SIMULATED_RESTORATIONS,
    restore_simulated,
)
from facefidelity.core.faces import DlibDetector, align_face

ROWS = (
    ("", "corridor_dome", "street_bullet", "night_ir", "body_worn"),
    ("phone_zoom", "doorbell", "analogue_dvr", "webcam_beauty", "random"),
)
RESTORED = "street_bullet"
CROP = (slice(34, 242), slice(24, 232))
TILE, GAP, CAPTION = 208, 8, 40
PAPER, INK, FAINT = (255, 255, 255), (20, 20, 20), (100, 100, 100)


@dataclass(frozen=True)
class Tile:
    """One picture of the sheet with its captions."""

    name: str
    image: np.ndarray
    scores: str


def astronaut() -> np.ndarray:
    """Her face in the FFHQ frame, 256 px."""
    picture = np.ascontiguousarray(skimage.data.astronaut())
    (found,) = DlibDetector().detect(picture)
    face = align_face(picture, found).pixels
    return np.asarray(cv2.resize(face, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


def make_rows(face: np.ndarray, seed: int) -> list[list[Tile]]:
    truth = measure_pristine(face)

    def tile(name: str, image: np.ndarray) -> Tile:
        labels = full_reference_labels(image, truth)
        heads = (("noise", "noise"), ("sharp", "sharpness"), ("overall", "overall"))
        return Tile(name, image, "  ".join(f"{word} {labels[head]:.0f}" for word, head in heads))

    def capture(name: str) -> np.ndarray:
        rng = np.random.default_rng([seed, *name.encode()])
        model = RandomCamera() if name == "random" else named_camera(name)
        return model.draw(rng).capture(face, rng)

    rows = [
        [tile(name or "pristine", capture(name) if name else face) for name in names]
        for names in ROWS
    ]
    lq, other = capture(RESTORED), np.ascontiguousarray(face[:, ::-1])
    restored = [
        tile(kind, restore_simulated(kind, lq, other, np.random.default_rng([seed, 3])))
        for kind in SIMULATED_RESTORATIONS
    ]
    return [*rows, restored]


def draw(rows: list[list[Tile]]) -> Image.Image:
    width = 5 * (TILE + GAP) + GAP
    height = len(rows) * (TILE + CAPTION + GAP) + 34 + GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    name_font, score_font = ImageFont.load_default(15), ImageFont.load_default(12)
    for number, row in enumerate(rows):
        top = GAP + number * (TILE + CAPTION + GAP) + (34 if row is rows[-1] else 0)
        if row is rows[-1]:
            words = (
                f"Simulated restorations of the {RESTORED} picture (swap: with her mirror image)"
            )
            pen.text((GAP, top - 26), words, INK, name_font)
        for column, tile in enumerate(row):
            left = GAP + column * (TILE + GAP)
            sheet.paste(Image.fromarray(np.ascontiguousarray(tile.image[CROP])), (left, top))
            pen.text((left, top + TILE + 2), tile.name, INK, name_font)
            pen.text((left, top + TILE + 20), tile.scores, FAINT, score_font)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/pictures/cameras.png"))
    parser.add_argument("--seed", type=int, default=133)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = make_rows(astronaut(), arguments.seed)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    draw(rows).save(arguments.output, optimize=True)
    print(f"{sum(map(len, rows))} tiles -> {arguments.output}")


if __name__ == "__main__":
    main()
