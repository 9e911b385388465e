"""Brings a folder of photographs of real people to the FFHQ frame, one photograph a person.

    python benchmarks/align_people.py FOLDER -o runs/people --seed 0

The person is the file name without its trailing number (Jane_Doe_0001.jpg). Photographs without a
found face are left out. Writes PNGs and people.csv with a 60/20/20 split by person, for
build_simset.py. Beyond the photograph's border the picture is mirrored.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np

from facefidelity.core.faces import DlibDetector, estimate_affine
from facefidelity.core.images import find_pictures, read_picture, write_picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    people = {}
    for found in find_pictures([arguments.folder]):
        people.setdefault(found.path.stem.rstrip("0123456789_"), found.path)
    names = sorted(people)
    order = np.random.default_rng(arguments.seed).permutation(len(names))
    split = np.array(["train", "val", "test"])[
        np.searchsorted([0.6, 0.8], order / len(names), "right")
    ]
    detector, rows = DlibDetector(min_face_px=60), []
    for name, part in zip(names, split, strict=True):
        picture = read_picture(people[name]).pixels
        faces = detector.detect(picture)
        if not faces:
            continue
        affine = estimate_affine(faces[0].landmarks, faces[0].scheme)
        aligned = cv2.warpAffine(picture, affine, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
        write_picture(arguments.out / f"{name}.png", np.asarray(aligned, np.uint8))
        rows.append(
            {"file": f"{name}.png", "sex": "unknown", "ethnicity": "unknown", "split": part}
        )
    with (arguments.out / "people.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, fieldnames=["file", "sex", "ethnicity", "split"])
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} of {len(names)} people -> {arguments.out}")


if __name__ == "__main__":
    main()
