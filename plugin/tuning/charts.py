"""Inline SVG of the tuning page: the Pareto chart, and how a measure is spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ..report.markup import Markup, join, tag
from .choosing import Candidate
from .front import pareto_front
from .outcomes import Outcome, Trial

__all__ = ["pareto_chart", "spread_chart"]

_WIDTH: Final = 860
_HEIGHT: Final = 420
_LEFT: Final = 58
_RIGHT: Final = 18
_TOP: Final = 16
_BOTTOM: Final = 46
_BINS: Final = 16


class _Axes:
    """From share lost and gain to px."""

    def __init__(self, points: Sequence[Outcome], budget: float) -> None:
        losses = [one.loss for one in points]
        gains = [one.merit for one in points]
        self.most_loss = max([1.6 * budget, *losses]) * 1.05
        self.gain_step = _step(max([1.0, *gains]) - min([0.0, *gains]))
        self.low = math.floor(min([0.0, *gains]) / self.gain_step) * self.gain_step
        self.high = math.ceil(max([1.0, *gains]) / self.gain_step) * self.gain_step
        self.loss_step = _step(100 * self.most_loss) / 100

    def x(self, loss: float) -> float:
        return round(_LEFT + loss / self.most_loss * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, gain: float) -> float:
        share = (gain - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _step(span: float) -> float:
    """A round step that parts a span into four to nine."""
    rough = max(span, 1e-6) / 5
    power = 10 ** math.floor(math.log10(rough))
    return float(next(f * power for f in (1, 2, 5, 10) if f * power >= rough * 0.999))


def pareto_chart(trials: Sequence[Trial], chosen: Candidate | None, budget: float) -> Markup:
    """Draw every outcome of the complete trials, the front, the budget and the choice.

    Args:
        trials: What was tried.
        chosen: What was picked, None where nothing was.
        budget: Highest share lost, 0..1.
    """
    every = [one for trial in trials if trial.complete for one in trial.outcomes if one.delivered]
    front = [outcome for _, outcome in pareto_front(trials)]
    axes = _Axes(every, budget)
    inside = [_budget(axes, budget), *_grid(axes)]
    inside += [_point(axes, one, "point", 3) for one in every]
    steps = _stairs(axes, front)
    inside.append(tag("polyline", class_="front", points=steps))
    inside += [_point(axes, one, "on-front", 4) for one in front]
    if chosen is not None:
        inside.append(_point(axes, chosen.outcome, "picked", 9))
        x, y = axes.x(chosen.outcome.loss), axes.y(chosen.outcome.merit)
        far = x > _WIDTH * 0.7
        inside.append(
            tag(
                "text",
                "chosen",
                class_="picked-label",
                x=x + (-14 if far else 14),
                y=y + 20,
                text_anchor="end" if far else "start",
            )
        )
    words = f"{len(every)} outcomes, {len(front)} on the front"
    return tag(
        "svg",
        *inside,
        class_="pareto",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=f"True gain of overall against the share of identities lost: {words}",
    )


def _stairs(axes: _Axes, front: Sequence[Outcome]) -> str:
    """What can be had at most for every share lost."""
    corners: list[str] = []
    for one in front:
        x, y = axes.x(one.loss), axes.y(one.merit)
        if corners:
            corners.append(f"{x},{corners[-1].split(',')[1]}")
        corners.append(f"{x},{y}")
    return " ".join(corners)


def _point(axes: _Axes, one: Outcome, kind: str, radius: int) -> Markup:
    return tag("circle", class_=kind, cx=axes.x(one.loss), cy=axes.y(one.merit), r=radius)


def _budget(axes: _Axes, budget: float) -> Markup:
    x, foot = axes.x(budget), _HEIGHT - _BOTTOM
    return join(
        [
            tag("rect", class_="over", x=x, y=_TOP, width=_WIDTH - _RIGHT - x, height=foot - _TOP),
            tag("line", class_="budget", x1=x, x2=x, y1=_TOP, y2=foot),
            tag("text", f"budget {100 * budget:g} %", x=x + 6, y=_TOP + 14),
        ]
    )


def _grid(axes: _Axes) -> list[Markup]:
    drawn = []
    foot = _HEIGHT - _BOTTOM
    for number in range(round((axes.high - axes.low) / axes.gain_step) + 1):
        gain = axes.low + number * axes.gain_step
        y = axes.y(gain)
        drawn.append(tag("line", class_="grid", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y))
        drawn.append(tag("text", f"{gain:+g}", x=_LEFT - 8, y=y + 4, text_anchor="end"))
    for number in range(int(axes.most_loss / axes.loss_step) + 1):
        loss = number * axes.loss_step
        words = f"{100 * loss:g} %"
        drawn.append(tag("text", words, x=axes.x(loss), y=foot + 18, text_anchor="middle"))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(
        tag(
            "text",
            "share of faces whose identity is lost, estimated",
            x=middle,
            y=_HEIGHT - 6,
            text_anchor="middle",
        )
    )
    turn = f"rotate(-90 14 {foot / 2:g})"
    drawn.append(
        tag("text", "true gain of overall", x=14, y=foot / 2, transform=turn, text_anchor="middle")
    )
    return drawn


def spread_chart(values: Sequence[float], label: str) -> Markup:
    """Draw a histogram without axes; its row of the table has the numbers."""
    counts, _ = np.histogram(values, bins=_BINS)
    tallest = max(int(counts.max()), 1)
    bars = (
        tag(
            "rect",
            x=f"{100 * index / _BINS:.2f}%",
            y=f"{32 - 30 * count / tallest:.1f}",
            width=f"{92 / _BINS:.2f}%",
            height=f"{30 * count / tallest:.1f}",
        )
        for index, count in enumerate(counts)
        if count
    )
    line = tag("line", x1="0", x2="100%", y1="33", y2="33")
    return tag("svg", *bars, line, class_="spread", role="img", aria_label=f"spread of {label}")
