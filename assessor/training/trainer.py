"""Trains the assessor on a simulated set: bf16 on the CPU, checkpoints, a CSV curve.

The set is a folder written by `benchmarks/build_simset.py`. Splits are by person and are the
caller's: this module never looks at a validation picture to learn.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import Tensor

from ...core.scores import HEADS
from .losses import assessor_loss
from .network import Assessor

__all__ = ["SimSet", "TrainingPlan", "evaluate", "predict", "train"]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Numbers of one training run.

    Attributes:
        epochs: Passes over the set.
        batch: Pictures a step.
        learning_rate: Peak of the one-cycle schedule.
        weight_decay: AdamW's.
        seed: Of initialisation, order and flips.
        threads: torch threads; one when something else runs.
    """

    epochs: int = 10
    batch: int = 64
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    seed: int = 0
    threads: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class SimSet:
    """Pictures and pseudo-MOS.

    Attributes:
        images: (N, 256, 256, 3) uint8 RGB, memory-mapped.
        labels: (N, 6) float32 in the order of `HEADS`.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.float32]

    def batches(
        self, size: int, rng: np.random.Generator | None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (N, 3, 256, 256) float pictures and labels; shuffled and flipped with `rng`."""
        order = np.arange(len(self.images))
        if rng is not None:
            rng.shuffle(order)
        for start in range(0, len(order), size):
            rows = np.sort(order[start : start + size])
            pixels = self.images[rows]
            if rng is not None:
                flip = rng.random(len(rows)) < 0.5
                pixels[flip] = pixels[flip][:, :, ::-1]
            faces = torch.from_numpy(pixels.transpose(0, 3, 1, 2).astype(np.float32))
            yield (
                faces.contiguous(memory_format=torch.channels_last),
                torch.from_numpy(self.labels[rows]),
            )


def predict(network: Assessor, data: SimSet, batch: int = 64) -> npt.NDArray[np.float32]:
    """Predict every picture of a set: (N, 6) float32."""
    network.eval()
    with torch.no_grad():
        parts = [network(faces).float().numpy() for faces, _ in data.batches(batch, None)]
    return np.concatenate(parts)


def evaluate(
    predicted: npt.NDArray[np.float32], labels: npt.NDArray[np.float32]
) -> dict[str, float]:
    """SRCC per head."""
    return {
        head: float(stats.spearmanr(predicted[:, i], labels[:, i]).statistic)
        for i, head in enumerate(HEADS)
    }


def train(
    data: SimSet, held_out: SimSet, plan: TrainingPlan, folder: Path, resume: bool = True
) -> Assessor:
    """Train and leave `last.pt` and `curve.csv` in the folder after every epoch.

    Args:
        data: Training set.
        held_out: Other people's pictures, only measured.
        plan: The numbers.
        folder: Where checkpoints and the curve go.
        resume: Continue from the folder's checkpoint if there is one.

    Returns:
        The trained network.
    """
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    folder.mkdir(parents=True, exist_ok=True)
    network: Assessor = Assessor().to(memory_format=torch.channels_last)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": plan.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ],
        lr=plan.learning_rate,
    )
    steps = -(-len(data.images) // plan.batch) * plan.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.learning_rate, total_steps=steps, pct_start=0.1
    )
    checkpoint, unfinished = folder / "last.pt", folder / "last.pt.part"
    first = 0
    if resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first = int(state["epoch"])
    for epoch in range(first, plan.epochs):
        started = time.time()
        rng = np.random.default_rng([plan.seed, epoch])
        loss = _epoch(network, data, plan, optimiser, schedule, rng)
        scores = evaluate(predict(network, held_out), held_out.labels)
        _log(folder / "curve.csv", epoch + 1, loss, time.time() - started, scores)
        torch.save(
            {
                "network": network.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "epoch": epoch + 1,
            },
            unfinished,
        )
        unfinished.replace(checkpoint)
    return network


def _epoch(
    network: Assessor,
    data: SimSet,
    plan: TrainingPlan,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    rng: np.random.Generator,
) -> float:
    network.train()
    losses = []
    for faces, target in data.batches(plan.batch, rng):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            predicted = network(faces)
        loss = assessor_loss(predicted.float(), target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def _log(path: Path, epoch: int, loss: float, seconds: float, scores: dict[str, float]) -> None:
    new = not path.exists()
    columns: Sequence[str] = ("epoch", "loss", "seconds", *(f"srcc_{head}" for head in HEADS))
    with path.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        if new:
            writer.writerow(columns)
        writer.writerow(
            [epoch, f"{loss:.4f}", f"{seconds:.0f}", *(f"{v:.4f}" for v in scores.values())]
        )
