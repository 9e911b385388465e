"""What a network predicts for a set, and how well its order agrees with the labels."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import nn

from ...core.scores import HEADS
from .data import FaceSet

__all__ = ["GIVEN_SOURCE", "evaluate", "predict"]

GIVEN_SOURCE: Final = "fidelity_given_source"
"""Name of the seventh output."""


def predict(network: nn.Module, data: FaceSet, batch: int = 64) -> npt.NDArray[np.float32]:
    """Predict every picture of a set: (N, 7) float32, the six heads and fidelity given source."""
    network.eval()
    device = next(network.parameters()).device
    parts = []
    with torch.no_grad():
        for each in data.batches(batch):
            both = network(each.face.to(device).float(), each.source.to(device).float())
            parts.append(torch.cat(both, dim=1).float().cpu().numpy())
    return np.concatenate(parts)


def evaluate(predicted: npt.NDArray[np.float32], data: FaceSet) -> dict[str, float]:
    """SRCC per head, and of fidelity given the source where there is one.

    Args:
        predicted: (N, 7), as `predict` gives them.
        data: The set that was predicted.

    Returns:
        By name; NaN where fewer than three pictures have a label, or all have the same.
    """
    labels = np.column_stack([data.labels, data.fidelity_given_source()])
    restored = data.source != np.arange(len(data))
    scores = {}
    for i, name in enumerate((*HEADS, GIVEN_SOURCE)):
        known = np.isfinite(labels[:, i]) & (restored if name == GIVEN_SOURCE else True)
        scores[name] = _srcc(predicted[known, i], labels[known, i])
    return scores


def _srcc(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    if len(a) < 3 or not np.isfinite(a).all() or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(stats.spearmanr(a, b).statistic)
