"""Teaches dlib's embedder to see through degradation.

    pip install --no-deps onnx2torch
    python benchmarks/distil_embedder.py --pictures 60000 -o runs/distilled \
        --train runs/train_a runs/train_restored runs/train_lfw runs/train_lfw

The student starts as dlib's own network and learns to say of a degraded face what dlib says of the
person's pristine one (cosine), and to tell it from the other people of the batch. Sets come from
build_simset.py; one that is named twice is drawn from twice. Writes student.pt;
degraded_embedder.py makes an embedder of it and examines it on other people.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from simset import LoadedSet, load
from torch.nn.functional import cross_entropy, normalize

from facefidelity.guards.identity.dlib_resnet import DLIB_RESNET
from facefidelity.guards.identity.sampling import sample_chip

ROOT = Path(__file__).resolve().parent.parent
TEACHER = "dlib-resnet-v1"
BATCH = 48
WARM_UP = 100
"""Steps until the learning rate is reached; from there it falls as a half cosine."""


@dataclass(frozen=True)
class Faces:
    """Degraded faces, and what dlib says of the pristine ones behind them."""

    sets: list[LoadedSet]
    targets: torch.Tensor
    people: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.people)

    def chips(self, rows: np.ndarray) -> torch.Tensor:
        """(N, 3, 150, 150) float32, 0..255, as dlib's network wants them."""
        which = np.searchsorted(self.starts, rows, "right") - 1
        return planes_of(
            [self.sets[i].images[row - self.starts[i]] for i, row in zip(which, rows, strict=True)]
        )


def planes_of(faces: list[np.ndarray]) -> torch.Tensor:
    chips = [sample_chip(face, DLIB_RESNET.frame_to_chip, DLIB_RESNET.side_px) for face in faces]
    return torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2).float()


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def gather(folders: list[Path]) -> Faces:
    sets = [load(folder) for folder in folders]
    own = [np.load(folder / f"own_{TEACHER}.npy") for folder in folders]
    people = np.concatenate(
        [[f"{'lfw' in f.name} {p}" for p in s.person] for f, s in zip(folders, sets, strict=True)]
    )
    starts = np.cumsum([0, *(len(s.person) for s in sets[:-1])])
    targets = torch.from_numpy(unit(np.concatenate(own))).float()
    return Faces(sets, targets, np.unique(people, return_inverse=True)[1], starts)


def open_student() -> torch.nn.Module:
    """The network of dlib with its own parameters, ready to be trained."""
    from facefidelity.restorers.compat import prepare

    prepare()  # torchvision of the package index needs it before onnx2torch can be imported
    from onnx2torch import convert

    shipped = ROOT / "guards" / "identity" / DLIB_RESNET.weights
    with tempfile.TemporaryDirectory() as folder:
        folded = Path(folder) / "folded.onnx"  # its half-precision constants made single
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(shipped, options, providers=["CPUExecutionProvider"])
        student: torch.nn.Module = convert(onnx.load(folded))
    return student.to(memory_format=torch.channels_last)


def train(student: torch.nn.Module, faces: Faces, options: argparse.Namespace) -> None:
    """The loss is 2 (1 - cosine) + InfoNCE / 2 among the batch, one person never against itself."""
    torch.manual_seed(options.seed)
    rng, scale = np.random.default_rng(options.seed), torch.nn.Parameter(torch.tensor(3.0))
    known = [one for one in student.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW([*known, scale], options.learning_rate, weight_decay=1e-4)
    steps, started, seen = options.pictures // BATCH, time.perf_counter(), []
    student.train()
    for step in range(steps):
        rate = min(1.0, step / WARM_UP) * 0.5 * (1 + np.cos(np.pi * step / steps))
        optimizer.param_groups[0]["lr"] = options.learning_rate * rate
        rows = rng.integers(0, len(faces), BATCH)
        chips, target = faces.chips(rows), faces.targets[rows]
        flipped = torch.from_numpy(rng.random(BATCH) < 0.5)
        chips[flipped] = chips[flipped].flip(3)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            said = student(chips.contiguous(memory_format=torch.channels_last))
        said = normalize(said.float().flatten(1), dim=1)
        same = torch.from_numpy(faces.people[rows][:, None] == faces.people[rows][None])
        other = same & ~torch.eye(BATCH, dtype=torch.bool)
        logits = (scale.exp() * said @ target.T).masked_fill(other, -1e4)
        apart = cross_entropy(logits, torch.arange(BATCH))
        cosine = (said * target).sum(1).mean()
        loss = 2 * (1 - cosine) + 0.5 * apart
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append((float(cosine.detach()), float(apart.detach())))
        if step % 100 == 99:
            now = np.mean(seen[-100:], axis=0).round(4)
            print((step + 1) * BATCH, *now, round(time.perf_counter() - started), flush=True)
        if step % 200 == 199 or step == steps - 1:
            part = options.out / "student.part"
            torch.save(student.state_dict(), part)
            part.replace(options.out / "student.pt")
    student.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--pictures", type=int, default=40_000)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    train(open_student(), gather(options.train), options)


if __name__ == "__main__":
    main()
