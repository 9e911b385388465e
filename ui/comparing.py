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
from .shown import Choice, compare_files
from .uploads import picture_upload, reference_upload

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
            with gr.Accordion("Reference pictures and options", open=False):
                references = reference_upload()
                aligned = gr.Checkbox(label="Both are one aligned face")
        with gr.Column(scale=1, min_width=320, elem_classes=["ff-result"]):
            view = add_result_view(page, _TAB, decider, _HINT)

    # Gradio hands the first two in by their place, and the values of the controls behind them.
    def compare(
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - how Gradio takes it
        *given: Any,
    ) -> tuple[Any, ...]:
        first, second, policy, limit, known, whole = given
        if first is None or second is None:
            got = "none" if first is None and second is None else "one"
            raise InvalidInput(_NOTHING.format(got=got))
        session, paths = request.session_hash or "", (Path(first), Path(second))
        persons = tuple(Path(one) for one in known or ())
        for one in (*paths, *persons):
            page.sessions.claim(session, one)
        progress(0.1, desc="Judging every face")
        decided = chosen_policy(page, session, policy, limit)
        choice = Choice(aligned=whole, references=persons)
        shown = compare_files(page, session, *paths, choice=choice, policy=decided)
        return (gr.Button(visible=False), *view.fill(page, session, _TAB, shown))

    run.click(
        answering(compare),
        [before, after, decider.policy, decider.limit, references, aligned],
        [decider.deliver, *view.parts],
        show_progress_on=[view.parts[1]],
        api_visibility="private",
        **NETWORKS,
    )
