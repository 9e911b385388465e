"""Runs a restorer with a time limit.

The call runs in a daemon thread: when the limit passes, the face gets its verdict and the batch
goes on; Python cannot end the thread itself, so a restorer that hangs keeps its thread, until the
process ends: a batch runs restorers that may hang in processes of their own (`plugin.batch.pool`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from ..core.errors import (
    ChecksumMismatch,
    MissingExtra,
    RestorerFailed,
    RestorerTimedOut,
    UnsupportedWeights,
    WeightsMissing,
)

__all__ = ["CANNOT_RUN", "call_restorer", "restorer_hangs"]

CANNOT_RUN: Final = (ChecksumMismatch, MissingExtra, UnsupportedWeights, WeightsMissing)
"""What says that a restorer cannot run here at all, whatever the face."""

_THREAD_NAME: Final = "facefidelity-restorer-"


def call_restorer(name: str, call: Callable[[], Any], limit_seconds: float) -> tuple[Any, float]:
    """Call a restorer.

    Args:
        name: For the error message.
        call: Restores one face.
        limit_seconds: Wall time after which it counts as hanging.

    Returns:
        What it returned, and the seconds that it took.

    Raises:
        RestorerTimedOut: If it did not finish in time.
        RestorerFailed: If it raised; the cause is chained.
        WeightsMissing, ChecksumMismatch, UnsupportedWeights, MissingExtra: If it cannot run at all,
            unchanged.
    """
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:  # noqa: BLE001 - border: it may raise anything, even SystemExit
            failure.append(error)

    started = time.perf_counter()
    thread = threading.Thread(target=run, name=f"{_THREAD_NAME}{name}", daemon=True)
    thread.start()
    thread.join(limit_seconds)
    seconds = time.perf_counter() - started
    if thread.is_alive():
        raise RestorerTimedOut(
            f"{name} failed: expected an answer within {limit_seconds:g} s, got none; "
            "raise the time limit if it is only slow"
        )
    if failure:
        if isinstance(failure[0], (*CANNOT_RUN, RestorerFailed)):
            raise failure[0]
        raise RestorerFailed(
            f"{name} failed: {type(failure[0]).__name__}: {failure[0]}"
        ) from failure[0]
    return outcome[0], seconds


def restorer_hangs() -> bool:
    """Whether a restorer of this process still runs; outside of a call it is one that hangs."""
    return any(thread.name.startswith(_THREAD_NAME) for thread in threading.enumerate())
