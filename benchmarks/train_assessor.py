"""Trains SFIQA-Assessor on simulated sets and exports the shipped ONNX.

    python benchmarks/train_assessor.py --train runs/train --held-out runs/val \
        --out runs/assessor --epochs 9 --threads 2 --export assessor/weights/sfiqa_assessor.onnx

Sets come from build_simset.py; checkpoints and curve.csv go to --out; a stopped run continues.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from simset import load

from facefidelity.assessor.training.export import export_onnx
from facefidelity.assessor.training.trainer import SimSet, TrainingPlan, train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--held-out-rows", type=int, default=800)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--export", type=Path)
    arguments = parser.parse_args()

    sets = [load(folder) for folder in arguments.train]
    data = SimSet(
        np.concatenate([s.images for s in sets]), np.concatenate([s.labels for s in sets])
    )
    check = load(arguments.held_out)
    few = SimSet(check.images[: arguments.held_out_rows], check.labels[: arguments.held_out_rows])
    plan = TrainingPlan(epochs=arguments.epochs, threads=arguments.threads, seed=arguments.seed)
    network = train(data, few, plan, arguments.out)
    if arguments.export:
        difference = export_onnx(network, arguments.export)
        print(f"exported to {arguments.export}, within {difference:.5f} points of torch")


if __name__ == "__main__":
    main()
