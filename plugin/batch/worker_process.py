"""The parent's side of one worker process."""

from __future__ import annotations

import contextlib
import logging
import math
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from typing import Final

from .plan import PlannedPicture
from .process import Done, Moved, Ready, Unable, serve
from .recipe import GuardRecipe

__all__ = ["WorkerProcess", "usable_cpus"]

_END_SECONDS: Final = 10.0


class WorkerProcess:
    """One worker: what it was given, and until when it must give a sign of life.

    Args:
        recipe: What it builds.
        threads: How many it may use.
        start_seconds: Time in which it must be ready.
    """

    def __init__(self, recipe: GuardRecipe, threads: int, start_seconds: float) -> None:
        # Never forked: a fork would carry over the threads' locks but not the threads.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        level = logging.getLogger("facefidelity").getEffectiveLevel()
        self._process = context.Process(
            target=serve,
            args=(theirs, recipe, threads, level),
            name="facefidelity-worker",
            daemon=True,
        )
        with _interrupts_held():
            self._process.start()
        theirs.close()
        self.is_ready = False
        self.numbers: deque[int] = deque()
        """Pictures that it has, the one under way first."""
        self.deadline = time.monotonic() + start_seconds

    @property
    def process_id(self) -> int | None:
        """Of the system."""
        return self._process.pid

    def give(self, number: int, plan: PlannedPicture, patience_seconds: float) -> bool:
        """Send a picture; False where the process is gone."""
        try:
            self.connection.send((number, plan))
        except OSError:
            return False
        self.numbers.append(number)
        if len(self.numbers) == 1:
            self.set_deadline(patience_seconds)
        return True

    def hear(self) -> Ready | Unable | Moved | Done | None:
        """The next message; None where the process is gone."""
        try:
            message: Ready | Unable | Moved | Done = self.connection.recv()
        except (EOFError, OSError):
            return None
        return message

    def set_deadline(self, patience_seconds: float) -> None:
        """Note a sign of life: who has work must give the next one in time."""
        self.deadline = time.monotonic() + patience_seconds if self.numbers else math.inf

    def end(self, grace_seconds: float = 0.0) -> int | None:
        """End the process, and say how it ended.

        Args:
            grace_seconds: How long it may still take to end by itself.
        """
        with contextlib.suppress(OSError):
            self.connection.close()
        self._process.join(grace_seconds)
        if self._process.is_alive():
            self._process.kill()
        self._process.join(_END_SECONDS)
        return self._process.exitcode


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach, not even before it can say so itself."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def usable_cpus() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
