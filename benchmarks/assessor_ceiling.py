"""What the assessor's missing correlation is made of: what a picture shows, or what it cannot show.

    pip install scikit-learn
    python benchmarks/assessor_ceiling.py --faces FACES --sets sfiqa_sim odd_cameras --trained runs/new_a

--sets are folders of `facefidelity bench build`, --faces the pristine pictures that they were made
of, --trained a set of build_simset.py on which the assessor was trained. The labels compare a picture with the person's pristine one, which nobody has at run time.
Gradient boosting, cross-validated by person, corrects the shipped assessor's predictions from
statistics of the picture (what it could still learn) and then also from the same statistics of the
pristine picture (what no assessor of one picture can know). Writes docs/results/assessor_ceiling.md.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from simset import load
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GroupKFold

from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.images import read_picture
from facefidelity.core.scores import HEADS

ROOT = Path(__file__).resolve().parent.parent
SIDE = 256
FOLDS = 5
BATCH = 16
TRAINED = 1500
BARS = {
    "sfiqa_sim": (0.97, 0.96, 0.96, 0.95, 0.85, 0.985),
    "odd_cameras": (0.96, 0.90, 0.93, 0.92, 0.80, 0.97),
}


def at_label_size(path: Path) -> np.ndarray:
    pixels = read_picture(path).pixels
    if pixels.shape[0] == SIDE:
        return pixels
    return np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def statistics_of(picture: np.ndarray) -> list[float]:
    """Brightness, contrast, colour and band energies of the face, and brightness by cell."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    face = lab[52:248, 50:206]
    low = cv2.GaussianBlur(face, (0, 0), 4)
    levels = [face[..., 0]] + [cv2.GaussianBlur(face[..., 0], (0, 0), s) for s in (1, 2, 4, 8)]
    bands = [float(np.log1p((a - b).std())) for a, b in pairwise(levels)]
    cells = cv2.resize(low[..., 0], (4, 4), interpolation=cv2.INTER_AREA).ravel()
    quantiles = np.quantile(low[..., 0], (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98))
    colour = [*low[..., 1:].mean((0, 1)), *low[..., 1:].std((0, 1))]
    return [
        *low[..., 0].mean(keepdims=True).ravel(),
        low[..., 0].std(),
        *quantiles,
        *colour,
        *bands,
        *cells,
    ]


def corrected(
    features: np.ndarray, labels: np.ndarray, predicted: np.ndarray, people: np.ndarray
) -> np.ndarray:
    """Out-of-fold: the prediction plus what the features foretell of its error."""
    found = predicted.copy()
    for train, test in GroupKFold(FOLDS).split(features, groups=people):
        model = HistGradientBoostingRegressor(max_iter=300, learning_rate=0.05, random_state=0)
        model.fit(features[train], (labels - predicted)[train])
        found[test] += model.predict(features[test])
    return found


def examine(folder: Path, faces: Path, threads: int) -> list[str]:
    """One set's rows."""
    pictures = read_ratings(folder, find_preset("sfiqa-sim")).pictures
    people = np.array([one.facts["person"] for one in pictures])
    assessor = Assessor(threads=threads)
    seen, scores = [], []
    for start in range(0, len(pictures), BATCH):
        batch = [at_label_size(one.path) for one in pictures[start : start + BATCH]]
        seen += [statistics_of(picture) for picture in batch]
        scores += [[getattr(s, head) for head in HEADS] for s in assessor.score_batch(batch)]
    known = {p: statistics_of(at_label_size(faces / f"{p}.jpg")) for p in np.unique(people)}
    predicted, picture = np.array(scores), np.array(seen)
    pristine = np.array([known[p] for p in people])
    labels = np.array([[one.ratings[head] for head in HEADS] for one in pictures])
    shown = np.column_stack([predicted, picture])
    inputs = {"and the picture": shown, "and the pristine one": np.column_stack([shown, pristine])}
    rows = []
    for place, head in enumerate(HEADS):
        own, label = predicted[:, place], labels[:, place]
        after = [srcc(corrected(each, label, own, people), label) for each in inputs.values()]
        bar = BARS.get(folder.name, (float("nan"),) * len(HEADS))[place]
        cells = " | ".join(f"{value:.3f}" for value in (srcc(own, label), *after))
        rows.append(f"| {folder.name} | {len(pictures)} | {head} | {cells} | {bar:g} |")
        print(rows[-1], flush=True)
    return rows


def on_training_pictures(folder: Path, assessor: Assessor) -> list[str]:
    """One row: SRCC on pictures that it has seen, at most `TRAINED`."""
    known = load(folder)
    rows = np.linspace(0, len(known.labels) - 1, min(TRAINED, len(known.labels))).astype(int)
    scores = []
    for start in range(0, len(rows), BATCH):
        batch = [np.ascontiguousarray(known.images[row]) for row in rows[start : start + BATCH]]
        scores += [[getattr(s, head) for head in HEADS] for s in assessor.score_batch(batch)]
    predicted, labels = np.array(scores), known.labels[rows].astype(np.float64)
    values = [srcc(predicted[:, place], labels[:, place]) for place in range(len(HEADS))]
    return [
        "| " + " | ".join(HEADS) + " |",
        "|---" * len(HEADS) + "|",
        "| " + " | ".join(f"{value:.3f}" for value in values) + " |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trained", type=Path)
    options = parser.parse_args()
    rows = [
        row for folder in options.sets for row in examine(folder, options.faces, options.threads)
    ]
    lines = [
        "# What the assessor cannot see",
        "",
        f"    python benchmarks/assessor_ceiling.py --faces {options.faces.name} --sets "
        + " ".join(folder.name for folder in options.sets)
        + (f" --trained {options.trained.name}" if options.trained else ""),
        "",
        "SRCC with pseudo-MOS of the shipped assessor, of its predictions corrected by gradient "
        "boosting from statistics of the picture, and of the same where the statistics of the "
        "person's pristine picture are known too (brightness, contrast, colour, energies of bands; "
        f"{FOLDS} folds by person). Where the second column stays and the third rises, what is "
        "missing is not in the picture: whether a face is dark or underexposed, pale or "
        "desaturated, smooth or blurred.",
        "",
        "| set | pictures | head | assessor | and the picture | and the pristine one | bar |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
    if options.trained:
        lines += [
            "",
            "Nor is it for want of pictures: on those of its training "
            f"({options.trained.name}, every n-th, {TRAINED} at most, captures and restorations) it "
            "orders them little better than others.",
            "",
            *on_training_pictures(options.trained, Assessor(threads=options.threads)),
        ]
    (ROOT / "docs" / "results" / "assessor_ceiling.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
