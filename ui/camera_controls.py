"""The left side of the tab "Camera": frames, how far the search goes, and what is calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from ..core.errors import InvalidInput
from ..guards.identity import embedder_names
from ..guards.policy import load_policy, policy_names
from ..plugin.tuning.search import SearchPlan
from ..plugin.tuning.tuner import TuningRequest
from .camera_room import PairsAsked
from .face_card import report_html
from .settings_controls import restorer_choices

__all__ = ["CalibrateControls", "TuneControls", "add_controls"]

_EVERY_POLICY: Final = "every policy"
_SELF_MADE: Final = "Self-made, of the frames above"
_BROUGHT: Final = "A table that I bring"
_UPLOADS: Final = ("the pictures above", "")


@dataclass(frozen=True, slots=True, eq=False)
class TuneControls:
    """What a tuning is asked for, in the order of the fields, and its two buttons."""

    frames: gr.File
    folder: gr.Dropdown
    aligned: gr.Checkbox
    name: gr.Textbox
    restorers: gr.Dropdown
    policy: gr.Dropdown
    trials: gr.Slider
    minutes: gr.Slider
    budget: gr.Slider
    pairs: gr.Slider
    run: gr.Button
    stop: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """Everything that is asked."""
        return [getattr(self, name) for name in self.__slots__[:-2]]

    def asked(self, given: Mapping[Any, Any]) -> TuningRequest:
        """What the controls say; raises InvalidInput where it cannot be meant."""
        policy = given[self.policy]
        return TuningRequest(
            camera=given[self.name].strip() or "camera",
            aligned=given[self.aligned],
            restorers=tuple(given[self.restorers]) or None,
            policy=None if policy == _EVERY_POLICY else policy,
            pairs=int(given[self.pairs]),
            plan=SearchPlan(
                int(given[self.trials]), 60 * given[self.minutes], budget=given[self.budget]
            ),
        )


@dataclass(frozen=True, slots=True, eq=False)
class CalibrateControls:
    """What a calibration is asked for beside the frames, and its button."""

    profile: gr.File
    source: gr.Radio
    table: gr.File
    pictures: gr.File
    alpha: gr.Number
    delta: gr.Number
    recogniser: gr.Dropdown
    run: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """Everything that is asked."""
        return [getattr(self, name) for name in self.__slots__[:-1]]

    def asked(self, given: Mapping[Any, Any], aligned: bool) -> PairsAsked:
        """What the controls say, for pictures that are aligned or not."""
        made = given[self.source] == _SELF_MADE
        table = None if made else given[self.table]
        if not made and table is None:
            raise InvalidInput("expected a table of pairs, got none; upload a CSV and its pictures")
        return PairsAsked(
            profile=given[self.profile],
            table=table,
            pictures=() if made else tuple(given[self.pictures] or ()),
            aligned=aligned,
            alpha=given[self.alpha],
            delta=given[self.delta],
            recogniser=given[self.recogniser],
        )


def add_controls(folders: Sequence[str]) -> tuple[TuneControls, CalibrateControls, gr.HTML]:
    """Add the left side of the tab, and where it says how far the work is.

    Args:
        folders: Names of the folders that the operator opened to the page.
    """
    frames = gr.File(
        label="Frames of one camera",
        file_count="multiple",
        file_types=["image"],
        height=140,
        elem_id="camera-frames",
    )
    folder = gr.Dropdown(
        [_UPLOADS, *((one, one) for one in folders)],
        value="",
        label="Or a folder of this server",
        filterable=False,
        visible=bool(folders),
    )
    aligned = gr.Checkbox(label="Every picture is one aligned face")
    name = gr.Textbox(
        "camera", label="Name of the camera", max_lines=1, max_length=60, elem_id="camera-name"
    )
    with gr.Accordion("How far the search goes", open=False):
        searched = _add_search()
    with gr.Row():
        run = gr.Button("Tune", variant="primary", size="lg", elem_id="camera-tune")
        stop = gr.Button("Stop", size="lg", visible=False, elem_id="camera-stop")
    status = report_html(elem_id="camera-status")
    tune = TuneControls(frames, folder, aligned, name, *searched, run, stop)
    with gr.Accordion("Calibrate: a bound on what is lost", open=False, elem_id="camera-bound"):
        calibrate = _add_calibrate()
    return tune, calibrate, status


def _add_search() -> tuple[gr.Dropdown, gr.Dropdown, gr.Slider, gr.Slider, gr.Slider, gr.Slider]:
    restorers = gr.Dropdown(
        restorer_choices(),
        multiselect=True,
        value=[],
        label="Restorers",
        info="None chosen: every one that runs here.",
    )
    changing = [name for name in policy_names() if load_policy(name).changes_pixels]
    policy = gr.Dropdown(
        [_EVERY_POLICY, *changing],
        value=_EVERY_POLICY,
        label="Policies",
        info="One alone is tried with its own risk limit and tighter ones.",
        filterable=False,
    )
    trials = gr.Slider(1, 60, 30, step=1, label="Settings to try, at most", buttons=["reset"])
    minutes = gr.Slider(1, 60, 13, step=1, label="Minutes for search and check", buttons=["reset"])
    budget = gr.Slider(
        0.01,
        0.5,
        0.05,
        step=0.01,
        label="Share of faces that may lose the person",
        buttons=["reset"],
    )
    pairs = gr.Slider(4, 80, 40, step=1, label="Self-made pairs, at most", buttons=["reset"])
    return restorers, policy, trials, minutes, budget, pairs


def _add_calibrate() -> CalibrateControls:
    profile = gr.File(
        label="Profile; empty: the one tuned here",
        file_types=[".yaml", ".yml"],
        height=110,
        elem_id="camera-profile",
    )
    source = gr.Radio([_SELF_MADE, _BROUGHT], value=_SELF_MADE, label="Pairs whose truth is known")
    with gr.Column(visible=False) as brought:
        table = gr.File(
            label="Table (CSV): lq,hq,truth or lq,hq,lost",
            file_types=[".csv"],
            height=110,
            elem_id="camera-pairs",
        )
        pictures = gr.File(
            label="Its pictures, each with its own name",
            file_count="multiple",
            file_types=["image"],
            height=110,
            elem_id="camera-pair-pictures",
        )
    with gr.Row():
        alpha = gr.Number(0.05, label="Alpha: may be lost", minimum=0, maximum=1, min_width=120)
        delta = gr.Number(0.1, label="Delta: may be wrong", minimum=0, maximum=1, min_width=120)
    recogniser = gr.Dropdown(
        list(embedder_names()),
        value="dlib",
        label="Who tells what is lost",
        info="Best one that is not the guard's own, which is dlib.",
        filterable=False,
    )
    run = gr.Button("Calibrate", variant="primary", elem_id="camera-calibrate")
    source.change(
        lambda said: gr.Column(visible=said == _BROUGHT),
        source,
        brought,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return CalibrateControls(profile, source, table, pictures, alpha, delta, recogniser, run)
