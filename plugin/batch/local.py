"""Guards a batch on this machine: in this process, or in worker processes that one parent feeds.

Either way one process writes, in the order of the plan: the same results, journal and lines.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from ...core.errors import InvalidInput
from ...guards.policy import Policy
from ...restorers.registry import is_shipped
from ..cameras.guarding import RoutedGuards
from ..pipeline import Guard
from .folder import folder_claimed
from .picture import PictureWorker, delivered_alpha
from .plan import PlannedPicture
from .pool import WorkerPool
from .recipe import GuardRecipe
from .resuming import begin_batch, finished_row
from .worked import BatchFacts, PictureOutcome, WorkedPicture
from .writer import BatchWriter

__all__ = [
    "Engine",
    "InProcess",
    "PictureOutcome",
    "delivered_alpha",
    "guard_pictures",
    "open_engine",
    "run_batch",
]


_FILTERS: Final = frozenset({"classical", "test"})
"""Kinds of restorers that run no network."""


class Engine(Protocol):
    """Who does the work of a batch, wherever."""

    def facts(self) -> BatchFacts:
        """What decides the results."""
        ...

    def policy(self) -> Policy:
        """Under which is decided; with several cameras, what stands above a report on them."""
        ...

    def works(
        self, plans: Iterable[PlannedPicture]
    ) -> Iterator[tuple[PlannedPicture, WorkedPicture]]:
        """Treat pictures; each with what became of it, in order. Writes nothing."""
        ...

    def close(self) -> None:
        """Let go of everything, also half-way."""
        ...


class InProcess:
    """The engine without further processes.

    Args:
        worker: Who works.
    """

    def __init__(self, worker: PictureWorker) -> None:
        self._worker = worker

    def facts(self) -> BatchFacts:
        """What decides the results."""
        return self._worker.facts()

    def policy(self) -> Policy:
        """Under which is decided."""
        return self._worker.guard.policy

    def works(
        self, plans: Iterable[PlannedPicture]
    ) -> Iterator[tuple[PlannedPicture, WorkedPicture]]:
        """Treat pictures, one after the other."""
        for plan in plans:
            yield plan, self._worker.work(plan)

    def close(self) -> None:
        """Nothing is held."""


def open_engine(
    recipe: GuardRecipe,
    pictures: int,
    *,
    jobs: int = 1,
    isolate: bool | None = None,
    warn: Callable[[str], None] | None = None,
) -> Engine:
    """Choose who does a batch.

    Worker processes where several are asked for, and where one restorer that could hang (a
    network) has more than one picture to do: only a process can be ended. Filters, a single
    picture, and restorers that were registered in this process alone run in this process.

    Args:
        recipe: The guard.
        pictures: How many there are to do.
        jobs: How many worker processes.
        isolate: Whether to work in processes of their own even so, or not even so; None chooses.
        warn: Told where weights are not a profile's.

    Raises:
        InvalidInput: If several jobs are to share this process; any error of the guard.
    """
    if jobs > 1 and isolate is False:
        raise InvalidInput(f"expected --jobs 1 beside --no-isolate, got {jobs}; leave one away")
    if jobs == 1 and isolate is None:
        infos = recipe.restorers()
        might_hang = any(one.kind not in _FILTERS for one in infos)
        isolate = pictures > 1 and might_hang and all(is_shipped(one.name) for one in infos)
    if jobs > 1 or isolate:
        return WorkerPool(recipe, max(1, min(jobs, pictures)), warn=warn)
    return InProcess(recipe.build(warn=warn))


def run_batch(
    plans: Sequence[PlannedPicture],
    engine: Engine,
    log: Path,
    *,
    resume: bool = False,
    redact: bool = False,
) -> Generator[PictureOutcome, None, None]:
    """Restore, judge and write every picture; a failing one does not stop the rest.

    Args:
        plans: What to do.
        engine: Who works; closed at the end, however it comes.
        log: `decisions.jsonl` in an existing folder, beside which the journal lies.
        resume: Go on with the batch that was begun there: what is done and unchanged is left as it
            is, everything else is done.
        redact: Keep file names out of the journal.

    Yields:
        One outcome a picture: those that were done earlier, then the others, in order.

    Raises:
        InvalidInput: If another batch writes there, or the one to go on with had other settings.
        WeightsMissing: If the restorer has no weights here: no picture could be done.
        MissingExtra: If the restorer's packages are not installed.
        WorkerFailed: If a worker process does not start.
        WriteFailed: If the disk is full or refuses; what was written before is whole.
    """
    out = log.parent
    try:
        with folder_claimed(out):
            facts = engine.facts()
            with begin_batch(plans, log, facts, resume=resume, redact=redact) as journal:
                writer = BatchWriter(journal, log, redact=redact)
                writer.rewrite_log()
                left = []
                for plan in plans:
                    row = finished_row(journal, plan, out, redact=redact) if resume else None
                    if row is None:
                        left.append(plan)
                    else:
                        sha256 = row.row.input_sha256 or ""
                        yield PictureOutcome(plan, sha256=sha256, earlier=True)
                for plan, worked in engine.works(left):
                    yield writer.write(plan, worked)
                writer.finish()
    finally:
        engine.close()


def guard_pictures(
    plans: Sequence[PlannedPicture],
    guard: Guard | RoutedGuards,
    log: Path,
    *,
    resume: bool = False,
    redact: bool = False,
    **options: Any,
) -> Generator[PictureOutcome, None, None]:
    """`run_batch` in this process, with a guard that is there already.

    Args:
        plans: What to do.
        guard: Who does it; with several cameras, each picture's own.
        log: As there.
        resume: As there.
        redact: As there, and out of the records too.
        **options: As of `PictureWorker`.

    Yields:
        As there; raises as it does.
    """
    worker = PictureWorker(guard, redact=redact, **options)
    yield from run_batch(plans, InProcess(worker), log, resume=resume, redact=redact)
