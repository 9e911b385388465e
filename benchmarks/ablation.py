"""What each part of SFIQA-Assessor is worth: equal short runs without it, on cameras never trained on.

    python benchmarks/build_simset.py ... --cameras corridor_dome street_bullet night_ir -o runs/fixed
    python benchmarks/ablation.py --train runs/train_a --fixed runs/fixed \
        --test runs/test runs/odd_cameras --pictures 100000 --more-seeds 1 2 -o runs/ablation

Same seed, same number of pictures, same plan; only the named part differs. --fixed is a packed set
of as many people and captures as --train, all of three cameras. --test takes packed sets of
build_simset.py and folders of `facefidelity bench build`. --more-seeds trains the full network anew
under other seeds, for the spread that a difference must exceed. Every variant keeps its run below -o and
its predictions beside it: stopped, the same command goes on. Writes docs/results/ablation.md.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from train_assessor import face_set

from facefidelity.assessor.benchmark.evaluation.bootstrap import PersonBootstrap
from facefidelity.assessor.benchmark.evaluation.correlation import srcc
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.training.data import FaceSet, join_sets
from facefidelity.assessor.training.measurement import predict
from facefidelity.assessor.training.packing import pack_pictures
from facefidelity.assessor.training.plan import TrainingPlan, load_plan
from facefidelity.assessor.training.trainer import train
from facefidelity.core.scores import HEADS

ROOT = Path(__file__).resolve().parent.parent
FULL = "full"
FIXED = "fixed cameras instead of random ones"
VARIANTS: dict[str, dict[str, object]] = {
    FULL: {},
    "without the whole-face view": {"views": ("inner", "mosaic")},
    "without the inner-face view": {"views": ("whole", "mosaic")},
    "without the mosaic view": {"views": ("whole", "inner")},
    "without cross-view layers": {"cross_layers": 0},
    "plain heads instead of task tokens": {"task_tokens": False},
    "without the source view": {"source": False},
    FIXED: {},
}
COLUMNS = (*HEADS, "fidelity given source")


@dataclass(frozen=True)
class Test:
    """One set to examine on; its labels with fidelity given source (restored faces only) last."""

    name: str
    faces: FaceSet

    def labels(self) -> np.ndarray:
        given = self.faces.fidelity_given_source().copy()
        given[self.faces.source == np.arange(len(self.faces))] = np.nan
        return np.column_stack([self.faces.labels, given]).astype(np.float64)


def open_test(folder: Path, packed: Path) -> Test:
    if (folder / "rows.csv").is_file():
        return Test(folder.name, face_set(folder, real=folder.name.endswith("_lfw")))
    rated = read_ratings(folder, find_preset("sfiqa-sim"))
    return Test(folder.name, pack_pictures(rated.pictures, packed, folder.name).faces)


def run_variant(
    name: str, data: FaceSet, curve: FaceSet, plan: TrainingPlan, tests: list[Test], out: Path
) -> dict[str, np.ndarray]:
    """Train one variant, or take over what is there; (N, 7) predictions by test."""
    folder = out / f"{name.replace(' ', '_')}_{plan.pictures}_seed{plan.seed}"
    missing = [test for test in tests if not (folder / f"{test.name}.npy").is_file()]
    if missing:
        started = time.monotonic()
        network = train(data, curve, plan, folder)
        print(f"{name}: {plan.pictures} pictures, {time.monotonic() - started:.0f} s", flush=True)
        for test in missing:
            predicted = predict(network, test.faces)
            if not plan.network.source:
                predicted[:, 6] = predicted[:, HEADS.index("fidelity")]
            np.save(folder / f"{test.name}.npy", predicted)
    return {test.name: np.load(folder / f"{test.name}.npy") for test in tests}


def table(test: Test, found: dict[str, np.ndarray], resamples: int) -> list[str]:
    """SRCC of every variant, and how far its mean over the columns is from the full network's."""
    labels = test.labels()
    known = [np.flatnonzero(np.isfinite(column)) for column in labels.T]
    used = [i for i, rows in enumerate(known) if len(rows) >= 20 and np.ptp(labels[rows, i]) > 0]
    people = test.faces.owners()
    draws = [PersonBootstrap(people[known[i]], len(known[i]), resamples=resamples) for i in used]

    def measure(predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pairs = [(predicted[known[i], i].astype(np.float64), labels[known[i], i]) for i in used]
        values = np.array([srcc(*pair) for pair in pairs])
        drawn = [draw.srcc(*pair) for draw, pair in zip(draws, pairs, strict=True)]
        return values, np.mean(drawn, axis=0)

    full, full_drawn = measure(found[FULL])
    lines = [
        f"## {test.name}: {len(test.faces)} pictures of {len(set(people))} people",
        "",
        "| variant | " + " | ".join(COLUMNS[i] for i in used) + " | mean minus full |",
        "|---|" + "---|" * (len(used) + 1),
    ]
    for name, predicted in found.items():
        values, drawn = measure(predicted)
        low, high = draws[0].percentile(drawn - full_drawn)
        change = f"{np.mean(values - full):+.3f} [{low:+.3f}, {high:+.3f}]"
        cells = " | ".join(f"{value:.3f}" for value in values)
        lines.append(f"| {name} | {cells} | {'' if name == FULL else change} |")
    return [*lines, ""]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path(__file__).with_name("assessor.yaml"))
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--fixed", type=Path, help="packed set of fixed cameras")
    parser.add_argument("--curve", type=Path, help="packed set to draw curve.csv on")
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--more-seeds", type=int, nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resamples", type=int, default=400)
    parser.add_argument("--only", nargs="*", help="some variants, the full one is always run")
    parser.add_argument("-o", "--out", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    options = parse()
    torch.set_num_threads(options.threads)
    plan = load_plan(
        options.config, pictures=options.pictures, seed=options.seed, threads=options.threads
    )
    data = join_sets([face_set(folder) for folder in options.train])
    tests = [open_test(folder, options.out / "packed") for folder in options.test]
    curve = face_set(options.curve) if options.curve else tests[0].faces
    found: dict[str, dict[str, np.ndarray]] = {}
    counts = {FULL: len(data)}
    for name, change in VARIANTS.items():
        if (name == FIXED and options.fixed is None) or (
            options.only is not None and name not in {FULL, *options.only}
        ):
            continue
        own = face_set(options.fixed) if name == FIXED else data
        counts[name] = len(own)
        network = plan.network.model_copy(update=change)
        own_plan = plan.model_copy(update={"network": network})
        found[name] = run_variant(name, own, curve, own_plan, tests, options.out)
    for seed in options.more_seeds:
        again = plan.model_copy(update={"seed": seed})
        found[f"{FULL}, seed {seed}"] = run_variant(FULL, data, curve, again, tests, options.out)
    lines = [
        "# Ablation",
        "",
        "    python benchmarks/ablation.py --train "
        + " ".join(folder.name for folder in options.train)
        + (f" --fixed {options.fixed.name}" if options.fixed else "")
        + " --test "
        + " ".join(folder.name for folder in options.test)
        + f" --pictures {options.pictures} --seed {options.seed}"
        + (f" --more-seeds {' '.join(map(str, options.more_seeds))}" if options.more_seeds else "")
        + " -o DIR",
        "",
        f"SRCC with pseudo-MOS, people and cameras that no variant was trained on. Each variant is "
        f"one run of {options.pictures} pictures over {counts[FULL]} (seed {options.seed}), shorter "
        "than the shipped model's, so compare rows, not with the model card. Brackets: 95 % "
        f"bootstrap over persons ({options.resamples} resamples) of the mean SRCC's difference; it "
        "does not hold the spread between seeds, which the full network's other seeds show. Fidelity given source is of restored faces only; "
        "without the source view it is the fidelity head's.",
        "",
    ]
    if FIXED in found:
        lines += [f"Fixed cameras: {counts[FIXED]} pictures of {options.fixed.name}.", ""]
    for test in tests:
        predictions = {name: by_test[test.name] for name, by_test in found.items()}
        lines += table(test, predictions, options.resamples)
    (ROOT / "docs" / "results" / "ablation.md").write_text("\n".join(lines).rstrip() + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
