"""Long work of one visitor in a thread of its own: how far it is, and a way to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

from ..core.errors import WorkStopped

__all__ = ["Job", "Stage", "Tell"]

_STOPPED: Final = "the work was stopped; what was measured is kept"

Tell = Callable[[str, int, int], None]
"""Told after every step what is done, how much of it, and of how much; raises to stop the work."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a job is.

    Attributes:
        words: What it does.
        done: How much of that is done.
        total: Of how much.
        seconds: Since it began.
    """

    words: str
    done: int
    total: int
    seconds: float


class Job:
    """One piece of work, begun at once.

    Args:
        work: Does it, and tells how far it is.
    """

    def __init__(self, work: Callable[[Tell], Any]) -> None:
        self._began = time.monotonic()
        self._told: tuple[str, int, int] = ("getting ready", 0, 1)
        self._stop = Event()
        thread = ThreadPoolExecutor(1, thread_name_prefix="facefidelity-page-job")
        self._future: Future[Any] = thread.submit(work, self._tell)
        thread.shutdown(wait=False)

    @property
    def stage(self) -> Stage:
        """How far it is."""
        return Stage(*self._told, time.monotonic() - self._began)

    def runs(self, seconds: float) -> bool:
        """Wait so long at most; whether it still runs then."""
        return bool(wait([self._future], seconds).not_done)

    def stop(self) -> None:
        """Ask it to stop, which it does at its next step."""
        self._stop.set()

    def result(self) -> Any:
        """What it gave, when it is over.

        Raises:
            WorkStopped: If it was stopped.
            FaceFidelityError: Or anything else that the work raised.
        """
        return self._future.result()

    def _tell(self, words: str, done: int, total: int) -> None:
        self._told = (words, done, total)
        if self._stop.is_set():
            raise WorkStopped(_STOPPED)
