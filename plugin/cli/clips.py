"""Clips on the command line: their options, progress in frames a second, and what is printed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

import typer

from ...core.errors import FaceFidelityError, InvalidInput, MissingExtra, WeightsMissing
from .cameras import warn_of_camera
from .formats import print_json_line
from .options import complain, show_table

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..batch.recipe import GuardRecipe
    from ..video import PlannedClip, RestoredClip

__all__ = [
    "ClipChoice",
    "CrfOption",
    "DetectEveryOption",
    "FrameProgress",
    "SteadyOption",
    "require_for_clips",
    "restore_clips",
    "try_clip",
]

_logger = logging.getLogger(__name__)
Result = TypeVar("Result")

CrfOption: TypeAlias = Annotated[
    float,
    typer.Option("--crf", min=0, max=51, help="Clips: quality of the H.264; lower is better."),
]
SteadyOption: TypeAlias = Annotated[
    float,
    typer.Option(
        "--steady",
        min=0,
        max=10,
        metavar="SECONDS",
        help="Clips: how far around a frame no judgement may allow less than is delivered.",
    ),
]
DetectEveryOption: TypeAlias = Annotated[
    int,
    typer.Option(
        "--detect-every", min=1, max=1000, metavar="N", help="Clips: look for faces every N frames."
    ),
]


class FrameProgress:
    """A bar on stderr with frames a second and the time left, where that is a terminal."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> FrameProgress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                ProgressColumn,
                Task,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.text import Text

            class Rate(ProgressColumn):
                def render(self, task: Task) -> Text:
                    return Text(f"{task.speed:.1f} frames/s" if task.speed else "")

            told = TextColumn("{task.description}")
            left = TimeRemainingColumn()
            columns = (told, BarColumn(), MofNCompleteColumn(), Rate(), left)
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is."""
        if self._bar is None:
            return
        from rich.markup import escape

        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(escape(f"{self._name}: {stage}"))
        self._bar.update(self._tasks[stage], completed=done, total=total)


def try_clip(plan: PlannedClip, work: Callable[[FrameProgress], Result]) -> Result | None:
    """Work on one clip with a bar; None where it failed, which is named and ends no other clip.

    Raises:
        MissingExtra: If PyAV or the restorer's packages are not installed.
        WeightsMissing: If the restorer's weights are not on this machine.
    """
    from ...core.images import printable_path

    name = printable_path(plan.source)
    if plan.problem is not None:
        complain(name, plan.problem)
        return None
    try:
        with FrameProgress(plan.source.name) as progress:
            return work(progress)
    except (MissingExtra, WeightsMissing):
        raise
    except FaceFidelityError as error:
        complain(name, str(error))
    except Exception as error:
        _logger.exception("unexpected failure on %s", name)
        complain(name, f"unexpected {type(error).__name__}: {error}")
    return None


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """What a command line says of clips."""

    crf: float
    steady_seconds: float
    detect_every: int
    resume: bool
    json: bool


def require_for_clips(clips: Sequence[Path], recipe: GuardRecipe) -> None:
    """Refuse, before anything is done, what holds of pictures only.

    Raises:
        InvalidInput: If it was asked for beside clips.
    """
    signs = recipe.labelling is not None and recipe.labelling.identity is not None
    asked = {"--aligned": recipe.aligned, "--sign": signs, "--overrides": recipe.overrides}
    wrong = next((name for name, value in asked.items() if value), None)
    if clips and wrong is not None:
        from ...core.images import printable_path

        raise InvalidInput(
            f"expected pictures beside {wrong}, got the clip {printable_path(clips[0])}; give "
            "clips a command of their own without it"
        )


def restore_clips(
    inputs: Sequence[Path], output: Path, recipe: GuardRecipe, choice: ClipChoice
) -> int:
    """Restore every clip, print what became of it, and name what failed.

    Args:
        inputs: Clips and folders of clips.
        output: Folder for the results.
        recipe: Who restores and judges, and what is said of pictures and clips alike.
        choice: Everything else.

    Returns:
        How many clips failed or are not whole.

    Raises:
        InvalidInput: If something is asked of clips that they cannot do.
        MissingExtra: If PyAV or the restorer's packages are not installed.
        WeightsMissing: If the restorer's weights are not on this machine.
    """
    from ..cameras.guarding import guard_of_picture
    from ..enrolment import enrol_files
    from ..pipeline import Guard
    from ..video import ClipSettings, plan_clips, restore_clip

    settings = ClipSettings(
        crf=choice.crf,
        steady_seconds=choice.steady_seconds,
        detect_every=choice.detect_every,
        upscale=recipe.upscale,
    )
    guard = recipe.open_guard(warn=warn_of_camera)
    labelling = recipe.labelling
    options: dict[str, Any] = {
        "references": enrol_files(
            guard if isinstance(guard, Guard) else guard.guards[0], recipe.references
        ),
        "label": labelling is None or labelling.labels,
        "redact": recipe.redact,
        "resume": choice.resume,
    }

    def restore(plan: PlannedClip, progress: FrameProgress) -> RestoredClip:
        chosen = guard_of_picture(guard, plan.source)
        files = plan.source, plan.target
        return restore_clip(*files, chosen, settings, progress=progress, **options)

    failed = 0
    rows: list[tuple[str, ...]] = []
    for plan in plan_clips(inputs, output):
        done = try_clip(plan, partial(restore, plan))
        failed += done is None or bool(done.problems) or done.failures > 0
        if done is not None:
            rows += _tell(done, choice.json, recipe.redact)
    if rows:
        columns = ("clip", "person", "frames", "decisions", "allowed", "delivered", "flicker")
        show_table("Clips", columns, rows)
        print(f"clips in {output}, decisions beside each as .decisions.jsonl")
    return failed


def _tell(done: RestoredClip, as_json: bool, redact: bool) -> list[tuple[str, ...]]:
    """Name what is missing; JSON lines at once, rows for the table else."""
    from ...core.images import printable_path

    name = printable_path(done.source)
    for problem in done.problems:
        complain(name, problem)
    if done.failures:
        told = f"the restorer failed on {done.failures} faces, which stay as they were"
        complain(name, f"{told}; {printable_path(done.decisions)} says why")
    if as_json:
        for record in _json_records(done, name, redact):
            print_json_line(**record)
        return []
    if not done.tracks:
        return [(name, "-", str(done.frames), "no face found", "", "", "")]
    return [_row(name, track) for track in done.tracks]


def _json_records(done: RestoredClip, name: str, redact: bool) -> list[dict[str, Any]]:
    from ...core.images import printable_path

    places = {"path": name, "output": printable_path(done.target)}
    shown = {} if redact else places
    clip = {
        "kind": "clip",
        **shown,
        "frames": done.frames,
        "tracks": len(done.tracks),
        "changed": done.changed,
        "problems": list(done.problems),
        "failures": done.failures,
        "resumed_segments": done.resumed_segments,
        "earlier": done.earlier,
        "seconds": round(done.seconds, 2),
    }
    return [clip, *({**shown, **track} for track in done.tracks)]


def _row(name: str, track: dict[str, Any]) -> tuple[str, ...]:
    counts = ", ".join(f"{count} {decision}" for decision, count in track["decisions"].items())
    flicker = f"{track['flicker_judged']:.3f} > {track['flicker_delivered']:.3f}"
    return (
        name,
        str(track["track"]),
        str(track["faces"]),
        counts,
        f"{track['mean_blend']:.2f}",
        f"{track['mean_delivered']:.2f}",
        flicker,
    )
