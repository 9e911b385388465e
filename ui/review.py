"""The tab "Batch review": look over what a batch decided, and decide otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import gradio as gr

from ..guards.verdict import Decision, Reason
from ..plugin.review.reviewed import SORTINGS
from .answers import answering
from .context import CARD_CLASS, PageContext
from .face_card import report_html
from .review_desk import SHOWN, ReviewRoom
from .review_keys import KEYS_ON_LOAD
from .review_uploads import add_upload
from .review_words import TABLE_COLUMNS

__all__ = ["add_review_tab"]

_HINT: Final = (
    "<p class='desk-keys'><kbd>←</kbd> <kbd>→</kbd> face · <kbd>A</kbd> accept · <kbd>R</kbd> "
    "reject · <kbd>B</kbd> blend · <kbd>U</kbd> undo · <kbd>D</kbd> delivered · "
    "<kbd>S</kbd> restoration · <kbd>M</kbd> mixture</p>"
)
_SIDE_PX: Final = 340
_DECISIONS: Final = (("Accept", "accept"), ("Blend", "blend"), ("Reject", "reject"))


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components that callbacks read and write."""

    batch: gr.Dropdown
    decisions: gr.CheckboxGroup
    reason: gr.Dropdown
    name: gr.Textbox
    least: gr.Slider
    most: gr.Slider
    sorting: gr.Dropdown
    undecided: gr.Checkbox
    table: gr.Dataframe
    gallery: gr.Gallery
    agreement: gr.HTML
    head: gr.HTML
    pictures: gr.ImageSlider
    shown: gr.Radio
    share: gr.Slider
    own: gr.Checkbox
    who: gr.Textbox
    note: gr.Textbox
    words: gr.HTML
    buttons: dict[str, gr.Button]
    current: gr.State
    listed: gr.State

    @property
    def wanted(self) -> list[Any]:
        """What `ReviewRoom` needs to know which faces are looked at."""
        return [
            self.batch,
            self.decisions,
            self.reason,
            self.name,
            self.least,
            self.most,
            self.sorting,
            self.undecided,
        ]

    @property
    def view(self) -> list[Any]:
        """What one face fills."""
        face = [self.head, self.pictures, self.words]
        return [self.current, *face, self.own, self.note, self.shown]


def add_review_tab(page: PageContext) -> None:
    """Add the tab; its callbacks read the folders that were named at the start, and uploads.

    Args:
        page: Settings and shared parts.
    """
    with gr.Tab("Batch review", id="review") as tab:
        room = ReviewRoom(page.review_folders)
        upload = add_upload(room)
        with gr.Row(elem_classes=["desk"], visible=bool(room.names)) as desk:
            with gr.Column(scale=5, min_width=320):
                found, gallery_tab = _finding(room)
            with gr.Column(scale=7, min_width=320, elem_classes=[CARD_CLASS]):
                looked = _looking()
        parts = _Parts(**found, **looked, current=gr.State(None), listed=gr.State([]))
        _wire(room, parts, tab, gallery_tab)
        upload.wire(page, room, batch=parts.batch, agreement=parts.agreement, desk=desk)


def _finding(room: ReviewRoom) -> tuple[dict[str, Any], gr.Tab]:
    """The left side: which batch, which of its faces, and how far people agree."""
    reasons = [("any reason", ""), *((one.text, one.value) for one in Reason)]
    names, first = list(room.names), next(iter(room.names), None)
    with gr.Group(elem_classes=["desk-filters"]):
        with gr.Row():
            batch = gr.Dropdown(names, value=first, label="Batch", scale=2, min_width=150)
            sorting = gr.Dropdown(
                list(SORTINGS), value=SORTINGS[0], label="Sort by", scale=2, min_width=190
            )
            name = gr.Textbox(label="File name has", max_lines=1, scale=2, min_width=110)
        decided = gr.CheckboxGroup(
            [(one.value.replace("_", " ").lower(), one.value) for one in Decision],
            value=[],
            label="Guard decided (any where none is chosen)",
        )
    with gr.Accordion("More filters", open=False):
        reason = gr.Dropdown(reasons, value="", label="With the reason")
        with gr.Row():
            least = gr.Slider(0, 1, 0, step=0.01, label="Risk from", min_width=110, buttons=[])
            most = gr.Slider(0, 1, 1, step=0.01, label="Risk to", min_width=110, buttons=[])
        undecided = gr.Checkbox(False, label="Only faces that no person has decided on")
    with gr.Tabs():
        with gr.Tab("Table"):
            table = gr.Dataframe(
                headers=list(TABLE_COLUMNS),
                datatype=["number", "str", "number", "str", "str", "str", "str"],
                column_widths=[48, 150, 52, 108, 66, 92, 220],
                interactive=False,
                max_height=360,
                show_label=False,
                buttons=[],
                elem_id="review-table",
            )
        with gr.Tab("Gallery") as gallery_tab:
            gallery = gr.Gallery(
                columns=4,
                height=360,
                object_fit="cover",
                format="png",
                allow_preview=False,
                interactive=False,
                show_label=False,
                buttons=[],
                elem_id="review-gallery",
            )
    parts = {
        "batch": batch,
        "decisions": decided,
        "reason": reason,
        "name": name,
        "least": least,
        "most": most,
        "sorting": sorting,
        "undecided": undecided,
        "table": table,
        "gallery": gallery,
        "agreement": report_html(elem_id="review-agreement"),
    }
    return parts, gallery_tab


