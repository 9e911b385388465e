"""SFIQA-Assessor's network in torch: one small CNN per view, cross-view attention, task tokens.

The input is the (N, 3, 256, 256) float face in 0..255, so that the exported graph holds the views
and the normalisation and nobody can cut them differently at run time.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...core.scores import HEADS
from ..views import INNER_FACE, MOSAIC_OFFSETS, VIEW_PX

__all__ = ["Assessor", "cut_views"]


def cut_views(face: Tensor) -> list[Tensor]:
    """Cut the global, inner-face and mosaic view.

    Args:
        face: (N, 3, 256, 256) float, any range.

    Returns:
        Three (N, 3, 128, 128) tensors.
    """
    top, left = INNER_FACE
    inner = face[:, :, top : top + VIEW_PX, left : left + VIEW_PX]
    side = VIEW_PX // len(MOSAIC_OFFSETS)
    rows = [
        torch.cat([face[:, :, y : y + side, x : x + side] for x in MOSAIC_OFFSETS], dim=3)
        for y in MOSAIC_OFFSETS
    ]
    return [functional.avg_pool2d(face, 2), inner, torch.cat(rows, dim=2)]


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.body(x))


def _stage(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
        _Residual(after),
    )


class _ViewEncoder(nn.Module):
    """(N, 3, 128, 128) -> (N, 16, width): dense 3 x 3 residual blocks down to 4 x 4."""

    def __init__(self, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        steps = [_stage(a, b) for a, b in zip((3, *channels), channels, strict=False)]
        self.stages = nn.Sequential(*steps)
        self.project = nn.Linear(2 * channels[-1], width)

    def forward(self, view: Tensor) -> Tensor:
        maps = self.stages(view)
        # Mean and deviation of each 2 x 2 cell group: noise and texture live in the deviation.
        mean = functional.avg_pool2d(maps, 2)
        spread = (functional.avg_pool2d(maps * maps, 2) - mean * mean).clamp(min=1e-5).sqrt()
        tokens = torch.cat([mean, spread], dim=1).flatten(2).transpose(1, 2)
        return cast("Tensor", self.project(tokens))


class Assessor(nn.Module):
    """Six predicted scores of a face.

    Args:
        channels: Channels of the four stages of each view's CNN.
        width: Width of a token.
        layers: Cross-view encoder layers and task-token decoder layers.
    """

    def __init__(
        self, channels: tuple[int, ...] = (24, 32, 64, 96), width: int = 128, layers: int = 2
    ) -> None:
        super().__init__()
        self.views = nn.ModuleList(_ViewEncoder(channels, width) for _ in range(3))
        self.position = nn.Parameter(torch.randn(1, 48, width) * 0.02)
        self.cross_view = nn.ModuleList(
            nn.TransformerEncoderLayer(width, 4, 2 * width, 0.0, batch_first=True, norm_first=True)
            for _ in range(layers)
        )
        self.task_tokens = nn.Parameter(torch.randn(1, len(HEADS), width) * 0.02)
        self.decoder = nn.ModuleList(
            nn.TransformerDecoderLayer(width, 4, 2 * width, 0.0, batch_first=True, norm_first=True)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.head_weight = nn.Parameter(torch.randn(len(HEADS), width) * width**-0.5)
        self.head_bias = nn.Parameter(torch.full((len(HEADS),), 0.5))

    def forward(self, face: Tensor) -> Tensor:
        """Predict scores.

        Args:
            face: (N, 3, 256, 256) float RGB in 0..255.

        Returns:
            (N, 6) in the order of `HEADS`; 0..100 nominally, not clipped.
        """
        views = cut_views(face / 127.5 - 1.0)
        tokens = [encode(view) for encode, view in zip(self.views, views, strict=True)]
        memory = torch.cat(tokens, dim=1) + self.position
        for layer in self.cross_view:
            memory = layer(memory)
        tasks = self.task_tokens.expand(face.shape[0], -1, -1)
        for layer in self.decoder:
            tasks = layer(tasks, memory)
        scores = (self.norm(tasks) * self.head_weight).sum(dim=2) + self.head_bias
        return 100.0 * scores
