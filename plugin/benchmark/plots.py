"""The reliability of the risk, and what each rule keeps and loses, in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..panels import two_panels
from .columns import Columns, Rule

__all__ = ["draw_guard"]

_INK: Final = "#1b2733"
_GUARD: Final = "#d1495b"
_OTHER: Final = "#2a6f97"
_SIMPLE_RULES: Final = 4
_CROWDED: Final = 15.0
"""Percent of the gain within which two names would overlap."""


def draw_guard(
    rules: Sequence[Rule],
    columns: Columns,
    bins: Sequence[tuple[float, float, int]],
    path: Path,
) -> None:
    """Draw both panels.

    Args:
        rules: The four simple rules, then the policies.
        columns: The pairs that they were applied to.
        bins: Mean risk, share that came true and pairs, by tenth.
        path: Where to.

    Raises:
        MissingExtra: If matplotlib is not installed.
        WriteFailed: If the picture cannot be written.
    """
    with two_panels(path, "bench") as (left, right):
        _reliability(left, bins)
        _prices(right, rules, columns)


def _reliability(axis: Any, bins: Sequence[tuple[float, float, int]]) -> None:
    predicted, truth, counts = zip(*bins, strict=True)
    most = max(counts)
    axis.plot([0, 1], [0, 1], color=_INK, lw=1.0, ls="--")
    axis.plot(predicted, truth, color=_GUARD, lw=1.6)
    axis.scatter(predicted, truth, s=[15 + 140 * n / most for n in counts], color=_GUARD)
    axis.set_xlabel("identity_risk, mean of a tenth")
    axis.set_ylabel("share that came true")
    axis.set_title("Reliability; area: pairs", loc="left", fontweight="bold")
    axis.set_xlim(-0.03, 1.03)
    axis.set_ylim(-0.03, 1.03)
    axis.set_axisbelow(True)
    axis.grid(visible=True, color="#e4e7eb")


def _prices(axis: Any, rules: Sequence[Rule], columns: Columns) -> None:
    whole = np.maximum(columns.gain, 0.0).sum()
    below: list[float] = []
    for index, rule in enumerate(rules):
        lost = columns.lq_rank1 & ~rule.rank1
        x = 100 * rule.gain.sum() / whole if whole > 0 else 0.0
        y = 100 * lost.mean()
        simple = index < _SIMPLE_RULES
        colour = _OTHER if simple else _GUARD
        axis.scatter([x], [y], color=colour, s=42, zorder=3)
        shown = rule.name.split(",", maxsplit=1)[0].split(":", maxsplit=1)[0]
        # Policies stand close together, near nobody lost: their names go below, one line each.
        crowd = sum(abs(x - other) < _CROWDED for other in below)
        place = 4 if simple else -11 * (1 + crowd)
        below += [] if simple else [x]
        axis.annotate(shown, (x, y), xytext=(5, place), fontsize=9, textcoords="offset points")
    axis.set_xlabel("overall gained (% of the gain on offer)")
    axis.set_ylabel("persons lost (% of all pairs)")
    axis.set_title("What a rule keeps and loses", loc="left", fontweight="bold")
    axis.margins(x=0.22, y=0.12)
    axis.grid(visible=True, color="#e4e7eb")
