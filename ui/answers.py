"""The page's border: whatever a callback raises becomes one clear sentence without a path."""

from __future__ import annotations

import functools
import inspect
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import gradio as gr

from ..core.errors import FaceFidelityError

__all__ = ["answering", "without_folders"]

_logger = logging.getLogger(__name__)
_FOLDERS: Final = re.compile(r"(?<![\w.:/<])(?:[A-Za-z]:)?[/\\](?:[^\s/\\'\":;,()<>]+[/\\])+")
_UNEXPECTED: Final = "Something unexpected went wrong; the server's log says what."

Callback = TypeVar("Callback", bound=Callable[..., Any])


def without_folders(text: str) -> str:
    """A message on one line, with every absolute path cut down to the name of its file."""
    return _FOLDERS.sub("", " ".join(text.split()))


@contextmanager
def _border() -> Iterator[None]:
    try:
        yield
    except gr.Error:
        raise
    except FaceFidelityError as error:
        said = without_folders(str(error))
        raise gr.Error(_sentence(said), title="Not done", print_exception=False) from None
    except Exception as error:
        _logger.exception("unexpected failure in a callback of the page")
        raise gr.Error(_UNEXPECTED, title="Not done", print_exception=False) from error


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")  # the toast takes HTML
    return escaped if escaped.endswith((".", "!", "?")) else f"{escaped}."


def answering(callback: Callback) -> Callback:
    """Wrap a callback or a generator of the page, so that a failure is one sentence.

    What facefidelity raises on purpose is shown in its own words; anything else is logged with
    its traceback and shown as unexpected.
    """
    if inspect.isgeneratorfunction(callback):

        @functools.wraps(callback)
        def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with _border():
                yield from callback(*args, **kwargs)

        return stream  # type: ignore[return-value]

    @functools.wraps(callback)
    def call(*args: Any, **kwargs: Any) -> Any:
        with _border():
            return callback(*args, **kwargs)

    return call  # type: ignore[return-value]
