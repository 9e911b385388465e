"""What the tab "Camera" says: how far the work is, what came of it, and what to doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ..core.errors import FaceFidelityError
from ..plugin.cameras.calibrating import Calibration
from ..plugin.cameras.calibration_run import describe_bound, describe_shortfall
from ..plugin.report.markup import Markup, join, tag
from ..plugin.tuning.contact import ContactFace
from ..plugin.tuning.page import doubts_list
from ..plugin.tuning.result import TuningResult
from ..plugin.tuning.tables import (
    contact_sheet,
    description_table,
    finalists_table,
    trials_table,
)
from .answers import without_folders
from .jobs import Stage

__all__ = [
    "bound_words",
    "over_words",
    "refusal_words",
    "sheet_words",
    "stage_words",
    "table_words",
    "tuned_words",
]

_MOST_TOLD: Final = 8


def stage_words(stage: Stage, most_seconds: float | None = None) -> Markup:
    """How far the work is, in words and as a bar."""
    most = "" if most_seconds is None else f", about {_clock(most_seconds)} at most"
    said = f"{stage.done} of {stage.total} · {_clock(stage.seconds)} gone{most}"
    words = tag("strong", stage.words[:1].upper() + stage.words[1:])
    bar = tag("progress", value=stage.done, max=max(stage.total, 1), aria_label="progress")
    return tag("div", words, tag("span", said, class_="note"), bar, class_="job", role="status")


def over_words(said: str) -> Markup:
    """What is said when the work is over."""
    return tag("div", tag("strong", said), class_="job", role="status")


def refusal_words(error: FaceFidelityError) -> Markup:
    """Why there is no result, in the error's own words."""
    said = without_folders(str(error))
    return tag("p", f"Not done: {said}", class_="desk-problem", role="alert")


def tuned_words(result: TuningResult) -> Markup:
    """The sentence to act on, and what makes it less sure."""
    looked, offered = result.frames
    facts = (
        f"From {result.description.faces} faces in {looked:,} of {offered:,} frames, "
        f"{result.pairs} self-made pairs, {result.real_faces} real faces; {len(result.trials)} "
        f"settings, {result.reused} of them from an earlier run; ended because {result.stopped}."
    )
    lead = tag("p", result.sentence, class_="act")
    return join(
        [tag("h2", "What to do"), lead, tag("p", facts, class_="note"), doubts_list(result)]
    )


def sheet_words(faces: Sequence[ContactFace], label: str) -> Markup:
    """Faces of one point of the chart."""
    note = (
        "Self-made pairs under this setting: as the camera takes them, as the guard delivers "
        "them, and the truth; the one that gains most, the median, and the one that gains least "
        "among those that are changed."
    )
    heading = tag("h3", "Faces at this point")
    return join(
        [
            heading,
            tag("p", label, class_="point"),
            tag("p", note, class_="note"),
            contact_sheet(faces),
        ]
    )


def table_words(result: TuningResult) -> tuple[Markup, Markup, Markup]:
    """The finalists, the camera, and everything that was tried, as tables."""
    return (
        _scroll(finalists_table(result), "Finalists"),
        _scroll(description_table(result.description), "The camera's faces"),
        _scroll(trials_table(result), "Everything that was tried"),
    )


def bound_words(found: Calibration, alpha: float, doubts: Iterable[tuple[str, str]]) -> Markup:
    """What was set and what it promises, or why nothing could be; and what to doubt."""
    if found.block is None:
        said = describe_shortfall(found, alpha)
        parts = [tag("p", f"{said[:1].upper()}{said[1:]}.", class_="desk-problem", role="alert")]
    else:
        set_, promised = describe_bound(found.block)
        parts = [
            tag("p", tag("strong", f"{set_}.")),
            tag("p", f"{promised[:1].upper()}{promised[1:]}."),
        ]
    told = [*doubts, *found.problems]
    items = [tag("li", without_folders(f"{where}: {what}")) for where, what in told[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        items.append(tag("li", f"and {len(told) - _MOST_TOLD} more"))
    listed = tag("ul", *items, class_="doubts") if items else Markup()
    return join([tag("h3", "Calibration"), *parts, listed])


def _scroll(table: Markup, name: str) -> Markup:
    inside = tag("div", table, class_="tuning")
    return tag("div", inside, class_="scroll", tabindex="0", role="region", aria_label=name)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
