"""Inline SVG charts: lengths in per cent of the width, text in px, so that text never shrinks.

Series differ by outline, fill and texture, not by colour alone, and every bar carries its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...core.scores import HEADS, QualityScores
from .markup import Markup, join, tag

__all__ = ["Series", "decision_strip", "legend", "risk_gauge", "score_chart"]

_BAR_PX: Final = 9
_STEP_PX: Final = 13
_GAP_PX: Final = 14
_TOP_PX: Final = 8
_AXIS_PX: Final = 20
_PLOT: Final = {"x": "27%", "width": "65%", "overflow": "visible"}
_LABEL_X: Final = "25%"


@dataclass(frozen=True, slots=True)
class Series:
    """One set of scores in the chart.

    Attributes:
        key: "lq", "hq" or "guarded"; decides how its bars look.
        label: Its name in the legend.
        scores: The six scores.
    """

    key: str
    label: str
    scores: QualityScores


def _per_cent(value: float) -> str:
    return f"{100 * value:.1f}%"


def legend(entries: Sequence[tuple[str, str]]) -> Markup:
    """Name the series, each beside a swatch; ``entries`` are (key, label)."""
    items = (
        tag(
            "li",
            tag(
                "svg",
                tag("rect", class_=f"bar bar-{key}", x="1", y="1", width="20", height="9", rx="2"),
                width="22",
                height="11",
                aria_hidden="true",
            ),
            label,
        )
        for key, label in entries
    )
    return tag("ul", join(items), class_="legend")


def _percent_words(value: float) -> str:
    return f"{100 * value:.1f} %"


def _bar(key: str, share: float, y: float) -> Markup:
    return tag(
        "rect",
        class_=f"bar bar-{key}",
        x="0",
        y=f"{y:g}",
        width=_per_cent(share),
        height=_BAR_PX,
        rx="2",
    )


def _value(words: str, x: str, middle: float) -> Markup:
    """Write a number to the right of ``x``."""
    return tag("text", words, class_="value", x=x, dx="7", y=f"{middle:g}", dy=".35em")


def _grid(height: float, ticks: Sequence[float]) -> Markup:
    lines = (
        tag("line", class_="grid", x1=_per_cent(t), x2=_per_cent(t), y1="0", y2=f"{height:g}")
        for t in ticks
    )
    return join(lines)


def score_chart(series: Sequence[Series]) -> Markup:
    """Draw the six scores of two or three faces as grouped horizontal bars.

    Args:
        series: In the order of the legend; scores run from 0 to 100.
    """
    group_px = len(series) * _STEP_PX + _GAP_PX
    height = _TOP_PX + len(HEADS) * group_px
    bars, labels, spoken = [], [], []
    for row, head in enumerate(HEADS):
        top = _TOP_PX + row * group_px
        middle = top + (len(series) * _STEP_PX - (_STEP_PX - _BAR_PX)) / 2
        labels.append(tag("text", head, class_="head", x=_LABEL_X, y=f"{middle:g}", dy=".35em"))
        values = [getattr(one.scores, head) for one in series]
        for index, (one, value) in enumerate(zip(series, values, strict=True)):
            y = top + index * _STEP_PX
            bars.append(_bar(one.key, value / 100, y))
            bars.append(_value(f"{value:.0f}", _per_cent(value / 100), y + _BAR_PX / 2))
        spoken.append(
            f"{head} "
            + ", ".join(
                f"{one.label.lower()} {value:.0f}"
                for one, value in zip(series, values, strict=True)
            )
        )
    axis = (
        tag("text", f"{tick}", class_="axis", x=f"{tick}%", y=f"{height + 14 - _GAP_PX / 2:g}")
        for tick in (0, 50, 100)
    )
    plot = tag("svg", _grid(height - _GAP_PX / 2, (0, 0.25, 0.5, 0.75, 1)), *bars, *axis, **_PLOT)
    return tag(
        "svg",
        join(labels),
        plot,
        class_="chart",
        width="100%",
        height=f"{height + _AXIS_PX - _GAP_PX / 2:g}",
        role="img",
        aria_label="Six scores from 0 to 100. " + "; ".join(spoken),
    )


def risk_gauge(
    risks: Sequence[tuple[str, str, float]], limit: float, name: str = "Identity risk"
) -> Markup:
    """Draw a risk against the policy's limit.

    Args:
        risks: (key, label, risk) with the risk in 0..1: the restoration, perhaps the mixture.
        limit: Highest risk that the policy delivers, 0..1.
        name: What is drawn, for those who hear it.
    """
    top, step = 24, 24
    height = top + step * len(risks)
    plot = [
        tag(
            "rect", class_="zone-within", x="0", y=top, width=_per_cent(limit), height=height - top
        ),
        tag(
            "rect",
            class_="zone-above",
            x=_per_cent(limit),
            y=top,
            width=_per_cent(1 - limit),
            height=height - top,
        ),
    ]
    for index, (key, _, risk) in enumerate(risks):
        plot.append(_bar(key, risk, top + 7.5 + index * step))
        plot.append(_value(_percent_words(risk), "100%", top + 12 + index * step))
    place = {"x1": _per_cent(limit), "x2": _per_cent(limit), "y1": top - 6, "y2": height}
    plot += [tag("line", class_=kind, **place) for kind in ("limit-halo", "limit")]
    side = "start" if limit < 0.15 else "end" if limit > 0.85 else "middle"
    words = f"limit {_percent_words(limit)}"
    plot.append(tag("text", words, class_="axis", x=_per_cent(limit), y=top - 10, text_anchor=side))
    labels = (
        tag("text", label, class_="head", x=_LABEL_X, y=top + 12 + index * step, dy=".35em")
        for index, (_, label, _) in enumerate(risks)
    )
    spoken = ", ".join(f"{label.lower()} {risk:.1%}" for _, label, risk in risks)
    return tag(
        "svg",
        *labels,
        tag("svg", *plot, **(_PLOT | {"width": "59%"})),
        class_="chart gauge",
        width="100%",
        height=height + 2,
        role="img",
        aria_label=f"{name}: {spoken}; the policy's limit is {limit:.1%}",
    )


def decision_strip(counts: Sequence[tuple[str, int]]) -> Markup:
    """Draw how the decisions share the whole; decoration beside the badges that count them."""
    total = sum(count for _, count in counts) or 1
    parts, start = [], 0.0
    for key, count in counts:
        share = count / total
        parts.append(
            tag(
                "rect",
                class_=f"part-{key}",
                x=_per_cent(start),
                y="0",
                width=_per_cent(share),
                height="8",
            )
        )
        start += share
    return tag("svg", *parts, class_="strip", width="100%", height="8", aria_hidden="true")
