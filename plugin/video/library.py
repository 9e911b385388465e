"""PyAV, the one door to it: loaded when a clip is opened, and named where it is missing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ...core.errors import MissingExtra

__all__ = ["require_av"]


@lru_cache(maxsize=1)
def require_av() -> Any:
    """PyAV, silent.

    Raises:
        MissingExtra: If it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtra("reading and writing clips", "video") from error
    av.logging.set_level(None)
    return av
