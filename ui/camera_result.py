"""The right side of the tab "Camera": what a tuning and a calibration fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from ..plugin.report.markup import join, tag
from .camera_room import CalibratedCamera, TunedCamera
from .camera_words import bound_words, over_words, sheet_words, table_words, tuned_words
from .context import CARD_CLASS
from .face_card import report_html
from .pareto import CLICKS_ON_LOAD, pareto_figure, point_label

__all__ = ["CameraResult", "add_camera_result"]

_HINT: Final = (
    "Give frames of one camera as it runs: 30 to 400, with 20 faces or more. Its best faces are "
    "degraded as the camera degrades, restorers, settings and limits are tried on them, and one "
    "choice is written into a profile."
)
_CHART: Final = (
    "Each point is one setting under one limit of the guard, over all self-made pairs. The stairs "
    "join what nothing beats; right of the dashed line more identities are lost than the budget "
    "allows. Click a large point, or choose it in the list, to see its faces."
)


@dataclass(frozen=True, slots=True, eq=False)
class CameraResult:
    """The components, in the order of the page."""

    status: gr.HTML
    bound: gr.HTML
    calibrated: gr.DownloadButton
    reliability: gr.Image
    said: gr.HTML
    profile: gr.DownloadButton
    report: gr.DownloadButton
    chart: gr.Column
    plot: gr.Plot
    points: gr.Radio
    sheet: gr.HTML
    tables: gr.Column
    finalists: gr.HTML
    camera: gr.HTML
    trials: gr.HTML

    @property
    def parts(self) -> list[Any]:
        """Everything that a callback may fill."""
        return [getattr(self, name) for name in self.__slots__]

    def show_tuned(self, tuned: TunedCamera) -> dict[Any, Any]:
        """The values of a tuning."""
        result, points = tuned.result, tuned.points
        chosen = None if result.chosen is None else result.chosen.outcome
        labels = [point_label(one, chosen=one[1] is chosen) for one in points]
        finalists, camera, trials = table_words(result)
        return {
            self.status: over_words(f"Tuned in {result.seconds / 60:.1f} minutes."),
            self.said: tuned_words(result),
            self.profile: gr.DownloadButton(value=tuned.profile, visible=True),
            self.report: gr.DownloadButton(value=tuned.report, visible=True),
            self.chart: gr.Column(visible=bool(points)),
            self.plot: pareto_figure(result, points),
            self.points: gr.Radio(
                [(label, number) for number, label in enumerate(labels)],
                value=tuned.at if points else None,
            ),
            self.sheet: sheet_words(tuned.faces, labels[tuned.at]) if points else "",
            self.tables: gr.Column(visible=True),
            self.finalists: finalists,
            self.camera: camera,
            self.trials: trials,
        }

    def show_calibrated(self, found: CalibratedCamera, alpha: float) -> dict[Any, Any]:
        """The values of a calibration."""
        over = "Calibrated." if found.profile else "Not calibrated; the profile is as it was."
        return {
            self.status: over_words(over),
            self.bound: bound_words(found.found, alpha, found.doubts),
            self.calibrated: gr.DownloadButton(value=found.profile, visible=bool(found.profile)),
            self.reliability: gr.Image(found.plot, visible=found.plot is not None),
        }


def add_camera_result(status: gr.HTML) -> CameraResult:
    """Add the right side of the tab; `status` stands beside the buttons."""
    bound = report_html(elem_id="camera-bound-said")
    with gr.Row(elem_classes=["ff-downloads"]):
        calibrated = _download("Calibrated profile (YAML)")
    reliability = gr.Image(
        label="Does the risk say how much is lost?",
        format="png",
        interactive=False,
        visible=False,
        buttons=["fullscreen"],
        elem_classes=["ff-white"],
        elem_id="camera-reliability",
    )
    said = report_html(tag("p", _HINT, class_="nothing hint"), elem_id="camera-said")
    with gr.Row(elem_classes=["ff-downloads"]):
        profile, report = _download("Profile (YAML)"), _download("Report of the tuning (HTML)")
    with gr.Column(visible=False, elem_classes=[CARD_CLASS]) as chart:
        drawn = _add_chart()
    with gr.Column(visible=False, elem_classes=[CARD_CLASS]) as tables:
        told = _add_tables()
    return CameraResult(
        status, bound, calibrated, reliability, said, profile, report, chart, *drawn, tables, *told
    )


def _add_chart() -> tuple[gr.Plot, gr.Radio, gr.HTML]:
    report_html(join([tag("h3", "Gain against losses"), tag("p", _CHART, class_="note")]))
    plot = gr.Plot(
        show_label=False,
        container=False,
        format="png",
        elem_classes=["ff-pareto"],
        elem_id="camera-pareto",
    )
    gr.HTML("", js_on_load=CLICKS_ON_LOAD, elem_id="camera-clicks")
    points = gr.Radio(
        [], label="Points that nothing beats", interactive=True, elem_id="camera-points"
    )
    return plot, points, report_html(elem_id="camera-sheet")


def _add_tables() -> tuple[gr.HTML, gr.HTML, gr.HTML]:
    report_html(tag("h3", "The finalists on the camera's own faces"))
    finalists = report_html(elem_id="camera-finalists")
    with gr.Accordion("What the camera's faces look like", open=False):
        camera = report_html(elem_id="camera-description")
    with gr.Accordion("Everything that was tried", open=False):
        trials = report_html(elem_id="camera-trials")
    return finalists, camera, trials


def _download(label: str) -> gr.DownloadButton:
    return gr.DownloadButton(label, visible=False, size="sm")
