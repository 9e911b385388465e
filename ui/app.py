"""Puts the page together: one `gr.Blocks` with a tab for each thing that people come to do."""

from __future__ import annotations

import warnings
from typing import Final

import gradio as gr

from ..plugin.report.markup import Markup, join, tag
from .about import add_about_tab
from .camera import add_camera_tab
from .comparing import add_compare_tab
from .context import PageContext
from .face_card import report_html
from .inspection import add_inspect_tab
from .rate import add_rate_tab
from .review import add_review_tab

__all__ = ["build_page"]

_CACHE_SECONDS: Final = (3600, 24 * 3600)
"""How often forgotten files are looked for, and from which age they go."""
_STRIPES: Final = Markup(
    '<svg class="textures" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="stripe-ground" width="5" height="5"></rect>'
    '<rect class="stripe-line" width="2" height="5"></rect></pattern></defs></svg>'
)


def build_page(page: PageContext) -> gr.Blocks:
    """Build the page; nothing is served yet.

    Args:
        page: Settings and shared parts.
    """
    with gr.Blocks(
        title="facefidelity",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=_CACHE_SECONDS,
    ) as blocks:
        report_html(_title(), elem_id="ff-title")
        with gr.Tabs():
            add_inspect_tab(page)
            add_compare_tab(page)
            add_review_tab(page)
            add_camera_tab(page)
            add_rate_tab(page)
            add_about_tab(page)

        def end(request: gr.Request) -> None:
            if request.session_hash:
                page.sessions.end(request.session_hash)

        with warnings.catch_warnings():
            # Gradio counts the request, which it hands in itself, as an input that is missing.
            warnings.filterwarnings("ignore", message="Expected", category=UserWarning)
            blocks.unload(end)
    return blocks


def _title() -> Markup:
    words = "Restored faces, and whether they are still the person."
    return join([_STRIPES, tag("h1", "facefidelity"), tag("p", words, class_="lead")])
