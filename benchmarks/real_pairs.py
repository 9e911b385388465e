"""Shows what the assessor says of real restorations, and of faces that were never there.

    python benchmarks/real_pairs.py --pairs gfpgan_pairs --photos photos -o docs/results/real_pairs.md

Pairs are NAME_lq.png and NAME_restored.png, aligned. Every face found in the photos is shrunk to 16,
20 and 24 px of width, so that nobody could be identified, and restored by Real-ESRGAN: its fidelity
given the source must stay below its fidelity without, which cannot know that it was invented.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from facefidelity.assessor.benchmark.simulate.camera import FACE_SHARE
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.faces import DlibDetector, align_face
from facefidelity.core.images import find_pictures, read_picture
from facefidelity.core.scores import HEADS
from facefidelity.restorers import create_restorer, restorer_info

WIDTHS_PX = (16, 20, 24)


def show_pairs(assessor: Assessor, folder: Path) -> list[str]:
    lines = [
        "| pair | " + " | ".join(HEADS) + " | fidelity given source | overall rose |",
        "|---|" + "---|" * (len(HEADS) + 2),
    ]
    for lq in sorted(folder.glob("*_lq.png")):
        hq = lq.with_name(lq.name.replace("_lq", "_restored"))
        faces = [read_picture(path).pixels for path in (lq, hq)]
        scores, given = assessor.score_restored(faces, [faces[0], faces[0]])
        before, after = (one.as_dict() for one in scores)
        cells = [f"{before[h]:.0f} > {after[h]:.0f}" for h in HEADS]
        rose = "yes" if after["overall"] > before["overall"] else "**no**"
        name = lq.name.removesuffix("_lq.png")
        lines.append(
            f"| {name} | " + " | ".join(cells) + f" | {given[0]:.0f} > {given[1]:.0f} | {rose} |"
        )
    return lines


def show_invented(assessor: Assessor, folder: Path) -> list[str]:
    lines = [
        "| face | width px | overall | fidelity of LQ | fidelity of HQ, no source | given source | below |",
        "|---|---|---|---|---|---|---|",
    ]
    detector, restorer = DlibDetector(), create_restorer("realesrgan")
    settings, below, total = restorer_info("realesrgan").settings(), 0, 0
    for found in find_pictures([folder]):
        picture = read_picture(found.path).pixels
        for number, face in enumerate(detector.detect(picture)):
            aligned = align_face(picture, face).pixels
            for width in WIDTHS_PX:
                side = round(width / FACE_SHARE)
                small = cv2.resize(aligned, (side, side), interpolation=cv2.INTER_AREA)
                lq = cv2.resize(small, (512, 512), interpolation=cv2.INTER_LINEAR)
                hq = restorer.restore(lq, settings)
                scores, given = assessor.score_restored([lq, hq], [lq, lq])
                total += 1
                below += given[1] < scores[1].fidelity
                mark = "yes" if given[1] < scores[1].fidelity else "**no**"
                lines.append(
                    f"| {found.path.stem} {number} | {width} | {scores[0].overall:.0f} > {scores[1].overall:.0f} "
                    f"| {scores[0].fidelity:.0f} | {scores[1].fidelity:.0f} | {given[1]:.0f} | {mark} |"
                )
    return [f"Below on {below} of {total}.", "", *lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    assessor = Assessor(threads=1)
    lines = [
        "# The assessor on real restorations and on invented faces",
        "",
        "    python benchmarks/real_pairs.py --pairs gfpgan_pairs --photos photos -o docs/results/real_pairs.md",
        "",
        f"{assessor.name}. Real GFPGAN results beside their inputs (LQ > HQ):",
        "",
        *show_pairs(assessor, arguments.pairs),
        "",
        "Faces of real photographs, shrunk until nobody could be identified, then restored by "
        "Real-ESRGAN. Fidelity given the source must stay below the fidelity that the face seems to "
        "have on its own.",
        "",
        *show_invented(assessor, arguments.photos),
    ]
    arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
