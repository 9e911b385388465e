"""Examines the shipped assessor on people it never saw.

    python benchmarks/evaluate_assessor.py runs/test runs/test_esr runs/test_lfw

Sets come from build_simset.py. Writes docs/results/assessor.md.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import numpy as np
from intervals import with_interval
from scipy.stats import spearmanr
from simset import JUDGE, load

from facefidelity.assessor.runtime import Assessor
from facefidelity.core.scores import HEADS

ROOT = Path(__file__).resolve().parent.parent


def srcc(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation; NaN where one side is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)


def simple_statistics(images: np.ndarray) -> dict[str, np.ndarray]:
    """What people use today for one dimension each."""
    grey = [cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY) for image in images]
    laplacian = np.array([cv2.Laplacian(g, cv2.CV_64F).var() for g in grey])
    contrast = np.array([g.std() for g in grey])
    colour = []
    for image in images:
        red, green, blue = (image[..., i].astype(float) for i in range(3))
        rg, yb = red - green, (red + green) / 2 - blue
        colour.append(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
    return {
        "noise": -laplacian,
        "sharpness": laplacian,
        "colorfulness": np.array(colour),
        "contrast": contrast,
        "fidelity": laplacian,
        "overall": laplacian,
    }


def main() -> None:
    folders = [Path(word) for word in sys.argv[1:]]
    assessor = Assessor(threads=1)
    lines = [
        "# SFIQA-Assessor on people it never saw",
        "",
        "    python benchmarks/evaluate_assessor.py " + " ".join(f.name for f in folders),
        "",
        f"{assessor.name}. SRCC with pseudo-MOS (not human ratings); brackets: 95 % bootstrap over "
        "persons. Every capture has its own random camera, so no camera here was seen in training; "
        "realesrgan was not in training at all; simulated restorations were, of other people. "
        "Fidelity (judge) is SRCC with the cohort z of the recogniser outside the guard alone, "
        "fidelity (dlib) of dlib's alone. Real people are grey and not pristine themselves, so their "
        "labels of sharpness and overall mean little; colour has none.",
        "",
        "| set | pictures | " + " | ".join(HEADS) + " | fidelity (judge) | fidelity (dlib) |",
        "|---|---|" + "---|" * (len(HEADS) + 2),
    ]
    seconds, count = 0.0, 0
    for folder in folders:
        data = load(folder)
        started = time.perf_counter()
        scores = assessor.score_batch(list(data.images))
        seconds, count = seconds + time.perf_counter() - started, count + len(scores)
        predicted = np.array([list(s.as_dict().values()) for s in scores])
        statistics = simple_statistics(data.images)
        groups = {
            "captures": ~data.restored,
            "simulated restorations": data.restored & (data.restoration != "realesrgan"),
            "exemplar swaps": np.char.startswith(data.restoration.astype(str), "swap"),
            "realesrgan (never trained on)": data.restoration == "realesrgan",
        }
        where = "real people, grey: " if folder.name.endswith("_lfw") else ""
        for name, mask in groups.items():
            if mask.sum() < 100 or ("esr" in folder.name) != ("realesrgan" in name):
                continue
            cells = [
                with_interval(srcc, predicted[mask, i], data.labels[mask, i], data.person[mask])
                for i in range(len(HEADS))
            ]
            for z in (data.z[JUDGE], data.z["dlib-resnet-v1"]):
                cells.append(f"{srcc(predicted[mask, 4], z[mask]):.3f}")
            lines.append(f"| {where}{name} | {mask.sum()} | " + " | ".join(cells) + " |")
            plain = [
                f"{srcc(statistics[h][mask], data.labels[mask, i]):.3f}"
                for i, h in enumerate(HEADS)
            ]
            lines.append(
                f"| {where}{name}: simple statistic | {mask.sum()} | "
                + " | ".join(plain)
                + " | | |"
            )
    lines += [
        "",
        "Simple statistics: Laplacian variance (sign turned for noise), Hasler-Suesstrunk "
        "colorfulness, RMS contrast.",
        "",
        f"{1000 * seconds / count:.1f} ms a face in batches of 16 on one thread of a shared machine.",
    ]
    (ROOT / "docs" / "results" / "assessor.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
