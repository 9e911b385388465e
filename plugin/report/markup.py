"""Text into HTML, escaped unless it is known to be markup already.

The only place of the report that escapes. Whatever is not `Markup` is taken for text from
outside: a file name, an error message, a setting.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Final

__all__ = ["Markup", "escape", "fill", "join", "static_text", "tag"]

_FOLDER: Final = Path(__file__).parent
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_VOID: Final = frozenset({"img", "input", "meta", "br"})


class Markup(str):
    """HTML that is inserted as it is; only this package makes it."""

    __slots__ = ()


def escape(value: object) -> Markup:
    r"""Return a value as HTML text, safe between tags and inside quoted attributes.

    Control characters become U+FFFD; what a file name holds that is not text (lone surrogates)
    is shown as ``\uNNNN``. `Markup` passes unchanged.
    """
    if isinstance(value, Markup):
        return value
    text = str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return Markup(html.escape(_UNPRINTABLE.sub("\ufffd", text), quote=True))


def join(parts: Iterable[object], separator: str = "") -> Markup:
    """Escape each part and put them together."""
    return Markup(separator.join(escape(part) for part in parts))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """Build one element.

    Args:
        name: Name of the element.
        *children: Its content; text is escaped.
        **attributes: Values are escaped; None and False leave the attribute out, True gives it
            no value. A trailing underscore is dropped, others become hyphens.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


@lru_cache(maxsize=16)
def static_text(name: str) -> str:
    """Read a shipped part of the page: a template, the style sheet or the script."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def fill(template: str, **values: object) -> Markup:
    """Fill a shipped template; every value is escaped unless it is `Markup`."""
    escaped = {name: escape(value) for name, value in values.items()}
    return Markup(Template(static_text(template)).substitute(escaped))
