"""SFIQA-Assessor's network in torch: one small CNN per view, cross-view attention, task tokens.

The input is the (N, 3, 256, 256) float face in 0..255, so that the exported graph holds the views
and the normalisation and nobody can cut them differently at run time.

The source view answers another question than the six heads: what of this face is supported by the
picture that it was restored from? It has a task token of its own. The six heads never look at the
source, so a score is the same with and without it.
"""

from __future__ import annotations

from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...core.scores import HEADS
from ..views import INNER_FACE, MOSAIC_OFFSETS, VIEW_PX
from .attention import CrossViewLayer, TaskLayer
from .plan import NetworkPlan

__all__ = ["Assessor", "cut_views"]

_TOKENS: Final = 16


def _inner(face: Tensor) -> Tensor:
    top, left = INNER_FACE
    return face[:, :, top : top + VIEW_PX, left : left + VIEW_PX]


def cut_views(face: Tensor) -> dict[str, Tensor]:
    """Cut the whole-face, inner-face and mosaic view.

    Args:
        face: (N, 3, 256, 256) float, any range.

    Returns:
        Three (N, 3, 128, 128) tensors by name.
    """
    side = VIEW_PX // len(MOSAIC_OFFSETS)
    rows = torch.cat([face[:, :, y : y + side] for y in MOSAIC_OFFSETS], dim=2)
    mosaic = torch.cat([rows[:, :, :, x : x + side] for x in MOSAIC_OFFSETS], dim=3)
    return {
        "whole": functional.avg_pool2d(face, 2),
        "inner": _inner(face),
        "mosaic": mosaic,
    }


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


class _Encoder(nn.Module):
    """(N, C, S, S) -> (N, 16, width): dense 3 x 3 residual blocks down to 8 x 8, then tokens."""

    def __init__(self, entry: int, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        steps = [_stage(a, b) for a, b in zip((entry, *channels), channels, strict=False)]
        self.stages = nn.Sequential(*steps)
        self.project = nn.Linear(2 * channels[-1], width)

    def forward(self, view: Tensor) -> Tensor:
        maps = self.stages(view)
        # Mean and deviation of each 2 x 2 cell group: noise and texture live in the deviation.
        mean = functional.avg_pool2d(maps, 2)
        spread = (functional.avg_pool2d(maps * maps, 2) - mean * mean).clamp(min=1e-5).sqrt()
        tokens = torch.cat([mean, spread], dim=1).flatten(2).transpose(1, 2)
        return cast("Tensor", self.project(tokens))


class _SourceView(nn.Module):
    """Luma of the inner face and of its source, side by side at native resolution, to tokens."""

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__()
        self.encode = _Encoder(8, plan.source_channels, plan.width)
        self.position = nn.Parameter(torch.randn(1, _TOKENS, plan.width) * 0.02)
        # Luma and a fold of 2 x 2 pixels into channels (pixel unshuffle), as one convolution.
        luma = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
        fold = luma * torch.eye(4).reshape(4, 1, 2, 2)
        self.register_buffer("luma_fold", fold, persistent=False)

    def forward(self, face: Tensor, source: Tensor) -> Tensor:
        """Inner faces, (N, 3, 128, 128) each, to (N, 16, width)."""
        folded = [functional.conv2d(x, self.luma_fold, stride=2) for x in (face, source)]
        return cast("Tensor", self.encode(torch.cat(folded, dim=1)) + self.position)


class Assessor(nn.Module):
    """Six predicted scores of a face, and the fidelity that its source supports.

    Args:
        plan: What it is made of.
    """

    def __init__(self, plan: NetworkPlan | None = None) -> None:
        super().__init__()
        self.plan = plan = plan or NetworkPlan()
        width = plan.width
        self.views = nn.ModuleDict({name: _Encoder(3, plan.channels, width) for name in plan.views})
        self.position = nn.Parameter(torch.randn(1, _TOKENS * len(plan.views), width) * 0.02)
        self.cross_view = nn.ModuleList(CrossViewLayer(width) for _ in range(plan.cross_layers))
        self.task_tokens = nn.Parameter(torch.randn(1, len(HEADS), width) * 0.02)
        layers = plan.task_layers if plan.task_tokens else 0
        self.decoder = nn.ModuleList(TaskLayer(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head_weight = nn.Parameter(torch.randn(len(HEADS), width) * width**-0.5)
        self.head_bias = nn.Parameter(torch.full((len(HEADS),), 0.5))
        if plan.source:
            self.source_view = _SourceView(plan)
            self.source_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
            self.source_decoder = nn.ModuleList(TaskLayer(width) for _ in range(2))
            self.source_head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))

    def forward(self, face: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Predict scores.

        Args:
            face: (N, 3, 256, 256) float RGB in 0..255.
            source: The same of the pictures that the faces were restored from; a face that was
                not restored is its own source.

        Returns:
            (N, 6) scores in the order of `HEADS`, independent of the source, and (N, 1) fidelity
            given the source; 0..100 nominally, not clipped. NaN where the plan has no source view.
        """
        views = cut_views(face / 127.5 - 1.0)
        tokens = [encode(views[name]) for name, encode in self.views.items()]
        memory = torch.cat(tokens, dim=1) + self.position
        for layer in self.cross_view:
            memory = layer(memory)
        # One set of tokens asks for every face: what does not depend on a face is computed once.
        tasks = cast("Tensor", self.task_tokens)
        for layer in self.decoder:
            tasks = layer(tasks, memory)
        if not self.plan.task_tokens:
            tasks = tasks + memory.mean(dim=1, keepdim=True)
        scores = (self.norm(tasks) * self.head_weight).sum(dim=2) + self.head_bias
        if not self.plan.source:
            return 100.0 * scores, torch.full_like(scores[:, :1], torch.nan)
        inner = _inner(source) / 127.5 - 1.0
        seen = torch.cat([memory, tasks, self.source_view(views["inner"], inner)], dim=1)
        asked = cast("Tensor", self.source_token)
        for layer in self.source_decoder:
            asked = layer(asked, seen)
        return 100.0 * scores, 100.0 * (self.source_head(asked)[:, 0] + 0.5)
