"""Trains the assessor: bfloat16, one-cycle schedule, moving average, checkpoints, a CSV curve.

Splits are by person and are the caller's: this module never looks at a held-out picture to learn.
A stopped run goes on where its last checkpoint was, also with more pictures than before.
"""

from __future__ import annotations

import csv
import pickle
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import torch
from pydantic import ValidationError
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ...core.errors import InvalidInput, UnsupportedWeights, WeightsMissing, WriteFailed
from ...core.scores import HEADS
from .data import Batch, FaceSet
from .losses import assessor_loss
from .measurement import GIVEN_SOURCE, evaluate, predict
from .network import Assessor
from .plan import NetworkPlan, TrainingPlan

__all__ = ["CURVE_COLUMNS", "Progress", "load_trained", "train"]

CURVE_COLUMNS: Final = (
    "pictures",
    "loss",
    "seconds",
    *(f"srcc_{h}" for h in (*HEADS, GIVEN_SOURCE)),
)
Progress = Callable[[int, int, float], None]
"""Called after every step with the pictures seen, those planned, and the loss."""
_NO_CHECKPOINT: Final = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    RuntimeError,
    TypeError,
    ValidationError,
    pickle.UnpicklingError,
)


def _moving_average(decay: float) -> Callable[..., None]:
    """Exponential moving average with a short memory at first, to forget the first weights."""

    def update(
        average: list[torch.Tensor], current: list[torch.Tensor], seen: torch.Tensor
    ) -> None:
        share = 1 - min(decay, (1 + int(seen)) / (10 + int(seen)))
        for kept, new in zip(average, current, strict=True):
            if kept.is_floating_point():
                kept.lerp_(new.to(kept.dtype), share)
            else:
                kept.copy_(new)

    return update


