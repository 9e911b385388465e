"""Measure an embedder: accuracy on real people, what its cosines mean, parity and speed.

Writes the embedder's entry of ``guards/identity/calibration.json`` and of
``docs/results/identity.json``, and renders ``docs/results/identity.md`` from the latter. Needs a
folder with ``lfw_gray/``, ``lfw_gray_pairs.csv`` (a, b, same), ``faces_hq/`` and
``faces_hq.csv`` (file, sex), none of which is in the repository:

    python benchmarks/identity_calibration.py --data ../shared/data --embedder dlib

An optional embedder's weights must be pulled first.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from identity_pairs import Pairs, area_under_curve, equal_error_rate, fit_log_odds, fold_accuracies
from identity_parity import Sample, compare, dlib_chip, measure_speed
from identity_report import render

from facefidelity.core.faces import DlibDetector, align_face
from facefidelity.guards.identity import DlibEmbedder, OnnxEmbedder, create_embedder, embedder_names

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION = ROOT / "guards" / "identity" / "calibration.json"
RESULTS = ROOT / "docs" / "results" / "identity.json"
CALIBRATED = (
    "source",
    "slope",
    "intercept",
    "genuine",
    "impostor",
    "equal_error_rate",
    "populations",
)
IMPOSTORS = 20_000
PARITY_FACES = 60
SHUFFLES = 10
Units = dict[str, npt.NDArray[np.float32]]
Way = Callable[[Sample], npt.NDArray[np.float32]]


def find_samples(folder: Path, names: list[str], min_face_px: int) -> Iterator[tuple[str, Sample]]:
    """Find the surest face of each picture; pictures without one are left out."""
    detector = DlibDetector(min_face_px=min_face_px)
    for name in names:
        picture = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if picture is None:
            raise SystemExit(f"cannot read {folder / name}")
        image = np.ascontiguousarray(picture[..., ::-1])
        faces = detector.detect(image)
        if faces:
            surest = max(faces, key=lambda face: face.confidence)
            yield name, Sample(image, align_face(image, surest))


def embed_folder(
    ways: dict[str, Way], folder: Path, names: list[str], min_face_px: int
) -> tuple[dict[str, Units], list[Sample]]:
    """Embed every picture in each way; a few samples spread over the folder are kept."""
    units: dict[str, Units] = {way: {} for way in ways}
    kept: list[Sample] = []
    every = max(1, len(names) // (PARITY_FACES // 2))
    for number, (name, sample) in enumerate(find_samples(folder, names, min_face_px)):
        for way, embed in ways.items():
            units[way][name] = embed(sample)
        if number % every == 0:
            kept.append(sample)
    return units, kept


def spread(cosines: npt.NDArray[Any]) -> dict[str, float]:
    """Mean, deviation and number."""
    return {
        "mean": round(float(cosines.mean()), 5),
        "deviation": round(float(cosines.std()), 5),
        "pairs": len(cosines),
    }


def impostors(units: Units, group: dict[str, str], *, alike: bool) -> npt.NDArray[np.float64]:
    """Cosines of random pairs: of two groups, or (alike) of two members of one group."""
    names, rng = sorted(units), np.random.default_rng(0)
    cosines: list[float] = []
    while len(cosines) < IMPOSTORS:
        first, second = (names[i] for i in rng.integers(0, len(names), 2))
        if first != second and (group[first] == group[second]) == alike:
            cosines.append(float(units[first] @ units[second]))
    return np.array(cosines)


def population(name: str, cosines: npt.NDArray[np.float64], source: str) -> dict[str, Any]:
    """One impostor population as data."""
    return {"name": name, **spread(cosines), "source": source}


def embed_dlib_chip(embedder: OnnxEmbedder, sample: Sample) -> npt.NDArray[np.float32]:
    """Embed the chip that dlib itself cuts from the picture."""
    descriptor = embedder.describe(dlib_chip(sample)[None])[0]
    return np.asarray(descriptor / np.linalg.norm(descriptor), np.float32)


def measure_pairs(rows: list[dict[str, str]], units: Units) -> dict[str, Any]:
    """Everything that the labelled pairs of real people say."""
    usable = [row for row in rows if row["a"] in units and row["b"] in units]
    pairs = Pairs(
        np.array([float(units[row["a"]] @ units[row["b"]]) for row in usable]),
        np.array([row["same"] == "1" for row in usable]),
    )
    accuracy = float(np.mean([fold_accuracies(pairs, seed=seed) for seed in range(SHUFFLES)]))
    slope, intercept = fit_log_odds(pairs)
    return {
        "source": f"Labeled Faces in the Wild, grey: {len(usable)} of {len(rows)} pairs, both "
        "faces found by dlib's HOG detector",
        "slope": round(slope, 4),
        "intercept": round(intercept, 4),
        "genuine": spread(pairs.genuine),
        "impostor": spread(pairs.impostor),
        "equal_error_rate": round(equal_error_rate(pairs), 5),
        "area_under_curve": round(area_under_curve(pairs), 5),
        "accuracy": round(accuracy, 5),
        "accuracy_standard_error": round((accuracy * (1 - accuracy) / len(usable)) ** 0.5, 5),
        "threshold": round(pairs.best_threshold(), 5),
    }


def measure(embedder: OnnxEmbedder, data: Path) -> dict[str, Any]:
    """Measure one embedder on real people and on AI-generated faces."""
    with (data / "lfw_gray_pairs.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    names = sorted({row[side] for row in rows for side in ("a", "b")})
    ways: dict[str, Way] = {"ours": lambda sample: embedder.embed(sample.face.pixels).vector}
    is_dlib = isinstance(embedder, DlibEmbedder)
    both = ways | ({"dlib": lambda sample: embed_dlib_chip(embedder, sample)} if is_dlib else {})
    real, kept = embed_folder(both, data / "lfw_gray", names, min_face_px=40)
    people = real["ours"]
    person = {name: name.rsplit("_", 1)[0] for name in people}
    with (data / "faces_hq.csv").open(newline="", encoding="utf-8") as lines:
        sex = {row["file"]: row["sex"] for row in csv.DictReader(lines)}
    made, more = embed_folder(ways, data / "faces_hq", sorted(sex), min_face_px=100)
    generated = made["ours"]
    entry = measure_pairs(rows, people)
    entry["populations"] = [
        population(
            "lfw_gray", impostors(people, person, alike=False), "random pairs of real people, grey"
        ),
        population(
            "faces_hq",
            impostors(generated, {name: name for name in generated}, alike=False),
            f"random pairs of {len(generated)} AI-generated faces of one generator",
        ),
        population(
            "faces_hq_same_sex",
            impostors(generated, sex, alike=True),
            "the same, both of one sex",
        ),
    ]
    entry["found"] = {"lfw_gray": [len(people), len(names)], "faces_hq": [len(generated), len(sex)]}
    if is_dlib:
        entry["with_dlib_chips"] = measure_pairs(rows, real["dlib"])
        samples = kept[: PARITY_FACES // 2] + more[: PARITY_FACES // 2]
        entry["parity"] = compare(samples)
        entry["speed_ms"] = measure_speed(samples)
    return entry


def update(path: Path, name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Put an entry into a JSON file, leaving the others."""
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stored[name] = entry
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return stored


def main() -> None:
    """Measure the named embedder and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder described above")
    parser.add_argument("--embedder", choices=embedder_names(), default="dlib")
    options = parser.parse_args()
    embedder = create_embedder(options.embedder, threads=1)
    entry = measure(embedder, options.data)
    update(CALIBRATION, embedder.name, {key: entry[key] for key in CALIBRATED})
    results = update(RESULTS, embedder.name, entry)
    RESULTS.with_suffix(".md").write_text(render(results), encoding="utf-8")
    print(json.dumps(entry, indent=2))


if __name__ == "__main__":
    main()
