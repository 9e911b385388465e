"""Trains the shipped SFIQA-Assessor on packed simulated sets and exports its ONNX.

    python benchmarks/train_assessor.py --config benchmarks/assessor.yaml --train runs/train_a runs/train_b \
        runs/train_restored --real runs/train_lfw --held-out runs/curve --out runs/assessor

Sets come from build_simset.py; those of --real hold photographs that are themselves not pristine,
so only noise, contrast and fidelity are learned from them. Checkpoints and curve.csv go to --out;
a stopped run continues, also with more sets than before. --start takes over the weights of an
exported assessor where they fit the plan's network; the rest starts anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from simset import load

from facefidelity.assessor.training.data import FaceSet, join_sets
from facefidelity.assessor.training.export import export_onnx, read_network
from facefidelity.assessor.training.network import Assessor
from facefidelity.assessor.training.plan import NetworkPlan, load_plan
from facefidelity.assessor.training.trainer import train
from facefidelity.core.scores import HEADS

NOT_FROM_REAL = [HEADS.index(name) for name in ("sharpness", "colorfulness", "overall")]


def face_set(folder: Path, real: bool = False) -> FaceSet:
    """One packed set."""
    data = load(folder)
    if real:
        data.labels[:, NOT_FROM_REAL] = np.nan
    # Sets of one table number its people alike; those of --real come from another one.
    people = np.char.add("real " if real else "", data.person.astype(np.str_))
    return FaceSet([data.images], data.labels, data.source, people)


def fitting_weights(path: Path, plan: NetworkPlan) -> dict[str, torch.Tensor]:
    """Weights of the exported assessor where they fit, new ones elsewhere."""
    _, known = read_network(path)
    fresh = Assessor(plan).state_dict()
    fits = {
        name for name, value in fresh.items() if name in known and known[name].shape == value.shape
    }
    print(f"{len(fits)} of {len(fresh)} tensors from {path}", flush=True)
    return {name: known[name] if name in fits else value for name, value in fresh.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path(__file__).with_name("assessor.yaml"))
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--pictures", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--export", type=Path)
    arguments = parser.parse_args()

    changes = {
        name: getattr(arguments, name) for name in ("pictures", "threads", "seed", "learning_rate")
    }
    plan = load_plan(arguments.config, **changes)
    data = join_sets(
        [face_set(f) for f in arguments.train] + [face_set(f, real=True) for f in arguments.real]
    )
    print(f"{len(data)} pictures, {plan.steps} steps", flush=True)
    torch.manual_seed(plan.seed)
    start = fitting_weights(arguments.start, plan.network) if arguments.start else None
    network = train(data, face_set(arguments.held_out), plan, arguments.out, start=start)
    if arguments.export:
        difference = export_onnx(network, arguments.export)
        print(f"exported to {arguments.export}, within {difference:.5f} points of torch")


if __name__ == "__main__":
    main()
