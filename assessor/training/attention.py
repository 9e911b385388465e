"""Attention over tokens, spelled out so that the exported graph stays small.

torch's own layers export to twice as many nodes, most of which only reshape and transpose. The
arithmetic and the names of the weights are theirs (pre-norm, ReLU, no dropout), which
tests/assessor/training/test_attention.py compares.
"""

from __future__ import annotations

from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Attention", "CrossViewLayer", "TaskLayer"]

_HEADS: Final = 4


class Attention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017, eq. 1): tokens ask, others answer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, asking: Tensor, answering: Tensor) -> Tensor:
        """(N, A, W) asks (N, B, W); returns (N, A, W). One (1, A, W) may ask all."""
        if asking is answering:
            query, key, value = self._projected(asking, 0, 3)
        else:
            (query,), (key, value) = self._projected(asking, 0, 1), self._projected(answering, 1, 3)
        weights = (query @ key.transpose(2, 3) * query.shape[3] ** -0.5).softmax(dim=3)
        return cast("Tensor", self.out_proj((weights @ value).transpose(1, 2).flatten(2)))

    def _projected(self, tokens: Tensor, start: int, stop: int) -> tuple[Tensor, ...]:
        """Of query, key and value those from start to stop, each (N, heads, T, W / heads)."""
        width = self.out_proj.in_features
        rows = slice(start * width, stop * width)
        found = functional.linear(tokens, self.in_proj_weight[rows], self.in_proj_bias[rows])
        parted = found.unflatten(2, (stop - start, _HEADS, -1)).permute(2, 0, 3, 1, 4)
        return cast("tuple[Tensor, ...]", parted.unbind(0))


class _Layer(nn.Module):
    """What both kinds of layer share: self-attention and the two linear maps after it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.self_attn = Attention(width)
        self.linear1 = nn.Linear(width, 2 * width)
        self.linear2 = nn.Linear(2 * width, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)

    def _attended(self, tokens: Tensor) -> Tensor:
        normed = self.norm1(tokens)
        return cast("Tensor", tokens + self.self_attn(normed, normed))

    def _mapped(self, tokens: Tensor, norm: nn.Module) -> Tensor:
        return cast("Tensor", tokens + self.linear2(functional.relu(self.linear1(norm(tokens)))))


class CrossViewLayer(_Layer):
    """Lets the tokens of all views speak to each other."""

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, T, W) to (N, T, W)."""
        return self._mapped(self._attended(tokens), self.norm2)


class TaskLayer(_Layer):
    """Lets task tokens ask the views' tokens."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.multihead_attn = Attention(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, tasks: Tensor, memory: Tensor) -> Tensor:
        """(N, T, W) asks (N, M, W); returns (N, T, W)."""
        tasks = self._attended(tasks)
        tasks = tasks + self.multihead_attn(self.norm2(tasks), memory)
        return self._mapped(tasks, self.norm3)
