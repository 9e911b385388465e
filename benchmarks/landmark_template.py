"""Measures where dlib's five points and its box lie in faces that already are in the FFHQ frame.

    python benchmarks/landmark_template.py FOLDER...

Prints the mean points (image order), their deviation, the mean box, and the symmetric template
that core/faces/alignment.py and core/faces/detection.py carry.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from facefidelity.core.faces import DlibDetector
from facefidelity.core.images import read_picture


def main() -> None:
    detector, points, boxes = DlibDetector(min_face_px=80), [], []
    files = [file for folder in sys.argv[1:] for file in sorted(Path(folder).iterdir())]
    for file in files[:: max(1, len(files) // 300)]:
        image = read_picture(file).pixels
        if image.shape[:2] != (512, 512):
            continue
        for face in detector.detect(image)[:1]:
            points.append(face.landmarks)
            boxes.append(face.box)
    mean, deviation = np.mean(points, axis=0), np.std(points, axis=0)
    mirrored = mean.copy()
    mirrored[:, 0] = (mean[:, 0] + 511 - mean[[3, 2, 1, 0, 4], 0]) / 2
    mirrored[:, 1] = (mean[:, 1] + mean[[3, 2, 1, 0, 4], 1]) / 2
    print(f"faces: {len(points)}")
    print("mean points:", mean.round(1).tolist())
    print("deviation:", deviation.round(1).tolist())
    print("symmetric template:", mirrored.round(1).tolist())
    print("mean box:", np.mean(boxes, axis=0).round(0).tolist())


if __name__ == "__main__":
    main()
