"""Whose files are whose: every file of a session goes when the session ends.

A file belongs to the sessions that claimed it. Gradio names an upload by its content, so that two
sessions which upload one picture share a file: it stays until the last of them has ended.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["Sessions"]

_FOLDERS_KEPT: Final = 2
"""Of each tab: the one that is shown, and the one before it, which may still be on its way."""
_logger = logging.getLogger(__name__)


class Sessions:
    """The files of every open session.

    Args:
        work: The server's private folder; nothing outside it is ever claimed or deleted.
    """

    def __init__(self, work: Path) -> None:
        self._work = work.resolve()
        self._folders: dict[str, Path] = {}
        self._claims: dict[str, set[Path]] = {}
        self._values: dict[str, dict[str, Any]] = {}
        self._runs: dict[tuple[str, str], list[Path]] = {}
        self._endings: dict[str, dict[str, Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def folder(self, session: str) -> Path:
        """A session's own folder, of a name that cannot be guessed; made when it is first asked.

        Args:
            session: Gradio's hash of the session.
        """
        with self._lock:
            folder = self._folders.get(session)
            if folder is None:
                folder = self._work / f"session-{secrets.token_urlsafe(24)}"
                folder.mkdir(mode=0o700)
                self._folders[session] = folder
            return folder

    def new_folder(self, session: str, tab: str) -> Path:
        """A fresh folder for what one tab shows next; that of the run before the last goes."""
        folder = self.folder(session) / f"{tab}-{secrets.token_urlsafe(12)}"
        folder.mkdir(mode=0o700)
        with self._lock:
            runs = self._runs.setdefault((session, tab), [])
            runs.append(folder)
            gone, runs[:] = runs[:-_FOLDERS_KEPT], runs[-_FOLDERS_KEPT:]
        for one in gone:
            shutil.rmtree(one, ignore_errors=True)
        return folder

    def keep(self, session: str, name: str, value: object) -> None:
        """Keep a value for a session, in the place of the one of that name."""
        with self._lock:
            self._values.setdefault(session, {})[name] = value

    def kept(self, session: str, name: str) -> Any:
        """The value of that name, None where the session has none (any more)."""
        with self._lock:
            return self._values.get(session, {}).get(name)

    def at_end(self, session: str, name: str, ending: Callable[[], None]) -> None:
        """Call this when the session ends, in the place of what was said under that name."""
        with self._lock:
            self._endings.setdefault(session, {})[name] = ending

    def claim(self, session: str, path: Path) -> None:
        """Say that a file below the work folder belongs to a session; others are left alone."""
        path = path.resolve()
        if path.is_relative_to(self._work):
            with self._lock:
                self._claims.setdefault(session, set()).add(path)

    def end(self, session: str) -> None:
        """Stop what the session runs; delete its folder, and every file no other one claims."""
        with self._lock:
            folder = self._folders.pop(session, None)
            claimed = self._claims.pop(session, set())
            self._values.pop(session, None)
            endings = self._endings.pop(session, {})
            for key in [key for key in self._runs if key[0] == session]:
                del self._runs[key]
            kept = {path for paths in self._claims.values() for path in paths}
        for ending in endings.values():
            ending()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        for path in claimed - kept:
            _delete(path)

    def end_all(self) -> None:
        """End every session, when the server ends."""
        with self._lock:
            open_ = {*self._folders, *self._claims, *self._values, *self._endings}
        for session in open_:
            self.end(session)


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _logger.warning("an upload could not be deleted: %s", error.strerror)
