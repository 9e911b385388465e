"""Parts of what is said of a tuning, for its page and for the web page: faces and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from ...core.scores import HEADS
from ...guards.profile import CameraDescription
from ..report.markup import Markup, join, tag
from ..report.thumbnails import FACE_SIDE_PX, make_thumbnail
from .characterise import MEASURES
from .charts import spread_chart
from .choosing import Candidate
from .contact import ContactFace
from .outcomes import Trial
from .result import TuningResult

__all__ = [
    "best_by_setting",
    "contact_sheet",
    "description_table",
    "finalists_table",
    "trials_table",
]

Row = tuple[str, Sequence[object]]
"""Class of a table row, and its cells; numbers in words are right-aligned by `_table`."""


def contact_sheet(faces: Iterable[ContactFace]) -> Markup:
    """Faces before and after, each with its truth where that is known."""
    return tag("div", *map(_contact, faces), class_="sheet")


def _contact(face: ContactFace) -> Markup:
    pictures = []
    shown = [("before", face.before), ("after", face.after)]
    if face.truth is not None:
        shown.append(("truth", face.truth))
    for words, pixels in shown:
        small = make_thumbnail(pixels, FACE_SIDE_PX)
        pictures.append(
            tag(
                "img",
                src=small.uri,
                width=small.width,
                height=small.height,
                alt=f"{face.place} face {words}",
            )
        )
    risk = "" if face.risk is None else f", risk of the restoration {face.risk:.2f}"
    words = (
        f"{face.decision}: overall {face.overall_before:.0f} to {face.overall_after:.0f}{risk}. "
        f"{PurePath(face.name).name}"
    )
    pair = tag("div", *pictures, class_="pair" if face.truth is None else "pair triple")
    return tag("figure", tag("h3", face.place), pair, tag("figcaption", words))


def finalists_table(result: TuningResult) -> Markup:
    """The best settings, each under its best limit, on pairs and on real faces."""
    columns = (
        "setting",
        "limit",
        "true gain, pairs",
        "lost, pairs",
        "share lost, estimated",
        "gain, real faces",
        "changed, real faces",
        "s a face",
    )
    rows: list[Row] = []
    for one in best_by_setting(result):
        outcome, real = one.outcome, one.real
        cells = (
            one.trial.choice.label,
            outcome.limit.label,
            f"{outcome.merit:+.1f}",
            f"{outcome.lost} of {outcome.faces}",
            f"{100 * one.loss:.1f} %",
            f"{real.gain:+.1f}",
            f"{real.delivered} of {real.faces}",
            f"{one.trial.seconds:.2f}",
        )
        rows.append(("picked-row" if one == result.chosen else "", cells))
    return _table(columns, rows, words=2)


def best_by_setting(result: TuningResult) -> list[Candidate]:
    """Of every finalist the limit with the most gain within the budget, best first.

    Where none is within it, the limit that loses least; the choice itself is always in.
    """
    found: dict[str, Candidate] = {}
    for one in result.candidates:
        key = one.trial.choice.key
        rank = (one.loss <= result.budget, one.gain if one.loss <= result.budget else -one.loss)
        known = found.get(key)
        if known is None:
            found[key] = one
            continue
        within = known.loss <= result.budget
        if rank > (within, known.gain if within else -known.loss):
            found[key] = one
    if result.chosen is not None:
        found[result.chosen.trial.choice.key] = result.chosen
    return sorted(found.values(), key=lambda one: -one.gain)


def trials_table(result: TuningResult) -> Markup:
    """Everything that was tried."""
    columns = ("setting", "outcome", "true gain", "share lost", "pairs", "s a face")
    chosen = None if result.chosen is None else result.chosen.trial.choice.key
    return _table(columns, [_trial(one, result, chosen) for one in result.trials], words=2)


def _trial(trial: Trial, result: TuningResult, chosen: str | None) -> Row:
    best = trial.best_within(result.budget)
    gain, loss = ("", "") if best is None else (f"{best.merit:+.1f}", f"{100 * best.loss:.1f} %")
    said = trial.problem or ("nothing within the budget" if best is None else best.limit.label)
    kind = "picked-row" if trial.choice.key == chosen else "" if trial.complete else "given-up"
    return kind, (trial.choice.label, said, gain, loss, trial.faces, f"{trial.seconds:.2f}")


def description_table(camera: CameraDescription) -> Markup:
    """What the camera's faces look like, measure by measure."""
    rows: list[Row] = []
    for measure in MEASURES:
        spread = getattr(camera, measure.name)
        values = camera.signals.get(measure.name, ())
        if spread is None:
            rows.append(("", (measure.label, "not to be seen", "", "", "")))
            continue
        numbers = (f"{v:.{measure.digits}f}" for v in (spread.low, spread.median, spread.high))
        label = f"{measure.label}, {measure.unit}" if measure.unit else measure.label
        rows.append(("", (label, spread_chart(values, measure.label) if values else "", *numbers)))
    for head in HEADS:
        values = camera.scores.get(head, ())
        if values:
            places = (values[round(q * (len(values) - 1))] for q in (0.1, 0.5, 0.9))
            numbers = (f"{value:.0f}" for value in places)
            rows.append(("", (f"{head} (score)", spread_chart(values, head), *numbers)))
    grey = f"{100 * camera.grey_share:.0f} %"
    rows.append(("", ("faces without colour", "", "", grey, "")))
    return _table(("measure", "spread", "10 %", "median", "90 %"), rows, words=2)


def _table(columns: Sequence[str], rows: Iterable[Row], words: int) -> Markup:
    """A table whose first columns are words and whose others are numbers."""

    def kind(place: int) -> str | None:
        return "number" if place >= words else None

    head = tag("tr", *(tag("th", c, class_=kind(i), scope="col") for i, c in enumerate(columns)))
    body = (
        tag("tr", *(tag("td", c, class_=kind(i)) for i, c in enumerate(cells)), class_=row or None)
        for row, cells in rows
    )
    return tag("table", tag("thead", head), tag("tbody", join(body)))
