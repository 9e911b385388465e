"""Figures of one face: the six scores as a radar, the drift of its regions as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from ..core.scores import HEADS, QualityScores
from ..guards.phrasebook import load_phrases
from ..guards.verdict import Evidence
from ..plugin.report.markup import Markup, join, tag

__all__ = ["region_bars", "score_radar"]

# The page's style sheet gives the lines their colours, so that they follow light and dark; dashes
# and marks tell them apart without colour.
_LINES: Final[tuple[dict[str, Any], ...]] = (
    {"line": {"dash": "dot", "width": 2}, "marker": {"symbol": "circle-open", "size": 7}},
    {"line": {"dash": "solid", "width": 2.5}, "marker": {"symbol": "circle", "size": 7}},
    {"line": {"dash": "dash", "width": 2.5}, "marker": {"symbol": "square", "size": 7}},
)


def score_radar(evidence: Evidence, guarded: Evidence | None) -> go.Figure:
    """Draw the six scores of LQ, HQ and the delivered mixture around a circle, 0 to 100.

    Args:
        evidence: Of HQ.
        guarded: Of the mixture, None where none is delivered.
    """
    series = [("Input", evidence.lq_scores), ("Restored", evidence.hq_scores)]
    if guarded is not None:
        series.append(("Delivered", guarded.hq_scores))
    corners = [_corner(head, [scores for _, scores in series]) for head in HEADS]
    figure = go.Figure()
    for (name, scores), look in zip(series, _LINES, strict=False):
        values = [getattr(scores, head) for head in HEADS]
        figure.add_trace(
            go.Scatterpolar(
                r=[*values, values[0]],
                theta=[*corners, corners[0]],
                name=name,
                mode="lines+markers",
                hovertemplate=f"{name}: %{{r:.1f}}<extra></extra>",
                **look,
            )
        )
    axis = {"range": [0, 100], "tickvals": [25, 50, 75], "angle": 60, "tickangle": 0}
    figure.update_layout(
        polar={
            "radialaxis": {**axis, "showline": False, "tickfont": {"size": 10}},
            "angularaxis": {"rotation": 90, "direction": "clockwise", "tickfont": {"size": 13}},
            "bgcolor": "rgba(0,0,0,0)",
        },
        paper_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif"},
        margin={"l": 70, "r": 70, "t": 44, "b": 34},
        showlegend=False,
        height=330,
        dragmode=False,
    )
    return figure


def _corner(head: str, scores: Sequence[QualityScores]) -> str:
    numbers = " → ".join(f"{getattr(one, head):.0f}" for one in scores)
    return f"{head}<br><b>{numbers}</b>"


def region_bars(evidence: Evidence) -> Markup:
    """Draw how far each region departs from the input, and which part of it is colour.

    Args:
        evidence: Of HQ; nothing where drift was not measured.
    """
    drift, colours = evidence.region_drift, evidence.region_colour_drift
    if drift is None:
        return Markup()
    rows = []
    for name, words in load_phrases().region.items():
        part = 0.0 if colours is None else min(colours[name], drift[name])
        bars = [_bar("hq", drift[name]), *([_bar("guarded", part)] if part >= 0.005 else [])]
        track = tag("svg", *bars, width="100%", height="12", aria_hidden="true", class_="region")
        said = tag("span", f"{drift[name]:.2f}", class_="region-number")
        rows.append(tag("li", tag("span", words, class_="region-name"), track, said))
    note = tag(
        "p",
        "0 as in the input, 1 contradicts it. Striped: the part that is colour. "
        "Left and right are the viewer's.",
        class_="note",
    )
    title = tag("h4", "Drift by region")
    return join([title, tag("ul", *rows, class_="regions"), note])


def _bar(key: str, share: float) -> Markup:
    width = f"{100 * max(share, 0.004):.1f}%"
    return tag("rect", class_=f"bar bar-{key}", x="1", y="1", width=width, height="10", rx="2")
