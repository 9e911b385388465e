"""The tab "Camera": tune on a camera's frames, look at what came of it, and calibrate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import gradio as gr

from ..core.errors import FaceFidelityError, WorkStopped
from .answers import answering
from .camera_controls import CalibrateControls, TuneControls, add_controls
from .camera_result import CameraResult, add_camera_result
from .camera_room import CameraRoom
from .camera_words import over_words, refusal_words, sheet_words, stage_words
from .context import PageContext
from .jobs import Job
from .pareto import point_label
from .result_view import NETWORKS

__all__ = ["add_camera_tab"]

_TICK_SECONDS: Final = 0.5
_LONG: Final[dict[str, Any]] = {"concurrency_id": "camera", "concurrency_limit": 1}
"""Long work waits for long work only: the rest of the page answers meanwhile."""
_STOPPED: Final = "Stopped. What was measured is kept: the same again goes on from there."
_STOPPING: Final = "Stopping after the face in hand."

Values = Iterator[dict[Any, Any]]
Given = dict[Any, Any]
"""What stands in each control."""


def add_camera_tab(page: PageContext) -> None:
    """Add the tab; call it where tabs may be added."""
    room = CameraRoom(page)
    with gr.Tab("Camera", id="camera"), gr.Row(elem_classes=["ff-sides"]):
        with gr.Column(scale=0, min_width=340, elem_classes=["ff-controls"]):
            tune, calibrate, status = add_controls(room.folders)
        with gr.Column(scale=1, min_width=320, elem_classes=["ff-result"]):
            result = add_camera_result(status)
    _wire_tuning(room, tune, calibrate, result)
    _wire_calibrating(room, tune, calibrate, result)
    _wire_points(room, result)

    def stop(request: gr.Request) -> Any:
        return over_words(_STOPPING) if room.stop(_session(request)) else gr.skip()

    tune.stop.click(
        answering(stop),
        None,
        result.status,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


def _wire_tuning(
    room: CameraRoom, tune: TuneControls, calibrate: CalibrateControls, result: CameraResult
) -> None:
    def run(given: Given, request: gr.Request) -> Values:
        session = _session(request)

        def begin() -> Job:
            asked = tune.asked(given)
            frames = room.frames(session, given[tune.frames], given[tune.folder])
            return room.begin_tuning(session, frames, given[tune.folder], asked)

        seconds = 60 * given[tune.minutes]
        yield from _follow(begin, tune, calibrate, result, seconds, result.show_tuned)

    tune.run.click(
        answering(run),
        set(tune.inputs),
        [*result.parts, tune.run, tune.stop, calibrate.run],
        show_progress="hidden",
        api_visibility="private",
        **_LONG,
    )


def _wire_calibrating(
    room: CameraRoom, tune: TuneControls, calibrate: CalibrateControls, result: CameraResult
) -> None:
    def run(given: Given, request: gr.Request) -> Values:
        session = _session(request)

        def begin() -> Job:
            asked = calibrate.asked(given, given[tune.aligned])
            frames: tuple[Path, ...] = ()
            if asked.table is None:
                frames = room.frames(session, given[tune.frames], given[tune.folder])
            return room.begin_calibrating(session, asked, frames)

        def show(found: Any) -> dict[Any, Any]:
            return result.show_calibrated(found, given[calibrate.alpha])

        yield from _follow(begin, tune, calibrate, result, None, show)

    calibrate.run.click(
        answering(run),
        {tune.frames, tune.folder, tune.aligned, *calibrate.inputs},
        [*result.parts, tune.run, tune.stop, calibrate.run],
        show_progress="hidden",
        api_visibility="private",
        **_LONG,
    )


def _follow(
    begin: Callable[[], Job],
    tune: TuneControls,
    calibrate: CalibrateControls,
    result: CameraResult,
    most_seconds: float | None,
    show: Callable[[Any], dict[Any, Any]],
) -> Values:
    """Begin a job and say how far it is until it is over; a visitor who leaves stops it."""
    idle = {
        tune.run: gr.Button(interactive=True),
        calibrate.run: gr.Button(interactive=True),
        tune.stop: gr.Button(visible=False),
    }
    try:
        job = begin()
    except FaceFidelityError as error:
        yield {**idle, result.status: refusal_words(error)}
        return
    yield {
        tune.run: gr.Button(interactive=False),
        calibrate.run: gr.Button(interactive=False),
        tune.stop: gr.Button(visible=True),
    }
    try:
        while job.runs(_TICK_SECONDS):
            yield {result.status: stage_words(job.stage, most_seconds)}
        yield {**idle, **show(job.result())}
    except WorkStopped:
        yield {**idle, result.status: over_words(_STOPPED)}
    except FaceFidelityError as error:
        yield {**idle, result.status: refusal_words(error)}
    finally:
        job.stop()


def _wire_points(room: CameraRoom, result: CameraResult) -> None:
    def show(number: int, request: gr.Request) -> Any:
        tuned, faces = room.faces(_session(request), int(number))
        chosen = tuned.result.chosen
        trial, outcome = tuned.points[int(number)]
        mark = chosen is not None and chosen.outcome is outcome
        return sheet_words(faces, point_label((trial, outcome), chosen=mark))

    result.points.input(
        answering(show),
        result.points,
        result.sheet,
        show_progress="minimal",
        trigger_mode="always_last",
        api_visibility="private",
        **NETWORKS,
    )


def _session(request: gr.Request) -> str:
    return request.session_hash or ""
