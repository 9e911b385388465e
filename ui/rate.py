"""The tab "Rate": people grade pictures one at a time, and mean opinion scores come out."""

from __future__ import annotations

from typing import Any, Final

import gradio as gr

from ..core.scores import HEADS
from .answers import answering
from .context import CARD_CLASS, TEXT_CLASS, PageContext
from .face_card import report_html
from .rate_keys import KEYS_ON_LOAD
from .rate_room import MIDDLE, MOS_NAME, answer, average, begin
from .rate_uploads import study_of, upload_study
from .rate_words import GRADES, QUESTIONS, mos_columns, study_words

__all__ = ["add_rate_tab"]

_WORDS: Final = (
    "Uploaded pictures and their ratings last as long as this tab is open; the ratings can be "
    "downloaded under Results. For a study that people come back to, name a folder when you start "
    "the page: `facefidelity ui --rate FOLDER`; the ratings go into `ratings.csv` beside the "
    "pictures."
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
        page: Settings and shared parts; its study and uploads are the only pictures that are read.
    """
    plan = page.study.plan if page.study is not None else None
    graded, heads = (True, HEADS) if plan is None else (plan.scale == "1-5", plan.heads)
    with gr.Tab("Rate", id="rate"):
        seat = gr.State(None)
        upload = _add_upload(page)
        start, told, name, go = _add_start(page)
        rating, picture, progress, scores, follow = _add_desk(graded, heads)
        with gr.Group(visible=False, elem_classes=[CARD_CLASS]) as end:
            gr.Markdown("### Thank you, that was the last picture.\n\nEvery answer is kept.")
        _add_results(page)
    shown = [seat, start, rating, end, picture, progress, *scores]

    def sit(said: str, request: gr.Request) -> tuple[Any, ...]:
        return begin(study_of(page, request.session_hash or ""), said)

    def take(files: list[str] | None, request: gr.Request) -> tuple[Any, ...]:
        study = upload_study(page, request.session_hash or "", files)
        pages = gr.Group(visible=True), gr.Row(visible=False), gr.Group(visible=False)
        return (study_words(study), *pages)

    gr.on([go.click, name.submit], answering(sit), name, shown, **_QUIET)
    follow.click(answering(answer), [seat, *scores], shown, trigger_mode="once", **_QUIET)
    upload[1].click(answering(take), upload[0], [told, start, rating, end], **_QUIET)


def _add_upload(page: PageContext) -> tuple[gr.File, gr.Button]:
    with gr.Accordion("Upload pictures to rate", open=page.study is None, elem_id="rate-upload"):
        gr.Markdown(_WORDS, elem_classes=[TEXT_CLASS])
        files = gr.File(
            label="Pictures to rate",
            file_count="multiple",
            file_types=["image"],
            height=140,
            elem_id="rate-files",
        )
        take = gr.Button("Rate these", variant="primary", elem_id="rate-take")
    return files, take


def _add_start(page: PageContext) -> tuple[gr.Group, gr.HTML, gr.Textbox, gr.Button]:
    """What awaits a rater, and who it is."""
    study = page.study
    with gr.Group(visible=study is not None, elem_classes=[CARD_CLASS, "rate-start"]) as start:
        told = report_html("" if study is None else study_words(study), elem_id="rate-study")
        name = gr.Textbox(
            label="Your name",
            info="Any name of your own; the same one goes on where you stopped.",
            max_lines=1,
            max_length=60,
            elem_id="rate-name",
        )
        go = gr.Button("Begin or go on", variant="primary", elem_id="rate-begin")
    return start, told, name, go


def _add_desk(
    graded: bool, heads: tuple[str, ...]
) -> tuple[gr.Row, gr.Image, gr.HTML, list[Any], gr.Button]:
    """The picture and its grades."""
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
            scores = _scores(graded, heads)
            gr.HTML(_HINT if graded else _SLIDER_HINT, js_on_load=KEYS_ON_LOAD)
            follow = gr.Button("Next picture", variant="primary", elem_id="rate-next")
    return rating, picture, progress, scores, follow


def _scores(graded: bool, heads: tuple[str, ...]) -> list[Any]:
    """Grades and sliders of every dimension; those of the study are seen."""
    with gr.Column(elem_id="rate-scores", elem_classes=["rate-scores"]):
        grades = [
            gr.Radio(
                list(GRADES),
                label=head.capitalize(),
                info=QUESTIONS[head],
                visible=graded and head in heads,
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
                visible=not graded and head in heads,
            )
            for head in HEADS
        ]
    return [*grades, *points]


def _add_results(page: PageContext) -> None:
    """What came out, closed: who sees the means while rating is no longer free."""
    with gr.Accordion("Results, for whoever runs the study", open=False, elem_id="rate-results"):
        compute = gr.Button("Average the ratings so far", elem_id="rate-average")
        words = report_html(elem_id="rate-means")
        table = gr.Dataframe(
            headers=mos_columns(), interactive=False, visible=False, show_label=False
        )
        with gr.Row(elem_classes=["ff-downloads"]):
            files = [
                gr.DownloadButton(label, visible=False, size="sm")
                for label in ("Ratings (CSV)", "Averages (CSV)")
            ]
        feed = gr.Markdown(_FEED, visible=False, elem_classes=[TEXT_CLASS])

    def compute_means(request: gr.Request) -> tuple[Any, ...]:
        study = study_of(page, request.session_hash or "")
        means = average(study)
        own = study is not None and study is not page.study  # the operator has theirs already
        made = [study.ratings.path, study.folder / MOS_NAME] if study is not None else []
        given = [gr.DownloadButton(value=path if own else None, visible=own) for path in made]
        return (*means, *given, gr.Markdown(visible=True))

    compute.click(answering(compute_means), None, [words, table, *files, feed], **_QUIET)
