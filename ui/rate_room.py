"""What the rating's callbacks do: who rates, what is shown, what is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import gradio as gr

from ..assessor.benchmark.ratings import (
    RatingStudy,
    average_ratings,
    rater_name,
    read_ratings,
    screen_raters,
)
from ..core.errors import InvalidInput
from ..core.files import write_text_file
from ..core.scores import HEADS
from .rate_words import (
    mos_columns,
    mos_rows,
    practice_words,
    progress_bar,
    results_words,
)

__all__ = ["MIDDLE", "MOS_NAME", "Seat", "answer", "average", "begin"]

MIDDLE: Final = 50.0
"""Where a slider stands before anybody moves it."""
_LONGEST_SECONDS: Final = 3600.0
MOS_NAME: Final = "mos.csv"


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one rater is.

    Attributes:
        study: What is rated.
        rater: Name as it is kept.
        practice: Position in the practice, -1 when that is over.
        order: Which presentation is shown.
        since: When it was shown, monotonic seconds.
    """

    study: RatingStudy
    rater: str
    practice: int
    order: int
    since: float


def begin(study: RatingStudy | None, name: str) -> tuple[Any, ...]:
    """Sit somebody down: practice first, or where they stopped the last time."""
    if study is None:
        raise InvalidInput("expected pictures to rate, got none; choose them first")
    rater = rater_name(name)
    answered = study.ratings.answered(rater)
    fresh = answered == 0 and bool(study.plan.practice())
    return _show(Seat(study, rater, 0 if fresh else -1, answered, time.monotonic()))


def answer(seat: Seat | None, *given: float | None) -> tuple[Any, ...]:
    """Keep the scores of the picture that is shown, and show the next one."""
    if seat is None:
        raise InvalidInput("expected a rater, got none; type your name and begin")
    scores = _scores(seat.study, given)
    if seat.practice >= 0:
        last = seat.practice + 1 >= len(seat.study.plan.practice())
        position = -1 if last else seat.practice + 1
        return _show(replace(seat, practice=position, since=time.monotonic()))
    seconds = min(time.monotonic() - seat.since, _LONGEST_SECONDS)
    seat.study.ratings.answer(seat.rater, seat.order, scores, seconds)
    return _show(replace(seat, order=seat.order + 1, since=time.monotonic()))


def average(study: RatingStudy | None) -> tuple[Any, ...]:
    """MOS of what was rated so far, screened; written beside the pictures as mos.csv."""
    if study is None or not study.ratings.path.exists():
        raise InvalidInput("expected ratings to average, got none yet")
    table = read_ratings(study.ratings.path, study.plan.scale)
    screening = screen_raters(table)
    means = average_ratings(table, screening)
    write_text_file(study.folder / MOS_NAME, means.to_csv())
    words = results_words(table, screening, means, study.ratings.progress())
    return words, gr.Dataframe(mos_rows(means), headers=mos_columns(means), visible=True)


def _scores(study: RatingStudy, given: Sequence[float | None]) -> dict[str, float | None]:
    """The scores by head: grades first, then sliders, each in the order of `HEADS`."""
    grades, points = given[: len(HEADS)], given[len(HEADS) :]
    graded = study.plan.scale == "1-5"
    asked = study.plan.heads
    scores = {
        head: grade if graded else point
        for head, grade, point in zip(HEADS, grades, points, strict=True)
        if head in asked
    }
    missing = [head for head in asked if scores[head] is None]
    if missing:
        raise InvalidInput(f"expected a grade for every dimension, got none for {missing[0]}")
    if not graded and all(score == MIDDLE for score in scores.values()):
        raise InvalidInput("expected a slider to be moved, got all of them in the middle")
    return scores


def _show(seat: Seat) -> tuple[Any, ...]:
    """Everything that a picture fills: seat, pages, picture, progress, fresh scores."""
    plan = seat.study.plan
    over = seat.practice < 0 and seat.order >= plan.length
    cleared = [*(gr.Radio(value=None) for _ in HEADS), *(gr.Slider(value=MIDDLE) for _ in HEADS)]
    pages = [gr.Group(visible=False), gr.Row(visible=not over), gr.Group(visible=over)]
    if over:
        return (seat, *pages, None, progress_bar(plan.length, plan.length, seat.rater), *cleared)
    if seat.practice >= 0:
        image, told = plan.practice()[seat.practice], practice_words(plan, seat.practice)
    else:
        image = plan.presentations(seat.rater)[seat.order].image
        told = progress_bar(seat.order, plan.length, seat.rater)
    return (seat, *pages, seat.study.picture(image), told, *cleared)
