"""The tab "Rate": people grade pictures one at a time, and mean opinion scores come out."""

from __future__ import annotations

from typing import Any, Final

import gradio as gr

from ..assessor.benchmark.ratings import RatingStudy
from ..core.scores import HEADS
from .answers import answering
from .context import CARD_CLASS, TEXT_CLASS, PageContext
from .face_card import report_html
from .rate_keys import KEYS_ON_LOAD
from .rate_room import MIDDLE, answer, average, begin
from .rate_words import GRADES, QUESTIONS, mos_columns, study_words

__all__ = ["add_rate_tab"]

_NOTHING_OPEN: Final = (
    "No pictures are open to be rated. Name their folder when you start the page; the ratings go "
    "into `ratings.csv` beside them, and people can stop and go on whenever they like:\n\n"
    "```\nfacefidelity ui --rate FOLDER\n```"
)
_HINT: Final = (
    "<p class='desk-keys'><kbd>1</kbd> … <kbd>5</kbd> grade the marked line · <kbd>↑</kbd> "
    "<kbd>↓</kbd> change the line · <kbd>Enter</kbd> next picture</p>"
)
_SLIDER_HINT: Final = (
    "<p class='desk-keys'><kbd>Tab</kbd> next line · <kbd>←</kbd> <kbd>→</kbd> move · "
    "<kbd>Enter</kbd> next picture</p>"
)
_FEED: Final = (
    "`mos.csv` now lies beside the pictures. Bend the assessor's scores onto it, or train it "
    "further (several hundred pictures):\n\n"
    "```\nfacefidelity bench train --from shipped --head-only --data FOLDER/mos.csv "
    "-o calibration.json\nfacefidelity bench train --from shipped --data FOLDER/mos.csv -o run\n"
    "```"
)
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}


def add_rate_tab(page: PageContext) -> None:
    """Add the tab; call it where tabs may be added.

    Args:
        page: Settings and shared parts; its study names the only pictures that are read.
    """
    with gr.Tab("Rate", id="rate"):
        if page.study is None:
            gr.Markdown(_NOTHING_OPEN, elem_classes=[TEXT_CLASS])
            return
        _add_study(page.study)


def _add_study(study: RatingStudy) -> None:
    seat = gr.State(None)
    with gr.Group(elem_classes=[CARD_CLASS, "rate-start"]) as start:
        report_html(study_words(study))
        name = gr.Textbox(
            label="Your name",
            info="Any name of your own; the same one goes on where you stopped.",
            max_lines=1,
            max_length=60,
            elem_id="rate-name",
        )
        go = gr.Button("Begin or go on", variant="primary", elem_id="rate-begin")
    with gr.Row(visible=False, elem_classes=["rate-desk"]) as rating:
        with gr.Column(scale=6, min_width=320):
            picture = gr.Image(
                show_label=False,
                label="Picture to rate",
                format="png",
                interactive=False,
                height=620,
                buttons=[],
                elem_id="rate-picture",
            )
        with gr.Column(scale=5, min_width=320, elem_classes=[CARD_CLASS]):
            progress = report_html(elem_id="rate-progress")
            scores = _scores(study)
            graded = study.plan.scale == "1-5"
            gr.HTML(_HINT if graded else _SLIDER_HINT, js_on_load=KEYS_ON_LOAD)
            follow = gr.Button("Next picture", variant="primary", elem_id="rate-next")
    with gr.Group(visible=False, elem_classes=[CARD_CLASS]) as end:
        gr.Markdown("### Thank you, that was the last picture.\n\nEvery answer is kept.")
    shown = [seat, start, rating, end, picture, progress, *scores]
    sit = answering(lambda said: begin(study, said))
    gr.on([go.click, name.submit], sit, name, shown, **_QUIET)
    follow.click(answering(answer), [seat, *scores], shown, trigger_mode="once", **_QUIET)
    _add_results(study)


def _scores(study: RatingStudy) -> list[Any]:
    """Grades and sliders of every dimension; those of the study are seen."""
    graded = study.plan.scale == "1-5"
    with gr.Column(elem_id="rate-scores", elem_classes=["rate-scores"]):
        grades = [
            gr.Radio(
                list(GRADES),
                label=head.capitalize(),
                info=QUESTIONS[head],
                visible=graded and head in study.plan.heads,
                elem_id=f"rate-{head}",
            )
            for head in HEADS
        ]
        points = [
            gr.Slider(
                0,
                100,
                MIDDLE,
                step=1,
                label=head.capitalize(),
                info=QUESTIONS[head],
                visible=not graded and head in study.plan.heads,
            )
            for head in HEADS
        ]
    return [*grades, *points]


def _add_results(study: RatingStudy) -> None:
    """What came out, closed: who sees the means while rating is no longer free."""
    with gr.Accordion("Results, for whoever runs the study", open=False, elem_id="rate-results"):
        compute = gr.Button("Average the ratings so far", elem_id="rate-average")
        words = report_html(elem_id="rate-means")
        table = gr.Dataframe(
            headers=mos_columns(), interactive=False, visible=False, show_label=False
        )
        feed = gr.Markdown(_FEED, visible=False, elem_classes=[TEXT_CLASS])
    compute.click(
        answering(lambda: (*average(study), gr.Markdown(visible=True))),
        None,
        [words, table, feed],
        **_QUIET,
    )
