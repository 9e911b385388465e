"""A bounded queue before a fixed number of workers; who finds no place is told when to come back.

A place is held from the first byte of a request to the end of its work, so that neither uploads
nor abandoned work can pile up.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Final, TypeVar

from ...core.errors import JobOverdue

__all__ = ["Desk"]

_LONGEST_WAIT_SECONDS: Final = 60
_JOBS_REMEMBERED: Final = 32

Answer = TypeVar("Answer")


class Desk:
    """Places and workers. Everything but the work itself happens on the event loop's thread.

    Args:
        workers: Jobs at once.
        waiting: Further places.

    Attributes:
        places: How many requests may be here at once.
        taken: How many are.
        running: How many workers work.
        draining: Whether nobody is let in any more.
    """

    def __init__(self, workers: int, waiting: int) -> None:
        self.workers = workers
        self.places = workers + waiting
        self.taken = 0
        self.running = 0
        self.draining = False
        self._seconds: deque[float] = deque(maxlen=_JOBS_REMEMBERED)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="facefidelity-worker")

    @property
    def full(self) -> bool:
        """Whether no place is free."""
        return self.taken >= self.places

    @property
    def retry_after_seconds(self) -> int:
        """When a place is likely to be free, from how long the last jobs took."""
        mean = sum(self._seconds) / len(self._seconds) if self._seconds else 1.0
        turns = max(1.0, (self.taken - self.workers) / self.workers)
        return min(_LONGEST_WAIT_SECONDS, max(1, math.ceil(mean * turns)))

    def enter(self) -> None:
        """Take a place."""
        self.taken += 1

    def leave(self) -> None:
        """Give a place back."""
        self.taken -= 1

    async def work(self, task: Callable[[], Answer], deadline: float) -> Answer:
        """Run a task on a worker.

        Args:
            task: What to do; it should look at the deadline itself where it can.
            deadline: On the monotonic clock, also for the wait.

        Returns:
            What the task returns.

        Raises:
            JobOverdue: If it did not end in time. A task that had not begun never will; one that
                had keeps its worker and a place until it ends.
        """
        loop = asyncio.get_running_loop()
        future = self._pool.submit(self._timed, task, loop)
        try:
            waiter = asyncio.shield(asyncio.wrap_future(future))
            return await asyncio.wait_for(waiter, deadline - monotonic())
        except asyncio.TimeoutError as error:
            if not future.cancel() and not future.done():
                self.enter()
                future.add_done_callback(lambda done: self._abandoned(done, loop))
            raise JobOverdue("expected the job to end in time, but it did not") from error

    def close(self) -> None:
        """Let no further task begin; nobody waits for what hangs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _timed(self, task: Callable[[], Answer], loop: asyncio.AbstractEventLoop) -> Answer:
        started = monotonic()
        _tell(loop, self._begun)
        try:
            return task()
        finally:
            _tell(loop, self._ended, monotonic() - started)

    def _begun(self) -> None:
        self.running += 1

    def _ended(self, seconds: float) -> None:
        self.running -= 1
        self._seconds.append(seconds)

    def _abandoned(self, done: Future[Answer], loop: asyncio.AbstractEventLoop) -> None:
        if not done.cancelled():
            done.exception()  # it was answered for already
        _tell(loop, self.leave)


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., None], *values: float) -> None:
    """Call something on the loop's thread; nobody is there to hear once the loop has ended."""
    try:
        loop.call_soon_threadsafe(what, *values)
    except RuntimeError:
        return
