"""The worker process: builds its guard from the recipe and treats what it is sent.

It writes no file. Nothing heavy is imported before the number of threads is set.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple

from .recipe import GuardRecipe

__all__ = ["Done", "Moved", "Ready", "Unable", "serve"]

_THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Ready(NamedTuple):
    """The guard is built: what decides, what was warned of, and how long a face may take."""

    facts: Any
    policy: Any
    warnings: list[str]
    patience_seconds: float


class Unable(NamedTuple):
    """No picture can be done, for this reason."""

    error: Exception


class Moved(NamedTuple):
    """Work goes on: a picture or the next face of it was begun."""

    number: int


class Done(NamedTuple):
    """A picture is done; `tainted` says that a restorer still hangs in this process."""

    number: int
    worked: Any
    tainted: bool


def serve(connection: Connection, recipe: GuardRecipe, threads: int, log_level: int) -> None:
    """Treat pictures until the connection ends.

    Args:
        connection: Brings (number, plan); takes `Ready`, then `Moved` and `Done`, or `Unable`.
        recipe: Whom to build.
        threads: How many this process may use.
        log_level: Of the parent.
    """
    for name in _THREAD_VARIABLES:
        os.environ[name] = str(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.basicConfig(level=log_level)
    import cv2

    from ...core.errors import FaceFidelityError

    cv2.setNumThreads(threads)
    try:
        _work(connection, recipe, threads)
    except FaceFidelityError as error:
        connection.send(Unable(error))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone


def _work(connection: Connection, recipe: GuardRecipe, threads: int) -> None:
    from ..timebox import restorer_hangs

    warnings: list[str] = []
    worker = recipe.build(threads, warnings.append)
    facts, policy = worker.facts(), worker.guard.policy
    connection.send(Ready(facts, policy, warnings, worker.patience_seconds()))
    while True:
        number, plan = connection.recv()
        connection.send(Moved(number))
        worked = worker.work(plan, partial(_tell_moved, connection, number))
        connection.send(Done(number, worked, restorer_hangs()))


def _tell_moved(connection: Connection, number: int, _done: int, _all: int) -> None:
    connection.send(Moved(number))


def _end_with_parent() -> None:
    """End this process when its parent is gone, whatever it is busy with."""
    parent = multiprocessing.parent_process()
    with contextlib.suppress(OSError):
        if parent is not None:
            parent.join()
    os._exit(1)
