"""The tab "About": what works here, which weights there are, and what the models claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final

import gradio as gr

from .. import __version__
from ..core.weights import WeightsStore
from ..plugin.diagnosis import diagnose
from ..plugin.report.markup import Markup, join, tag
from ..restorers.registry import restorer_info, restorer_names
from .answers import answering, without_folders
from .context import TEXT_CLASS, PageContext
from .face_card import report_html

__all__ = ["add_about_tab"]

_ROOT: Final = __package__.rpartition(".")[0]
_CARDS: Final = (
    ("The assessor's model card", "assessor", "weights/MODEL_CARD.md"),
    ("The risk model's card", "guards", "RISK_MODEL.md"),
)
_WORDS: Final = (
    "Scores are predictions of a model, not human ratings. Identity risk is an estimate, not an "
    "identification: nothing on this page proves who somebody is. Pictures stay on the machine "
    "that serves this page, and are deleted when this tab of the browser is closed."
)


def add_about_tab(page: PageContext) -> None:
    """Add the tab; call it where tabs may be added."""
    with gr.Tab("About", id="about"):
        report_html(_intro(page))
        report_html(_restorers())
        report_html(_weights())
        look = gr.Button("Look over this machine (doctor)", size="sm", elem_classes=["ff-narrow"])
        found = report_html()
        for title, package, path in _CARDS:
            with gr.Accordion(title, open=False):
                gr.Markdown(_card(package, path), elem_classes=[TEXT_CLASS])
        look.click(answering(_doctor), None, found, api_visibility="private")


def _intro(page: PageContext) -> Markup:
    limit = f"Uploads of up to {page.max_upload_mb} MB. Licence of the program: Apache-2.0."
    return tag(
        "div",
        tag("h2", f"facefidelity {__version__}"),
        tag("p", _WORDS, class_="nothing"),
        tag("p", limit, class_="note"),
        class_="about",
    )


def _card(package: str, path: str) -> str:
    return files(f"{_ROOT}.{package}").joinpath(path).read_text(encoding="utf-8")


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in columns)))
    body = (
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    )
    table = tag("table", head, tag("tbody", *body), class_="measures wide")
    region = tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=title)
    return join([tag("h3", title), region])


def _restorers() -> Markup:
    infos = [restorer_info(name) for name in restorer_names()]
    rows = [(one.name, one.summary, one.licence, one.commercial_use) for one in infos]
    return _table("Restorers", ("Restorer", "What it is", "Licence", "Commercial use"), rows)


def _weights() -> Markup:
    store = WeightsStore()
    rows = [
        (
            one.name,
            store.state(one.name).value,
            f"{one.size_bytes / 1e6:.0f} MB",
            one.licence,
            one.commercial_use,
            ", ".join(one.used_by),
        )
        for one in store.files
    ]
    columns = ("File", "State", "Size", "Licence", "Commercial use", "Used by")
    note = "A missing file comes by: facefidelity models pull NAME"
    return join([_table("Weights to download", columns, rows), tag("p", note, class_="note")])


def _doctor() -> Markup:
    rows = [
        (one.check, one.status.value, without_folders(one.detail), without_folders(one.fix))
        for one in diagnose()
    ]
    return _table("This machine", ("Check", "Status", "Found", "What to do"), rows)
