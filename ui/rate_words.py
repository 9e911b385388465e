"""What the rating tab says: the question, the grades, how far somebody is, and what came out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ..assessor.benchmark.ratings import (
    MosTable,
    RatingStudy,
    RatingTable,
    Screening,
    StudyPlan,
)
from ..core.scores import HEADS
from ..plugin.cli.bench.mos_page import SUMMARY, summarise
from ..plugin.report.markup import Markup, join, tag

__all__ = [
    "GRADES",
    "QUESTIONS",
    "mos_columns",
    "mos_rows",
    "practice_words",
    "progress_bar",
    "results_words",
    "study_words",
]

GRADES: Final = (("1 bad", 1), ("2 poor", 2), ("3 fair", 3), ("4 good", 4), ("5 excellent", 5))
"""The five grades of ITU-R BT.500 and ITU-T P.910."""
QUESTIONS: Final[Mapping[str, str]] = {
    "noise": "Free of noise, grain and blocks?",
    "sharpness": "Sharp where a face has detail?",
    "colorfulness": "Are the colours natural and alive?",
    "contrast": "Light and dark well apart, none cut off?",
    "fidelity": "A real person's face, as they are?",
    "overall": "All in all, how good is this picture?",
}


def study_words(study: RatingStudy) -> Markup:
    """What awaits a rater."""
    plan = study.plan
    low, high = plan.limits
    facts = [
        ("Pictures", f"{len(plan.images)}, some of them twice: {plan.length} in all"),
        ("Dimensions", ", ".join(plan.heads)),
        ("Scale", f"{low:g} to {high:g}, higher is better; noise {high:g} means free of noise"),
        ("Order", f"random for every rater, seed {plan.seed}"),
        ("Practice", f"{len(plan.practice())} pictures first, not counted"),
    ]
    listed = tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in facts), class_="facts")
    return join([tag("h2", "Rate pictures"), listed])


def practice_words(plan: StudyPlan, position: int) -> Markup:
    """What a rater reads beside a picture of the practice."""
    where = tag("strong", f"Practice {position + 1} of {len(plan.practice())}")
    told = tag("span", "Find out how the scale feels; nothing here is kept.", class_="note")
    return tag("div", where, told, class_="rate-progress")


def progress_bar(done: int, total: int, rater: str) -> Markup:
    """How far a rater is, in words and as a bar."""
    bar = tag("progress", value=done, max=total, aria_label="pictures rated")
    said = tag("strong", f"{done} of {total} rated"), tag("span", rater, class_="note")
    return tag("div", *said, bar, class_="rate-progress")


def results_words(
    table: RatingTable, screening: Screening, means: MosTable, progress: Mapping[str, int]
) -> Markup:
    """Who rated, who was left out and why, and how sure the means are."""
    raters = tag(
        "p",
        f"{table.score.size} ratings of {len(table.images)} pictures by {len(table.raters)} raters "
        f"({', '.join(f'{name}: {count}' for name, count in progress.items())}). Mean opinion "
        "scores are in points of 0 to 100 with 95 % confidence intervals.",
        class_="note",
    )
    head = tag("tr", *(tag("th", name) for name in SUMMARY))
    rows = (
        tag("tr", tag("th", row[0]), *(tag("td", cell) for cell in row[1:]))
        for row in summarise(means, screening, screened=True)
    )
    summary = tag("table", tag("thead", head), tag("tbody", *rows), class_="measures")
    out = [one for one in screening.checks if one.rejected]
    said = "Nobody is left out by ITU-R BT.500-15 (A1-2.3.1)."
    left_out: Markup = tag("p", said, class_="note")
    if out:
        items = (tag("li", f"{one.rater} in {one.head}: {one.reason()}") for one in out)
        left_out = join([tag("h4", "Left out by ITU-R BT.500-15"), tag("ul", *items)])
    return join([raters, tag("div", summary, class_="scroll"), left_out])


def mos_columns(means: MosTable | None = None) -> list[str]:
    """Header of the table of MOS."""
    return ["picture", *(means.heads if means else HEADS)]


def mos_rows(means: MosTable) -> list[list[str]]:
    """One row a picture: mean ± half the interval, and how many raters where nothing is known."""
    return [
        [image, *(_mean(means, row, column) for column in range(len(means.heads)))]
        for row, image in enumerate(means.images)
    ]


def _mean(means: MosTable, row: int, column: int) -> str:
    mean, half = means.mean[row, column], means.half_width[row, column]
    if math.isnan(mean):
        return "–"
    return f"{mean:.0f} (one rater)" if math.isnan(half) else f"{mean:.0f} ± {half:.0f}"
