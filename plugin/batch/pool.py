"""Several worker processes at one batch.

Results come in the order of the plan; a worker that hangs or dies costs its picture and no other.
Bounded: so many pictures are under way that no worker waits, and no more are held, however slow the
first of them is or whoever takes the results.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from multiprocessing.connection import wait
from types import TracebackType
from typing import Final

from ...core.errors import WorkerFailed
from ...guards.policy import Policy
from .plan import PlannedPicture
from .process import Done, Moved, Ready, Unable
from .recipe import GuardRecipe
from .worked import BatchFacts, WorkedPicture
from .worker_process import WorkerProcess, usable_cpus

__all__ = ["WorkerPool"]

_AHEAD: Final = 2
"""Pictures that one worker has: one under way, and the next."""
_TRIES: Final = 2
_START_SECONDS: Final = 600.0
_DEATH_SECONDS: Final = 2.0
_LONGEST_WAIT_SECONDS: Final = 3600.0


class WorkerPool:
    """Treats pictures in worker processes; an engine of `run_batch`.

    Args:
        recipe: What each worker builds.
        jobs: How many workers.
        slack_seconds: Time that a face may take beside its restorer; after the restorers' time
            limits and this, a worker counts as hanging and is ended.
        warn: Told what the first worker warns of.

    Raises:
        FaceFidelityError: Whatever keeps the guard from being built.
        WorkerFailed: If no worker process starts.
    """

    def __init__(
        self,
        recipe: GuardRecipe,
        jobs: int,
        *,
        slack_seconds: float = 60.0,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._recipe = recipe
        self._threads = max(1, usable_cpus() // jobs)
        self._window = jobs * (_AHEAD + 2)
        self._slack_seconds = slack_seconds
        self._face_seconds = recipe.time_limit_seconds
        self._ready: Ready | None = None
        self._warn = warn or (lambda _said: None)
        self._plans: dict[int, PlannedPicture] = {}
        self._done: dict[int, WorkedPicture] = {}
        self._waiting: deque[int] = deque()
        self._deaths: dict[int, int] = {}
        self._workers: list[WorkerProcess] = []
        with ExitStack() as undo:
            undo.callback(self.close)
            for _ in range(jobs):
                self._start_worker()
            undo.pop_all()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def facts(self) -> BatchFacts:
        """What decides the results; waits for the first worker."""
        facts: BatchFacts = self._first_ready().facts
        return facts

    def policy(self) -> Policy:
        """Under which is decided; waits for the first worker."""
        policy: Policy = self._first_ready().policy
        return policy

    def works(
        self, plans: Iterable[PlannedPicture]
    ) -> Iterator[tuple[PlannedPicture, WorkedPicture]]:
        """Treat pictures.

        Args:
            plans: What to do; taken as workers become free.

        Yields:
            Each with what became of it, in order.

        Raises:
            WeightsMissing: If the restorer has no weights here; likewise MissingExtra.
            WorkerFailed: If a worker process does not start.
        """
        coming = enumerate(plans)
        following = 0
        while True:
            self._feed(coming)
            if not self._plans:
                return
            while following not in self._done:
                self._listen()
                self._feed(coming)
            yield self._plans.pop(following), self._done.pop(following)
            following += 1

    def close(self) -> None:
        """End every worker now; they have written nothing."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _first_ready(self) -> Ready:
        while self._ready is None:
            self._listen()
        return self._ready

    def _feed(self, coming: Iterator[tuple[int, PlannedPicture]]) -> None:
        """Give work to whoever has little, the picture that is waited for first."""
        for number, plan in islice(coming, self._window - len(self._plans)):
            self._plans[number] = plan
            self._waiting.append(number)
        while self._waiting and (worker := self._idlest()):
            number = self._waiting.popleft()
            if not worker.give(number, self._plans[number], self._patience()):
                self._waiting.appendleft(number)
                self._bury(worker)

    def _idlest(self) -> WorkerProcess | None:
        free = [one for one in self._workers if one.is_ready and len(one.numbers) < _AHEAD]
        return min(free, key=lambda one: len(one.numbers), default=None)

    def _listen(self) -> None:
        """Wait for one message, death or deadline at least, and act on all that came."""
        overdue = min(worker.deadline for worker in self._workers)
        by_connection = {worker.connection: worker for worker in self._workers}
        seconds = min(max(0.0, overdue - time.monotonic()), _LONGEST_WAIT_SECONDS)
        for connection in wait(list(by_connection), seconds):
            worker = by_connection[connection]  # type: ignore[index]  # wait gives what it got
            message = worker.hear()
            if message is None:
                self._bury(worker)
            else:
                self._heed(worker, message)
        for worker in [one for one in self._workers if one.deadline <= time.monotonic()]:
            if not worker.connection.poll():
                self._give_up(worker)

    def _heed(self, worker: WorkerProcess, message: Ready | Unable | Moved | Done) -> None:
        if isinstance(message, Unable):
            raise message.error
        if isinstance(message, Ready):
            if self._ready is None:
                self._ready, self._face_seconds = message, message.patience_seconds
                for said in message.warnings:
                    self._warn(said)
            worker.is_ready = True
        if isinstance(message, Done):
            worker.numbers.remove(message.number)
            self._done[message.number] = message.worked
            if message.tainted:
                self._replace(worker)
                return
        worker.set_deadline(self._patience())

    def _patience(self) -> float:
        return self._face_seconds + self._slack_seconds

    def _bury(self, worker: WorkerProcess) -> None:
        """A worker died: its picture is tried once more, then it has failed."""
        code = worker.end(_DEATH_SECONDS)
        if not worker.is_ready:
            raise WorkerFailed(
                f"expected a worker process to start, it ended with code {code}; --verbose shows "
                "what it said, --jobs 1 --no-isolate works without one"
            )
        if worker.numbers:
            number = worker.numbers[0]
            self._deaths[number] = self._deaths.get(number, 0) + 1
            if self._deaths[number] >= _TRIES:
                worker.numbers.popleft()
                self._done[number] = WorkedPicture(
                    error=f"expected a result, but the process that worked on it ended {_TRIES} "
                    f"times ({_cause(code)}); look whether memory suffices and the file is whole"
                )
        self._replace(worker)

    def _give_up(self, worker: WorkerProcess) -> None:
        """A worker hangs where the restorer's own time limit does not reach: its picture failed."""
        if not worker.is_ready:
            raise WorkerFailed(
                f"expected a worker process to be ready within {_START_SECONDS:g} s, it was not"
            )
        number = worker.numbers.popleft()
        self._done[number] = WorkedPicture(
            error=f"expected a sign of life within {self._patience():g} s, got none; the process "
            "that worked on it was ended; raise --time-limit if it is only slow"
        )
        self._replace(worker)

    def _replace(self, worker: WorkerProcess) -> None:
        worker.end()
        self._workers.remove(worker)
        self._waiting = deque(sorted([*worker.numbers, *self._waiting]))
        self._start_worker()

    def _start_worker(self) -> None:
        self._workers.append(WorkerProcess(self._recipe, self._threads, _START_SECONDS))


def _cause(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
