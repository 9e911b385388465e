"""The tab "Compare": a restoration that another program made, judged against its input."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import gradio as gr

from ..core.errors import InvalidInput
from .answers import answering
from .context import PageContext
from .policies import chosen_policy
from .result_view import NETWORKS, add_decider, add_result_view
from .shown import compare_files
from .uploads import picture_upload

__all__ = ["add_compare_tab"]

_TAB: Final = "compare"
_HINT: Final = (
    "Choose the picture before and after a restoration that was made elsewhere. The after picture "
    "may be larger; both must show the same view."
)
_NOTHING: Final = "expected two pictures, before and after, got {got}; upload both"


def add_compare_tab(page: PageContext) -> None:
    """Add the tab; call it where tabs may be added."""
    with gr.Tab("Compare", id=_TAB), gr.Row(elem_classes=["ff-sides"]):
        with gr.Column(scale=0, min_width=340, elem_classes=["ff-controls"]):
            before, after = (
                picture_upload(name, 200, ("upload", "clipboard")) for name in ("Before", "After")
            )
            run = gr.Button("Compare", variant="primary", size="lg")
            decider = add_decider()
            aligned = gr.Checkbox(label="Both are one aligned face")
        with gr.Column(scale=1, min_width=320, elem_classes=["ff-result"]):
            view = add_result_view(page, _TAB, decider, _HINT)

    def compare(
        first: str | None,
        second: str | None,
        policy: str,
        limit: float,
        whole: bool,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio hands it in
    ) -> tuple[Any, ...]:
        if first is None or second is None:
            got = "none" if first is None and second is None else "one"
            raise InvalidInput(_NOTHING.format(got=got))
        session, paths = request.session_hash or "", (Path(first), Path(second))
        for one in paths:
            page.sessions.claim(session, one)
        progress(0.1, desc="Judging every face")
        decided = chosen_policy(page, session, policy, limit)
        shown = compare_files(page, session, *paths, aligned=whole, policy=decided)
        return (gr.Button(visible=False), *view.fill(page, session, _TAB, shown))

    run.click(
        answering(compare),
        [before, after, decider.policy, decider.limit, aligned],
        [decider.deliver, *view.parts],
        show_progress_on=[view.parts[1]],
        api_visibility="private",
        **NETWORKS,
    )
