"""Where a visitor puts a picture; whether it is one is for `read_picture` to say, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import gradio as gr

__all__ = ["UPLOAD_NAMES_SCRIPT", "picture_upload", "reference_upload"]

_WORDS: Final = "Drop an image file here to upload"
"""What it says while it is empty: the very words that Gradio tells a screen reader."""
UPLOAD_NAMES_SCRIPT: Final = """
(() => {
  const nameByWords = () => {
    for (const button of document.querySelectorAll("button.upload-container[aria-label]"))
      if (button.innerText.trim()) button.removeAttribute("aria-label");
  };
  const everything = { characterData: true, childList: true, subtree: true };
  new MutationObserver(nameByWords).observe(document, everything);
})();
"""
"""Names buttons that take files by what is written on them (WCAG 2.5.3); Gradio does not."""


def reference_upload() -> gr.File:
    """Add a place for enrolled pictures of the person; callbacks get their paths."""
    return gr.File(
        label="Pictures of the person, one face each",
        file_count="multiple",
        file_types=["image"],
        height=120,
    )


def picture_upload(label: str, height: int, sources: Sequence[str]) -> gr.Image:
    """Add a place for one picture; callbacks get the path of the very file that came.

    Args:
        label: Its name.
        height: In px.
        sources: Of "upload", "clipboard", "webcam".
    """
    image = gr.Image(
        label=label,
        type="filepath",
        format="png",
        image_mode=None,
        placeholder=_WORDS,
        sources=list(sources),
        height=height,
        buttons=[],
    )
    decode = image.preprocess

    def keep_file(payload: Any) -> Any:
        # Gradio would open the file first, and fail without words on what is no picture.
        if payload is None or (payload.url or "").startswith("data:"):
            return decode(payload)
        return payload.path

    image.preprocess = keep_file
    return image
