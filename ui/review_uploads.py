"""A batch that a visitor uploads to be looked over: its record and its pictures, and nothing else.

The record says where pictures lie on the machine that wrote it. Here they are only known by their
bytes, among the uploads.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr

from ..core.errors import InvalidInput
from ..plugin.review.desk import LOG_NAME, OVERRIDES_NAME, ReviewDesk
from .answers import answering
from .context import TEXT_CLASS, PageContext
from .review_desk import ReviewRoom
from .visitor_files import visitor_restorers

__all__ = ["ReviewUpload", "add_upload", "open_upload"]

_TAB: Final = "review"
_WORDS: Final = (
    "Choose `decisions.jsonl` of `facefidelity restore` with the pictures that went in and came "
    "out, and `overrides.jsonl` to go on with an earlier review. Pictures are known by their "
    "bytes; what is missing is said. Whoever runs the page can open whole folders instead: "
    "`facefidelity ui --review OUT_FOLDER`."
)
_UPLOADED: Final = "uploaded batch"
_NO_LOG: Final = f"expected {LOG_NAME} of restore among the files, got none"


def open_upload(page: PageContext, session: str, files: Sequence[str] | None) -> ReviewDesk:
    """Open uploads as a batch of their session.

    Args:
        page: The server.
        session: Whose they are.
        files: The record (JSON lines), the inputs and results that it names, and perhaps the
            overrides of an earlier review.

    Raises:
        InvalidInput: If there is not one record, or it is none.
    """
    paths = [Path(one) for one in files or ()]
    for path in paths:
        page.sessions.claim(session, path)
    lines = [path for path in paths if path.suffix.lower() == ".jsonl"]
    overrides = [path for path in lines if path.stem.startswith(Path(OVERRIDES_NAME).stem)]
    logs = [path for path in lines if path not in overrides]
    if not logs:
        raise InvalidInput(_NO_LOG)
    if len(logs) > 1 or len(overrides) > 1:
        raise InvalidInput(f"expected one {LOG_NAME} and its pictures, got {len(lines)} records")
    folder = page.sessions.new_folder(session, _TAB)
    shutil.copyfile(logs[0], folder / LOG_NAME)
    if overrides:
        shutil.copyfile(overrides[0], folder / OVERRIDES_NAME)
    pictures = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths if path not in lines
    }
    desk = ReviewDesk(folder, pictures, visitor_restorers())
    if not desk.faces():
        raise InvalidInput(f"expected faces in {LOG_NAME}, found none")
    desk.overrides()
    return desk


@dataclass(frozen=True, slots=True, eq=False)
class ReviewUpload:
    """Where a visitor puts a batch, and gets the overrides back."""

    files: gr.File
    open: gr.Button
    overrides: gr.DownloadButton

    def wire(
        self,
        page: PageContext,
        room: ReviewRoom,
        *,
        batch: gr.Dropdown,
        agreement: gr.HTML,
        desk: gr.Row,
    ) -> None:
        """Connect it with the desk: which batch is looked at, and what every decision changes."""

        def take(files: list[str] | None, request: gr.Request) -> tuple[Any, ...]:
            session = request.session_hash or ""
            opened = open_upload(page, session, files)
            page.sessions.keep(session, _TAB, opened)
            name = room.take(opened)
            choices = [*((one, one) for one in room.names), (_UPLOADED, name)]
            return gr.Dropdown(choices=choices, value=name), gr.Row(visible=True)

        def offer(name: str | None) -> gr.DownloadButton:
            path = room.overrides_of_upload(name)
            return gr.DownloadButton(value=path, visible=path is not None)

        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        self.open.click(answering(take), self.files, [batch, desk], **quick)
        changes = [agreement.change, batch.change]
        gr.on(changes, answering(offer), batch, self.overrides, **quick)


def add_upload(room: ReviewRoom) -> ReviewUpload:
    """Add the place for uploads, open where the operator opened no batch."""
    with gr.Accordion("Upload a batch", open=not room.names, elem_id="review-upload"):
        gr.Markdown(_WORDS, elem_classes=[TEXT_CLASS])
        files = gr.File(
            label="decisions.jsonl and its pictures",
            file_count="multiple",
            file_types=["image", ".jsonl"],
            height=140,
            elem_id="review-files",
        )
        with gr.Row(elem_classes=["ff-downloads"]):
            button = gr.Button("Look it over", variant="primary", elem_id="review-open")
            overrides = gr.DownloadButton(
                "Overrides (JSON lines)", visible=False, elem_id="review-overrides"
            )
    return ReviewUpload(files, button, overrides)
