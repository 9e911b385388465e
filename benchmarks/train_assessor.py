"""Trains SFIQA-Assessor on simulated sets and exports the shipped ONNX.

    python benchmarks/train_assessor.py --train runs/train --held-out runs/val \
        --real runs/train_lfw --out runs/assessor --epochs 9 --threads 2 --export assessor/weights/sfiqa_assessor.onnx

Sets come from build_simset.py; those of --real hold photographs that are themselves not pristine,
so only noise, contrast and fidelity are learned from them, and as many simulated rows step aside; checkpoints and curve.csv go to --out; a stopped run continues.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from simset import load

from facefidelity.assessor.training.export import export_onnx
from facefidelity.assessor.training.trainer import SimSet, TrainingPlan, train
from facefidelity.core.scores import HEADS

NOT_FROM_REAL = [HEADS.index(name) for name in ("sharpness", "colorfulness", "overall")]


def assemble(simulated: list[Path], real: list[Path]) -> SimSet:
    """Join the sets in memory; the total stays that of the simulated ones."""
    images, labels = [], []
    for folder in real:
        data = load(folder)
        data.labels[:, NOT_FROM_REAL] = np.nan
        images.append(data.images)
        labels.append(data.labels)
    aside = sum(len(part) for part in images)
    for folder in simulated:
        data = load(folder)
        images.append(data.images[aside:])
        labels.append(data.labels[aside:])
        aside = max(0, aside - len(data.images))
    return SimSet(np.concatenate(images), np.concatenate(labels))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--held-out-rows", type=int, default=800)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--export", type=Path)
    arguments = parser.parse_args()

    data = assemble(arguments.train, arguments.real)
    check = load(arguments.held_out)
    few = SimSet(check.images[: arguments.held_out_rows], check.labels[: arguments.held_out_rows])
    plan = TrainingPlan(epochs=arguments.epochs, threads=arguments.threads, seed=arguments.seed)
    network = train(data, few, plan, arguments.out)
    if arguments.export:
        difference = export_onnx(network, arguments.export)
        print(f"exported to {arguments.export}, within {difference:.5f} points of torch")


if __name__ == "__main__":
    main()