class _Run:
    """One run's moving parts, saved and restored together."""

    def __init__(self, plan: TrainingPlan, start: dict[str, Any] | None) -> None:
        if plan.device == "cuda" and not torch.cuda.is_available():
            raise InvalidInput(
                "expected a CUDA device that torch can use, found none; train on cpu"
            )
        torch.set_num_threads(plan.threads)
        torch.manual_seed(plan.seed)
        self.plan = plan
        network = Assessor(plan.network)
        if start is not None:
            network.load_state_dict(start)
        self.network = network.to(plan.device, memory_format=torch.channels_last)
        self.average = AveragedModel(
            self.network, multi_avg_fn=_moving_average(plan.ema_decay), use_buffers=True
        )
        decayed = [p for p in network.parameters() if p.ndim > 1]
        plain = [p for p in network.parameters() if p.ndim <= 1]
        groups = [
            {"params": decayed, "weight_decay": plan.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=plan.learning_rate)
        self.step = 0
        self._saved = ("network", "average", "optimiser")

    def save(self, path: Path) -> None:
        """Write everything, whole or not at all."""
        state = {name: getattr(self, name).state_dict() for name in self._saved}
        state |= {"step": self.step, "plan": self.plan.model_dump_json()}
        unfinished = path.with_suffix(".pt.part")
        try:
            torch.save(state, unfinished)
            unfinished.replace(path)
        except (OSError, RuntimeError) as error:
            unfinished.unlink(missing_ok=True)
            raise WriteFailed(f"expected to be able to write {path}, got: {error}") from error

    def restore(self, path: Path) -> None:
        """Read everything back."""
        try:
            state, former = _read_checkpoint(path, self.plan.device)
            if former != self.plan.network:
                raise InvalidInput(
                    f"expected to go on with the network of {path} ({former}), got another one "
                    f"({self.plan.network}); choose another folder"
                )
            for name in self._saved:
                getattr(self, name).load_state_dict(state[name])
            self.step = int(state["step"])
        except _NO_CHECKPOINT as error:
            raise _no_checkpoint(path, error) from error

    def learn(self, batch: Batch) -> torch.Tensor:
        """Take one step and return its loss."""
        device = self.plan.device
        self.network.train()
        if self.plan.frozen_statistics:
            _freeze_statistics(self.network)
        with torch.autocast(device, dtype=torch.bfloat16):
            scores, given = self.network(
                batch.face.to(device).float(), batch.source.to(device).float()
            )
        predicted = torch.cat([scores, given], dim=1).float()
        known = predicted.shape[1] if self.plan.network.source else len(HEADS)
        loss = assessor_loss(predicted[:, :known], batch.target.to(device)[:, :known])
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate_at(self.step)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        self.step += 1
        return loss.detach()


def train(
    data: FaceSet,
    held_out: FaceSet,
    plan: TrainingPlan,
    folder: Path,
    *,
    start: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> Assessor:
    """Train; leave `last.pt` and `curve.csv` in the folder at every check.

    Args:
        data: Training set.
        held_out: Other people's pictures, only measured.
        plan: The numbers.
        folder: Where checkpoints and the curve go; a run that stopped there goes on.
        start: Weights to start from, for fine-tuning.
        progress: Told after every step.

    Returns:
        The moving average of the trained network, in evaluation mode, on the CPU.

    Raises:
        InvalidInput: If there are fewer than two pictures to learn from or none to measure on, the
            checkpoint in the folder is of another network, or the device is not there.
        UnsupportedWeights: If the file in the checkpoint's place is none.
        WriteFailed: If a checkpoint cannot be written; the former one stays.
    """
    run, checkpoint = _open_run(data, held_out, plan, folder, start), folder / "last.pt"
    every = max(1, plan.check_every // plan.batch)
    losses: list[torch.Tensor] = []
    since = time.monotonic()
    for batch in _steps(data, run):
        losses.append(run.learn(batch))
        if progress is not None:
            seen = min(run.step * plan.batch, plan.pictures)
            progress(seen, plan.pictures, float(losses[-1]))
        if run.step % every == 0 or run.step == plan.steps:
            found = evaluate(predict(run.average.module, held_out), held_out)
            loss, seconds = float(torch.stack(losses).mean()), time.monotonic() - since
            _log(folder / "curve.csv", [run.step * plan.batch, loss, seconds], found)
            run.save(checkpoint)
            losses, since = [], time.monotonic()
    return cast("Assessor", run.average.module.eval().cpu())


def _open_run(
    data: FaceSet,
    held_out: FaceSet,
    plan: TrainingPlan,
    folder: Path,
    start: dict[str, Any] | None,
) -> _Run:
    if len(data) < 2 or not len(held_out):
        raise InvalidInput(
            f"expected at least 2 pictures to learn from and 1 to measure on, got {len(data)} and "
            f"{len(held_out)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    run = _Run(plan, start)
    if (folder / "last.pt").exists():
        run.restore(folder / "last.pt")
    return run


def _steps(data: FaceSet, run: _Run) -> Iterator[Batch]:
    """Batches until the plan's steps are taken; each pass has an order of its own."""
    while run.step < run.plan.steps:
        rng = np.random.default_rng([run.plan.seed, run.step])
        for batch in data.shuffled(run.plan.batch, rng):
            if run.step == run.plan.steps:
                break
            if len(batch.face) > 1:  # normalisation needs two
                yield batch


def load_trained(checkpoint: Path) -> Assessor:
    """The moving average of a run, finished or not, in evaluation mode, on the CPU.

    Raises:
        WeightsMissing: If there is no checkpoint.
        UnsupportedWeights: If it is not one of `train`.
    """
    if not checkpoint.is_file():
        raise WeightsMissing(f"expected a run's last.pt at {checkpoint}, found none")
    try:
        state, plan = _read_checkpoint(checkpoint, "cpu")
        average = AveragedModel(Assessor(plan), use_buffers=True)
        average.load_state_dict(state["average"])
    except _NO_CHECKPOINT as error:
        raise _no_checkpoint(checkpoint, error) from error
    return cast("Assessor", average.module.eval())


def _read_checkpoint(path: Path, device: str) -> tuple[dict[str, Any], NetworkPlan]:
    """What `_Run.save` wrote, and what its network is made of; one of `_NO_CHECKPOINT` if not."""
    state = torch.load(path, weights_only=True, map_location=device)
    if not isinstance(state, dict):
        raise TypeError(f"a {type(state).__name__}")
    return state, TrainingPlan.model_validate_json(state["plan"]).network


def _no_checkpoint(path: Path, error: BaseException) -> UnsupportedWeights:
    reason = " ".join(repr(error).split())[:300]
    return UnsupportedWeights(
        f"expected a checkpoint of `facefidelity bench train` in {path}, got: {reason}; choose "
        "another one, or take this one away"
    )


def _freeze_statistics(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _log(path: Path, numbers: list[float], scores: dict[str, float]) -> None:
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        if new:
            writer.writerow(CURVE_COLUMNS)
        pictures, loss, seconds = numbers
        cells = [f"{value:.4f}" for value in scores.values()]
        writer.writerow([int(pictures), f"{loss:.4f}", f"{seconds:.0f}", *cells])
