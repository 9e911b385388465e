"""Scatter plots with the fitted curve, and the error-versus-discard plot. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import numpy as np

from ....core.errors import MissingExtra, WriteFailed
from ....core.scores import HEADS
from .correlation import Curve
from .discarding import Discarding
from .edc import DiscardCurve
from .evaluation import Evaluation

__all__ = ["draw_discarding", "draw_scatter"]

_INK: Final = "#1b2733"
_POINTS: Final = "#2a6f97"
_CURVE: Final = "#d1495b"
_COLOURS: Final = (
    "#d1495b",
    "#2a6f97",
    "#66a182",
    "#edae49",
    "#8d6a9f",
    "#5c8001",
    "#8a8d91",
    "#b5651d",
    "#17a2a2",
)
_STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titleweight": "bold",
    "font.size": 10.0,
    "grid.color": "#e4e7eb",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_DPI: Final = 130


def draw_scatter(evaluation: Evaluation, path: Path) -> None:
    """Draw predictions against ratings, one panel a head, with the curve and the numbers.

    Raises:
        MissingExtra: If matplotlib is not installed.
        WriteFailed: If the picture cannot be written.
    """
    heads = evaluation.subject.heads
    columns = min(3, len(heads))
    rows = -(-len(heads) // columns)
    with _figure(columns, rows) as (figure, axes):
        for axis, head in zip(axes, heads, strict=False):
            _panel(axis, evaluation, head)
        for axis in axes[len(heads) :]:
            axis.set_visible(False)
        figure.suptitle(
            f"{evaluation.subject.assessor}: {len(evaluation.examined.pictures)} pictures",
            fontweight="bold",
        )
        _save(figure, path)


def draw_discarding(discarding: Discarding, path: Path) -> None:
    """Draw FNMR against the share discarded, with random and ideal.

    Raises:
        MissingExtra: If matplotlib is not installed.
        WriteFailed: If the picture cannot be written.
    """
    with _figure(1, 1, width=7.2, height=4.6) as (figure, axes):
        axis = axes[0]
        for (name, curve), colour in zip(discarding.curves.items(), cycle(_COLOURS), strict=False):
            bold = name in HEADS
            label = f"{name} ({100 * curve.area(0.2):.1f} %)"
            x, y = _steps(curve)
            axis.step(
                x,
                y,
                where="post",
                color=colour,
                lw=2.4 if bold else 1.2,
                label=label,
                alpha=1.0 if bold else 0.8,
            )
        x, y = _steps(discarding.ideal)
        ideal = f"ideal ({100 * discarding.ideal.area(0.2):.1f} %)"
        axis.plot(x, y, color=_INK, lw=1.2, ls=":", label=ideal)
        random = f"random ({100 * discarding.fnmr:.1f} %)"
        axis.axhline(100 * discarding.fnmr, color=_INK, lw=1.2, ls="--", label=random)
        axis.set_xlim(0, 60)
        axis.set_ylim(0, min(100.0, max(125 * discarding.fnmr, 1.0)))
        axis.set_xlabel("comparisons discarded, worst first (%)")
        axis.set_ylabel("false non-matches among the kept (%)")
        axis.set_title(
            f"{discarding.recogniser}: FMR 1 %, {discarding.genuine} genuine pairs",
            loc="left",
        )
        axis.legend(
            frameon=False,
            title="mean FNMR to 20 % discard",
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            borderaxespad=0,
        )
        _save(figure, path)


def _panel(axis: Any, evaluation: Evaluation, head: str) -> None:
    (agreement,) = evaluation.of(evaluation.subject.assessor, head)
    predicted = evaluation.examined.scores[:, HEADS.index(head)]
    rated = evaluation.examined.ratings(head)
    predicted, rated = predicted[np.isfinite(rated)], rated[np.isfinite(rated)]
    size = float(np.clip(4000 / len(rated), 4, 22))
    axis.scatter(predicted, rated, s=size, c=_POINTS, alpha=0.35, linewidths=0, rasterized=True)
    if agreement.parameters:
        x = np.linspace(predicted.min(), predicted.max(), 200)
        y = Curve(agreement.curve, agreement.parameters)(x)
        axis.plot(x, y, color=_CURVE, lw=2.0)
    axis.set_title(head, loc="left")
    axis.set_xlim(-2, 102)
    axis.set_ylim(-2, 102)
    axis.set_xlabel("predicted")
    axis.set_ylabel("rated")
    numbers = (
        f"SRCC {agreement.srcc.value:.3f}\nPLCC {agreement.plcc.value:.3f}\n"
        f"RMSE {agreement.rmse.value:.1f}"
    )
    axis.text(
        0.03,
        0.97,
        numbers,
        transform=axis.transAxes,
        va="top",
        linespacing=1.35,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 2.5},
    )


@contextmanager
def _figure(
    columns: int, rows: int, width: float = 3.5, height: float = 3.4
) -> Iterator[tuple[Any, list[Any]]]:
    """A figure in our style and its axes, drawn without a display and without global state."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("drawing plots", "bench") from error
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
        for axis in axes:
            axis.grid(visible=True, lw=0.8)
            axis.set_axisbelow(True)
        yield figure, axes


def _steps(curve: DiscardCurve) -> tuple[Any, Any]:
    return 100 * curve.discarded, 100 * curve.fnmr


def _save(figure: Any, path: Path) -> None:
    try:
        figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    except OSError as error:
        raise WriteFailed(
            f"expected to be able to write {path}, got an error ({error.strerror or error})"
        ) from error
