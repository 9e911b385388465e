"""The chart of a tuning: gain against identities lost, whose marked points can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from ..plugin.tuning.outcomes import Outcome, Trial
from ..plugin.tuning.result import TuningResult

__all__ = ["CLICKS_ON_LOAD", "pareto_figure", "point_label"]

Point = tuple[Trial, Outcome]

_NONE: Final = -1
"""Stands for no marked point."""

_AXIS: Final[dict[str, Any]] = {
    "fixedrange": True,
    "zeroline": False,
    "showline": False,
    "tickfont": {"size": 12},
}


def point_label(point: Point, *, chosen: bool) -> str:
    """One point in words."""
    trial, outcome = point
    marked = " (chosen)" if chosen else ""
    return (
        f"gain {outcome.merit:+.1f}, {100 * outcome.loss:.1f} % lost{marked}: "
        f"{trial.choice.label}, {outcome.limit.label}"
    )


def pareto_figure(result: TuningResult, marked: Sequence[Point]) -> go.Figure:
    """Draw every outcome of the complete trials, and on top those that can be clicked.

    Colours come from the page's style sheet, which follows light and dark.

    Args:
        result: The tuning.
        marked: What can be clicked; a point's place is its number.
    """
    every = [
        (trial, one)
        for trial in result.trials
        if trial.complete
        for one in trial.outcomes
        if one.delivered
    ]
    at = {"x": [one.loss for _, one in marked], "y": [one.merit for _, one in marked]}
    # What lies under a marked point takes the click in its place.
    numbers = {_place(one): number for number, (_, one) in enumerate(marked)}
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=[one.loss for _, one in every],
            y=[one.merit for _, one in every],
            text=[point_label(point, chosen=False) for point in every],
            customdata=[numbers.get(_place(one), _NONE) for _, one in every],
            mode="markers",
            marker={"size": 6},
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.add_trace(go.Scatter(**at, mode="lines", line={"shape": "hv"}, hoverinfo="skip"))
    chosen = [result.chosen is not None and one is result.chosen.outcome for _, one in marked]
    figure.add_trace(
        go.Scatter(
            **at,
            text=[point_label(p, chosen=mark) for p, mark in zip(marked, chosen, strict=True)],
            customdata=list(range(len(marked))),
            mode="markers",
            marker={
                "size": [17 if mark else 12 for mark in chosen],
                "symbol": ["diamond" if mark else "circle" for mark in chosen],
            },
            hovertemplate="%{text}<br>click to see faces<extra></extra>",
        )
    )
    _lay_out(figure, result, max([one.loss for _, one in every], default=0.0))
    return figure


def _place(outcome: Outcome) -> tuple[float, float]:
    return outcome.loss, outcome.merit


def _lay_out(figure: go.Figure, result: TuningResult, most: float) -> None:
    right = 1.05 * max(most, 1.6 * result.budget)
    over = {"fillcolor": "rgba(200, 70, 50, 0.10)", "line_width": 0, "layer": "below"}
    figure.add_vrect(x0=result.budget, x1=right, **over)
    figure.add_vline(
        x=result.budget,
        line_dash="dash",
        annotation_text=f"budget {100 * result.budget:g} %",
        annotation_position="top right",
    )
    losses = "share of faces whose identity is lost"
    figure.update_layout(
        xaxis={**_AXIS, "title": {"text": losses}, "tickformat": ".0%", "range": [-0.003, right]},
        yaxis={**_AXIS, "title": {"text": "true gain of overall"}},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif"},
        margin={"l": 56, "r": 12, "t": 14, "b": 50},
        showlegend=False,
        height=380,
        dragmode=False,
        hovermode="closest",
        clickmode="event",
    )


CLICKS_ON_LOAD: Final = """
const bind = () => {
  const plot = document.querySelector("#camera-pareto .js-plotly-plot");
  if (!plot || !plot.on || !plot._ev || plot.ffBound === plot._ev) return;
  plot.ffBound = plot._ev;
  plot.on("plotly_click", (event) => {
    const point = event.points.find((one) => one.customdata >= 0);
    if (point) document.querySelectorAll("#camera-points input")[point.customdata]?.click();
  });
};
clearInterval(window.ffPareto);
window.ffPareto = setInterval(bind, 300);
"""
"""JavaScript for `gr.HTML(js_on_load=...)`: a plot of Gradio has no event for a click."""
