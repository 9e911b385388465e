"""Nothing outside the server's private folder leaves it, whatever a request asks for.

Gradio checks the path that it is asked for but follows links, and it fetches addresses for who
asks. This check stands before it: files below the private folder after every link was followed,
and nothing of other hosts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

__all__ = ["FileBorder"]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_FILE: Final = "/file="
_FOREIGN: Final = ("/proxy=", "/deep_link", "/file=http:", "/file=https:")
_REFUSAL: Final = b'{"detail":"This file is not yours to read."}'


class FileBorder:
    """ASGI layer that refuses files outside one folder.

    Args:
        app: What it stands before.
        work: The folder.
    """

    def __init__(self, app: Application, work: Path) -> None:
        self._app = app
        self._work = work.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "http" and not self._allows(scope.get("path", "")):
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _REFUSAL})
            return
        await self._app(scope, receive, send)

    def _allows(self, path: str) -> bool:
        path = unquote(path)
        if any(mark in path for mark in _FOREIGN):
            return False
        _, found, asked = path.partition(_FILE)
        if not found:
            return True
        try:
            return Path(asked).resolve().is_relative_to(self._work)
        except (OSError, ValueError, RuntimeError):  # too long, a null byte, a circle of links
            return False
