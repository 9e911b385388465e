"""Draws a calibration: does the risk mean what it says, and what does each threshold lose?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from ...guards.calibration import HELD_BACK, LOST, THRESHOLDS, WHOLE, upper_bound
from ..panels import two_panels
from .calibrating import Calibration

__all__ = ["draw_calibration"]

_INK: Final = "#1b2733"
_RISK: Final = "#d1495b"
_BOUND: Final = "#2a6f97"
_GRID: Final = "#e4e7eb"
_BINS: Final = 8
_LEAST_SHOWN: Final = 5


def draw_calibration(found: Calibration, alpha: float, delta: float, path: Path) -> None:
    """Draw both panels.

    Args:
        found: The calibration.
        alpha: Share that may be lost.
        delta: Probability with which that may be exceeded.
        path: Where to.

    Raises:
        MissingExtra: If matplotlib is not installed.
        WriteFailed: If the picture cannot be written.
    """
    with two_panels(path, "tune") as (left, right):
        _reliability(left, found)
        _thresholds(right, found, alpha, delta)


def _reliability(axis: Any, found: Calibration) -> None:
    """Share of lost restorations by predicted risk, in bins of equally many pairs."""
    risk = np.array([pair.evidence.identity_risk for pair in found.pairs])
    lost = np.array([pair.lost[WHOLE] for pair in found.pairs], float)
    axis.plot([0, 1], [0, 1], color=_INK, lw=1.0, ls="--", label="as it says")
    parts = [part for part in np.array_split(np.argsort(risk, kind="stable"), _BINS) if len(part)]
    if parts:
        x = [float(risk[part].mean()) for part in parts]
        y = [float(lost[part].mean()) for part in parts]
        axis.plot(x, y, color=_RISK, marker="o", lw=1.6, label=f"an eighth of {len(risk)} pairs")
    axis.set_xlabel("identity_risk of the restoration, mean")
    axis.set_ylabel("share that lost the person")
    axis.set_title("Does the risk say how much is lost?", loc="left", fontweight="bold")
    _finish(axis)


def _thresholds(axis: Any, found: Calibration, alpha: float, delta: float) -> None:
    """Loss, its exact bound and what is delivered, by threshold."""
    delivered = (found.fates != HELD_BACK).sum(axis=0)
    lost = (found.fates == LOST).sum(axis=0)
    shown = np.flatnonzero(delivered >= _LEAST_SHOWN)
    at = np.array(THRESHOLDS)[shown]
    bounds = [upper_bound(int(lost[i]), int(delivered[i]), delta) for i in shown]
    axis.plot(at, delivered[shown] / len(found.fates), color="#9aa5b1", lw=1.4, label="delivered")
    axis.plot(at, lost[shown] / delivered[shown], color=_RISK, lw=1.6, label="lost of these")
    label = f"its upper bound, {100 * (1 - delta):g} % sure"
    axis.plot(at, bounds, color=_BOUND, lw=1.6, label=label)
    axis.axhline(alpha, color=_INK, lw=1.0, ls="--", label=f"alpha {alpha:g}")
    if found.result.threshold is not None:
        axis.axvline(found.result.threshold, color=_INK, lw=1.0)
        axis.annotate(
            f"chosen {found.result.threshold:.2f}",
            (found.result.threshold, 0.97),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=9,
        )
    axis.set_xlabel("max_identity_risk")
    axis.set_ylabel("share")
    axis.set_title("What each threshold delivers and loses", loc="left", fontweight="bold")
    _finish(axis)


def _finish(axis: Any) -> None:
    axis.set_xlim(-0.02, 1.02)
    axis.set_ylim(-0.02, 1.02)
    axis.set_axisbelow(True)
    axis.grid(visible=True, color=_GRID)
    axis.legend(frameon=False, fontsize=9, loc="best")