def _looking() -> dict[str, Any]:
    """The right side: one face, what was said of it, and what the person says."""
    buttons = {}
    head = report_html(elem_id="review-head")
    with gr.Row(elem_classes=["desk-face"]):
        with gr.Column(scale=0, min_width=_SIDE_PX, elem_classes=["desk-pictures"]):
            pictures = gr.ImageSlider(
                label="Input | result",
                show_label=False,
                format="png",
                interactive=False,
                height=_SIDE_PX,
                max_height=_SIDE_PX,
                buttons=["fullscreen"],
                elem_id="review-pictures",
            )
            shown = gr.Radio(
                list(SHOWN),
                value=SHOWN[0],
                label="Beside the input",
                container=False,
                elem_id="review-shown",
            )
        with gr.Column(scale=1, min_width=240, elem_classes=["desk-words"]):
            words = report_html(elem_id="review-words")
    with gr.Row(elem_classes=["desk-row"]):
        buttons["previous"] = _button("← Back", "previous")
        for label, key in _DECISIONS:
            buttons[key] = _button(label, key)
        buttons["withdraw"] = _button("Undo", "withdraw")
        buttons["next"] = _button("Next →", "next")
    with gr.Row(elem_classes=["desk-row"]):
        share = gr.Slider(
            0.05,
            0.95,
            0.5,
            step=0.05,
            label="Share of restoration",
            scale=2,
            min_width=150,
            buttons=[],
        )
        own = gr.Checkbox(False, label="Blend as the guard did", scale=1, min_width=140)
    with gr.Row(elem_classes=["desk-row"]):
        who = gr.Textbox(label="Your name", max_lines=1, max_length=100, scale=1, min_width=110)
        note = gr.Textbox(label="Note", max_lines=2, max_length=2000, scale=3, min_width=180)
    gr.HTML(_HINT, js_on_load=KEYS_ON_LOAD, elem_id="review-keys")
    return {
        "head": head,
        "pictures": pictures,
        "shown": shown,
        "share": share,
        "own": own,
        "who": who,
        "note": note,
        "words": words,
        "buttons": buttons,
    }


def _button(label: str, key: str) -> gr.Button:
    return gr.Button(label, elem_id=f"review-{key}", elem_classes=[f"say-{key}"], min_width=80)


def _wire(room: ReviewRoom, parts: _Parts, tab: gr.Tab, gallery_tab: gr.Tab) -> None:
    """Connect the components with the room; everything answers through the page's border."""
    left = [parts.table, parts.agreement]
    here = [*parts.wanted, parts.current]
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # What was typed last counts, also while an earlier answer is under way.
    typed: dict[str, Any] = {**quick, "trigger_mode": "always_last"}
    changes = [tab.select, *(one.change for one in parts.wanted)]
    gr.on(changes, answering(room.refresh), here, [*left, *parts.view], **typed)
    thumbs = [gallery_tab.select, *(one.change for one in parts.wanted)]
    gr.on(thumbs, answering(room.thumbs), parts.wanted, [parts.gallery, parts.listed], **typed)
    parts.table.select(answering(room.pick_row), [parts.batch], parts.view, **quick)
    parts.gallery.select(
        answering(room.pick_thumb), [parts.batch, parts.listed], parts.view, **quick
    )
    for key, step in (("previous", -1), ("next", 1)):
        moved = answering(partial(room.move, step))
        parts.buttons[key].click(moved, here, parts.view, **quick)
    said = [*here, parts.share, parts.own, parts.who, parts.note]
    for _, key in _DECISIONS:
        decide = answering(partial(room.decide, Decision[key.upper()]))
        parts.buttons[key].click(decide, said, [*left, *parts.view], **quick)
    parts.buttons["withdraw"].click(answering(room.withdraw), here, [*left, *parts.view], **quick)
    show = [parts.batch, parts.current, parts.shown, parts.share]
    gr.on(
        [parts.shown.input, parts.share.release],
        answering(room.show),
        show,
        parts.pictures,
        api_visibility="private",
    )
