"""A batch on Ray: Ray Data hands every picture to one of many guards and keeps their order.

Workers read and restore; this process alone writes, as with any engine, so results, journal and
lines are the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ...core.errors import WorkerFailed
from ...guards.policy import Policy
from .plan import PlannedPicture
from .process import Unable
from .ray_cluster import RayCluster, RayOptions
from .ray_worker import Attempts, GuardWorker, Probed, WorkerOrder, facts_text, probe
from .recipe import GuardRecipe
from .worked import BatchFacts, WorkedPicture

__all__ = ["RayEngine"]

_WAVE: Final = 5000
"""Pictures that Ray knows of at once; each is a small object of its own."""
_START_SECONDS: Final = 600.0


class RayEngine:
    """Treats pictures in Ray's workers; an engine of `run_batch`.

    Args:
        recipe: What each worker builds. Files that it names must be readable under the same path
            on each machine of the cluster, and so must pictures that are no URLs.
        options: Where Ray runs, and how much of it is used.
        slack_seconds: Time that a face may take beside its restorer; after the restorers' time
            limits and this, a worker counts as hanging and is ended.
        warn: Told what the first worker warns of.

    Raises:
        MissingExtra: If Ray is not installed.
        InvalidInput: If the address is none, or there is no GPU to share.
        WorkerFailed: If nothing answers at the address, or Ray does not start.
    """

    def __init__(
        self,
        recipe: GuardRecipe,
        options: RayOptions | None = None,
        *,
        slack_seconds: float = 60.0,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._warn = warn or (lambda _said: None)
        self._probed: Probed | None = None
        self._cluster = RayCluster(options or RayOptions())
        folder, threads = str(Path.cwd()), self._cluster.threads
        self._order = WorkerOrder(recipe, folder, threads, slack_seconds)

    def __enter__(self) -> RayEngine:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def facts(self) -> BatchFacts:
        """What decides the results; waits for one worker.

        Raises:
            FaceFidelityError: Whatever keeps the guard from being built there.
            WorkerFailed: If no worker starts.
        """
        return self._answer().facts

    def policy(self) -> Policy:
        """Under which is decided; raises as `facts`."""
        return self._answer().policy

    def works(
        self, plans: Iterable[PlannedPicture]
    ) -> Iterator[tuple[PlannedPicture, WorkedPicture]]:
        """Treat pictures.

        Args:
            plans: What to do.

        Yields:
            Each with what became of it, in order.

        Raises:
            FaceFidelityError: Whatever keeps a guard from being built or from doing any picture.
            WorkerFailed: If Ray fails, or a machine's settings, weights or release differ.
        """
        coming = iter(plans)
        while wave := list(islice(coming, _WAVE)):
            yield from self._wave(wave)

    def close(self) -> None:
        """Let go of Ray."""
        self._cluster.close()

    def _wave(self, plans: list[PlannedPicture]) -> Iterator[tuple[PlannedPicture, WorkedPicture]]:
        expected = facts_text(self.facts())
        following = 0
        with self._telling():
            for number, worked, facts in self._results(plans):
                if isinstance(worked, Unable):
                    raise worked.error
                if number != following:
                    raise WorkerFailed(
                        f"expected picture {following} from Ray, got {number}; continue with "
                        "--resume"
                    )
                if facts != expected:
                    raise WorkerFailed(
                        "expected the same release, settings and weights on every machine of the "
                        "cluster, got others from one; install the same everywhere and continue "
                        "with --resume"
                    )
                yield plans[number], worked
                following += 1
        if following < len(plans):
            raise WorkerFailed(
                f"expected {len(plans)} results from Ray, got {following}; continue with --resume"
            )

    def _results(self, plans: list[PlannedPicture]) -> Iterator[tuple[int, Any, str]]:
        """Number, what became of it and what decided, of each picture in order."""
        ray = self._cluster.ray
        attempts = ray.remote(num_cpus=0, max_restarts=-1)(Attempts).remote()
        items = [{"number": number, "plan": plan} for number, plan in enumerate(plans)]
        with self._context():
            treated = ray.data.from_items(items, override_num_blocks=len(items)).map_batches(
                GuardWorker,
                fn_constructor_args=(self._order, attempts),
                batch_size=1,
                batch_format="numpy",
                compute=ray.data.ActorPoolStrategy(
                    size=min(self._cluster.workers, len(plans)), max_tasks_in_flight_per_actor=2
                ),
                **self._cluster.resources,
            )
            for batch in treated.iter_batches(batch_size=None, batch_format="numpy"):
                yield from zip(
                    map(int, batch["number"]), batch["worked"], batch["facts"], strict=True
                )

    @contextlib.contextmanager
    def _context(self) -> Iterator[None]:
        """Ray Data's own settings, put back afterwards: the order kept, nothing shown."""
        context = self._cluster.ray.data.DataContext.get_current()
        order = context.execution_options.preserve_order
        bars = context.enable_progress_bars
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        try:
            yield
        finally:
            context.execution_options.preserve_order = order
            context.enable_progress_bars = bars

    def _answer(self) -> Probed:
        if self._probed is None:
            ray, cluster = self._cluster.ray, self._cluster
            asked = ray.remote(max_calls=1, **cluster.resources)(probe)
            with self._telling():
                answer = ray.get(asked.remote(self._order), timeout=_START_SECONDS)
            if isinstance(answer, Unable):
                raise answer.error
            self._probed = answer
            for said in answer.warnings:
                self._warn(said)
        return self._probed

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what Ray says into one sentence.

        Raises:
            WorkerFailed: If it says something.
        """
        ray = self._cluster.ray
        failures = (ray.exceptions.RayError, *self._cluster.data_failures)
        try:
            yield
        except ray.exceptions.GetTimeoutError as error:
            raise WorkerFailed(
                f"expected a Ray worker within {_START_SECONDS:g} s, got none; see that the "
                f"cluster has what each takes ({self._cluster.resources})"
            ) from error
        except failures as error:
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise WorkerFailed(
                f"expected Ray's workers to treat the pictures, got: {said[-1][:300]}; see that "
                "facefidelity is installed on each machine, and continue with --resume"
            ) from error
