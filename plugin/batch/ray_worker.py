"""What runs in Ray's workers: one guard each, built from the recipe. Ray is imported there only."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from ...core.errors import FaceFidelityError
from ...guards.policy import Policy
from .journal_rows import canonical
from .plan import PlannedPicture
from .process import Unable
from .recipe import GuardRecipe
from .worked import BatchFacts, WorkedPicture

__all__ = ["Attempts", "GuardWorker", "Probed", "WorkerOrder", "facts_text", "probe"]

_TRIES: Final = 2
_THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_HANGS: Final = 3
_STDERR: Final = 2


class Probed(NamedTuple):
    """What a worker's machine says before the batch: what decides, and what it warns of."""

    facts: BatchFacts
    policy: Policy
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class WorkerOrder:
    """What a worker is told once.

    Attributes:
        recipe: Whom to build.
        folder: Where the command runs: relative paths are meant from there.
        threads: How many it may use.
        slack_seconds: Time beside the restorers' own limits after which it counts as hanging.
    """

    recipe: GuardRecipe
    folder: str
    threads: int
    slack_seconds: float


def probe(order: WorkerOrder) -> Probed | Unable:
    """Build the guard once, for what decides its results."""
    warnings: list[str] = []
    try:
        worker = _built(order, warnings)
        return Probed(worker.facts(), worker.guard.policy, warnings)
    except FaceFidelityError as error:
        return Unable(error)


def facts_text(facts: BatchFacts) -> str:
    """What must be the same on every machine, as text to compare."""
    release = facts.versions.get("facefidelity")
    return canonical([facts.settings, facts.weights, release])


class Attempts:
    """Counts how often work on each picture was begun: who kills its worker is known by it."""

    def __init__(self) -> None:
        self._begun: Counter[int] = Counter()

    def begin(self, number: int) -> int:
        """Note one more begin; how many there are now."""
        self._begun[number] += 1
        return self._begun[number]


class GuardWorker:
    """Treats what Ray Data hands it; one a worker.

    One that hangs ends itself, so that Ray starts another.

    Args:
        order: Whom to build, and how it may work.
        attempts: Handle of the actor `Attempts`.
    """

    def __init__(self, order: WorkerOrder, attempts: Any) -> None:
        self._attempts = attempts
        self._unable: Unable | None = None
        try:
            self._worker = _built(order, [])
            self._facts = facts_text(self._worker.facts())
            self._patience = self._worker.patience_seconds() + order.slack_seconds
        except FaceFidelityError as error:
            self._unable = Unable(error)

    def __call__(self, batch: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
        """Treat a batch.

        Args:
            batch: "number" and "plan" of each picture.

        Returns:
            "number" as it came, "worked" (`WorkedPicture` or `Unable`) and "facts".
        """
        worked = np.empty(len(batch["number"]), dtype=object)
        for index, (number, plan) in enumerate(zip(batch["number"], batch["plan"], strict=True)):
            worked[index] = self._unable or self._treat(int(number), plan)
        facts = "" if self._unable else self._facts
        return {
            "number": batch["number"],
            "worked": worked,
            "facts": np.full(len(worked), facts, dtype=object),
        }

    def _treat(self, number: int, plan: PlannedPicture) -> WorkedPicture | Unable:
        from ..timebox import restorer_hangs

        if restorer_hangs():  # left by an earlier picture: only a new process is rid of it
            os._exit(_HANGS)
        if self._begins(number) > _TRIES:
            return WorkedPicture(
                error=f"expected a result, but the process that worked on it ended {_TRIES} times; "
                "look whether memory suffices and the file is whole"
            )
        self._watch(0, 0)
        try:
            worked: WorkedPicture = self._worker.work(plan, self._watch)
            return worked
        except FaceFidelityError as error:
            return Unable(error)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _begins(self, number: int) -> int:
        """Which try this is; the first where the count was lost with its machine."""
        import ray

        try:
            return int(ray.get(self._attempts.begin.remote(number)))
        except ray.exceptions.RayError:
            return 1

    def _watch(self, _done: int, _all: int) -> None:
        """Give the next face its time; native code that hangs is ended too."""
        faulthandler.dump_traceback_later(self._patience, exit=True, file=_STDERR)


def _built(order: WorkerOrder, warnings: list[str]) -> Any:
    for name in _THREAD_VARIABLES:
        os.environ[name] = str(order.threads)
    with contextlib.suppress(OSError):  # not here: what is meant from there is named when it fails
        os.chdir(order.folder)
    import cv2

    cv2.setNumThreads(order.threads)
    return order.recipe.build(order.threads, warnings.append)
