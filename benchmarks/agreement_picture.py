"""Draws what a mixture by agreement takes from a restoration, for docs/guards.md.

    python benchmarks/agreement_picture.py -o docs/pictures/agreement.png

scikit-image's astronaut from far away, restored by the embedded Real-ESRGAN, whose eyes are then given
another colour: input, restoration, share of the restoration, mixture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import skimage

from facefidelity.core.faces import align_face
from facefidelity.core.images import write_picture
from facefidelity.guards.blending import Agreement, FacePair
from facefidelity.guards.blending.agreement import agreement_weight
from facefidelity.guards.drift import measure_drift
from facefidelity.plugin.parts import default_detector, default_judge
from facefidelity.restorers.realesrgan import RealESRGANRestorer, RealESRGANSettings

CAPTURE_PX, SHOWN_PX = 96, 256
EYES = ((195, 243), (317, 243))


def photograph(face: np.ndarray) -> np.ndarray:
    """Few pixels, some noise, strong JPEG."""
    small = cv2.resize(face, (CAPTURE_PX, CAPTURE_PX), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 4, small.shape)
    noisy = np.clip(small + noise, 0, 255).astype(np.uint8)
    coded = cv2.imdecode(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    return np.asarray(cv2.resize(coded, face.shape[:2], interpolation=cv2.INTER_CUBIC), np.uint8)


def with_other_eyes(face: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[: face.shape[0], : face.shape[1]].astype(np.float32)
    weight = sum(np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 16**2)) for cx, cy in EYES)
    tinted = face + np.array([-40, 0, 70]) * weight[..., None]
    return np.asarray(np.clip(tinted, 0, 255), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    picture = skimage.data.astronaut()
    (found,) = default_detector().detect(picture)
    lq = photograph(align_face(picture, found).pixels)
    restored = RealESRGANRestorer().restore(lq, RealESRGANSettings(input_size=96))
    hq = with_other_eyes(restored)
    source = default_judge(0).measure_source(lq)
    compared = source.view.compare(hq)
    drift = measure_drift(source.view, compared, source.masks).regions
    pair = FacePair(lq, hq, source.view, compared, drift, source.masks)
    mixture = Agreement(8.0, power=4.0)
    share = np.repeat(agreement_weight(pair, mixture)[..., None] * 255, 3, 2).astype(np.uint8)
    faces = (lq, hq, share, mixture.blend(pair).pixels)
    size = (SHOWN_PX, SHOWN_PX)
    row = [cv2.resize(face, size, interpolation=cv2.INTER_AREA) for face in faces]
    write_picture(options.out, np.hstack(row))


if __name__ == "__main__":
    main()
