"""The training loss: smooth L1 for scale, 1 - PLCC for line, pairwise ranking for order."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["assessor_loss"]


def assessor_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """Sum of the three terms, averaged over heads.

    Args:
        predicted: (N, 6) scores, 0..100.
        target: (N, 6) pseudo-MOS, 0..100.

    Returns:
        Scalar.
    """
    p, t = predicted / 100.0, target / 100.0
    level = functional.smooth_l1_loss(p, t, beta=0.1)
    pc, tc = p - p.mean(0), t - t.mean(0)
    correlation = (pc * tc).sum(0) / (pc.norm(dim=0) * tc.norm(dim=0) + 1e-6)
    # Each row against its neighbour in the batch: enough pairs, linear cost.
    dp, dt = p - p.roll(1, 0), t - t.roll(1, 0)
    ranking = (functional.relu(-dp * torch.sign(dt) + 0.02) * dt.abs()).mean()
    return level * 4 + (1 - correlation).mean() * 0.5 + ranking
