"""The card of one face: compared pictures, verdict, identity, scores and drift."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import gradio as gr

from ..guards.verdict import Decision
from .context import CARD_CLASS, REPORT_CLASS
from .figures import score_radar
from .shown import Shown
from .verdict_card import drift_words, measured_words, verdict_words

__all__ = ["add_face_card", "report_html"]

_PAIRS: Final = {
    "Input | Restored": ("lq", "hq"),
    "Input | Delivered": ("lq", "guarded"),
    "Restored | Delivered": ("hq", "guarded"),
}
_SIDE_PX: Final = 460


def report_html(value: str = "", **options: object) -> gr.HTML:
    """A part that holds the report's markup and takes its style."""
    return gr.HTML(value, elem_classes=[REPORT_CLASS], apply_default_css=False, **options)


def add_face_card(shown: Shown, number: int) -> tuple[gr.HTML, gr.HTML]:
    """Add the card of one face; call it where parts may be added.

    Args:
        shown: The picture.
        number: Of the face, from 1.

    Returns:
        The two parts that follow the policy: head, and why.
    """
    one, policy = shown.result.faces[number - 1], shown.guard.policy
    words = verdict_words(one, number, policy)
    whose = f"face {number} of {shown.name}"
    evidence = one.verdict.evidence
    with gr.Column(elem_classes=[CARD_CLASS]):
        head = report_html(words.head)
        with gr.Row(elem_classes=["ff-split"]):
            with gr.Column(scale=5, min_width=300):
                _add_pictures(shown, number)
            with gr.Column(scale=6, min_width=300):
                why = report_html(words.why)
        if evidence is not None and one.verdict.decision is not Decision.NOT_ASSESSABLE:
            drift, bars = drift_words(one, whose)
            with gr.Row(elem_classes=["ff-split"]):
                with gr.Column(scale=5, min_width=300):
                    report_html(drift)
                with gr.Column(scale=6, min_width=300):
                    report_html(_scores_title(one.verdict.guarded is not None))
                    gr.Plot(
                        score_radar(evidence, one.verdict.guarded),
                        show_label=False,
                        container=False,
                        format="png",
                        elem_classes=["ff-radar"],
                    )
                    report_html(bars)
        with gr.Accordion("All measurements", open=False):
            report_html(measured_words(one, policy))
    return head, why


def _scores_title(mixed: bool) -> str:
    from ..plugin.report.charts import legend
    from ..plugin.report.markup import join, tag

    names = [("lq", "Input"), ("hq", "Restored"), *([("guarded", "Delivered")] if mixed else [])]
    return join([tag("h4", "Predicted quality, 0 to 100"), legend(names)])


def _add_pictures(shown: Shown, number: int) -> None:
    one = shown.result.faces[number - 1]
    if one.restoration is None:
        gr.Image(
            str(shown.face_file(number, "lq")),
            label="Input, delivered as it was",
            format="png",
            height=_SIDE_PX,
            interactive=False,
            buttons=[],
        )
        return
    delivered = one.verdict.decision is Decision.BLEND
    first = "Input | Delivered" if delivered else "Input | Restored"
    pair = gr.Radio(
        list(_PAIRS), value=first, label="Compare", interactive=True, elem_classes=["ff-pairs"]
    )
    slider = gr.ImageSlider(
        _pair_files(shown, number, first),
        label=first,
        format="png",
        interactive=False,
        max_height=_SIDE_PX,
        buttons=["fullscreen"],
        elem_classes=["ff-slider"],
    )

    def choose(name: str) -> gr.ImageSlider:
        return gr.ImageSlider(_pair_files(shown, number, name), label=name)

    pair.input(
        choose,
        pair,
        slider,
        queue=False,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )


def _pair_files(shown: Shown, number: int, name: str) -> tuple[Path, Path]:
    first, second = _PAIRS[name]
    return shown.face_file(number, first), shown.face_file(number, second)
