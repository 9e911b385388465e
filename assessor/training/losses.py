"""The training loss: smooth L1 for scale, 1 - PLCC for line, pairwise ranking for order."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["assessor_loss"]


def assessor_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """Sum of the three terms, averaged over heads.

    Args:
        predicted: (N, K) scores, 0..100: the six heads and, behind them, fidelity given source.
        target: (N, K) pseudo-MOS, 0..100; NaN where a picture has no label for a head.

    Returns:
        Scalar.
    """
    known = torch.isfinite(target)
    p, t = predicted / 100.0, torch.where(known, target, predicted.detach()) / 100.0
    count = known.sum(0).clamp(min=1)
    distance = functional.smooth_l1_loss(p, t, beta=0.1, reduction="none")
    level = (distance * known).sum() / count.sum()
    pc, tc = (known * (x - (known * x).sum(0) / count) for x in (p, t))
    correlation = (pc * tc).sum(0) / (pc.norm(dim=0) * tc.norm(dim=0) + 1e-6)
    # Each row against its neighbour in the batch: enough pairs, linear cost.
    dp, dt = p - p.roll(1, 0), t - t.roll(1, 0)
    both = known & known.roll(1, 0)
    ranking = (functional.relu(-dp * torch.sign(dt) + 0.02) * dt.abs() * both).mean()
    return level * 4 + (1 - correlation).mean() * 0.5 + ranking
