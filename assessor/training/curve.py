"""Draws a training run's curve: SRCC of every head on held-out pictures, and the loss."""

from __future__ import annotations

import csv
from pathlib import Path

from ...core.errors import InvalidInput, MissingExtra

__all__ = ["plot_curve"]


def plot_curve(table: Path, picture: Path) -> None:
    """Draw ``curve.csv`` as PNG.

    Raises:
        InvalidInput: If the table holds no measurement.
        MissingExtra: If matplotlib is absent.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("the training curve", "bench") from error
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if not rows:
        raise InvalidInput(f"expected measurements in {table}, got none")
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=[2, 1])
    seen = [int(row["pictures"]) / 1000 for row in rows]
    for column in rows[0]:
        if column.startswith("srcc_"):
            label = column.removeprefix("srcc_").replace("_", " ")
            values = [float(row[column]) for row in rows]
            style = "--" if "source" in label else "-"
            left.plot(seen, values, style, marker="o", markersize=3, label=label)
    left.set(xlabel="thousand pictures seen", ylabel="SRCC, held-out pictures", ylim=(None, 1.0))
    left.legend(fontsize=8, loc="lower right")
    right.plot(seen, [float(row["loss"]) for row in rows], marker="o", markersize=3, color="0.3")
    right.set(xlabel="thousand pictures seen", ylabel="training loss")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(picture, dpi=110)
