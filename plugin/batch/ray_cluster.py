"""Ray itself: started on this machine or found at an address, quiet, private, without telemetry."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from ...core.errors import InvalidInput, MissingExtra, WorkerFailed
from .worker_process import usable_cpus

__all__ = ["RayCluster", "RayOptions"]

_ANSWER_SECONDS: Final = 5.0
_LOCAL: Final = "local"
_HOST_AND_PORT: Final = re.compile(r"\[?([^\[\]/]+?)\]?:(\d{1,5})")
_ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",  # no telemetry
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",  # nothing of the workers on our stdout
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
}
_START_WAIT: Final = ("RAY_gcs_server_port_wait_time_s", "90")  # busy machines need more than 20 s
_HTTP2_HELLO: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_HTTP2_SETTINGS: Final = 4
_LOGGERS: Final = ("ray", "ray.data", "ray.serve", "ray.train")


@dataclass(frozen=True, slots=True)
class RayOptions:
    """Where Ray runs, and how much of it is used.

    Attributes:
        address: host:port of a cluster's head, "auto" for the one that runs on this machine,
            "local" to start one here; without it RAY_ADDRESS, else "local".
        workers: How many guards work at once; as many as fit where None.
        gpu_fraction: Share of a GPU that each takes; 0 leaves GPUs alone.
        object_store_bytes: Memory for what is on its way, of a Ray that is started here; Ray's own
            choice where None.
    """

    address: str | None = None
    workers: int | None = None
    gpu_fraction: float = 0.0
    object_store_bytes: int | None = None


class RayCluster:
    """A connection to Ray; a Ray that this process is connected to already is used and left.

    Args:
        options: Where and how much.

    Attributes:
        ray: The module.
        workers: How many guards work at once.
        threads: How many threads each may use.

    Raises:
        MissingExtra: If Ray is not installed.
        InvalidInput: If the address is none, or there is no GPU to share.
        WorkerFailed: If nothing answers at the address, or Ray does not start.
    """

    def __init__(self, options: RayOptions) -> None:
        self._options = options
        address = options.address or os.environ.get("RAY_ADDRESS") or _LOCAL
        _require_address(address)
        _require_fraction(options)
        self.ray = _import_ray(private=address == _LOCAL)
        self._is_ours = not self.ray.is_initialized()
        if self._is_ours:
            self._connect(address)
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self.workers = options.workers or self._room()
            undo.pop_all()
        self.threads = max(1, usable_cpus() // self.workers) if address == _LOCAL else 1

    @property
    def resources(self) -> dict[str, float]:
        """What each worker takes, by the names of Ray's arguments."""
        taken = {"num_cpus": 1.0}
        if self._options.gpu_fraction:
            taken["num_gpus"] = self._options.gpu_fraction
        return taken

    @property
    def data_failures(self) -> tuple[type[BaseException], ...]:
        """What Ray Data raises beside Ray's own errors."""
        from ray.data import exceptions

        return (exceptions.UserCodeException, exceptions.SystemException)

    def close(self) -> None:
        """Let go of Ray; one that was started here ends."""
        if self._is_ours:
            self.ray.shutdown()

    def _connect(self, address: str) -> None:
        """Start Ray, or connect to it.

        Raises:
            WorkerFailed: If that fails.
        """
        choice: dict[str, Any] = {"address": address, "log_to_driver": False}
        if address == _LOCAL:
            choice |= {
                "num_cpus": max(self._options.workers or 1, usable_cpus()),
                "include_dashboard": False,
                "object_store_memory": self._options.object_store_bytes,
            }
        level = logging.getLogger("facefidelity").getEffectiveLevel()
        connected = False
        try:
            with _native_words_hidden(hidden=level > logging.DEBUG):
                self.ray.init(logging_level=logging.CRITICAL, **choice)
            connected = True
        except (ConnectionError, OSError, RuntimeError, ValueError, TimeoutError) as error:
            raise WorkerFailed(
                f"expected Ray to {'start here' if address == _LOCAL else f'answer at {address}'}, "
                f"got: {_first_sentence(error)}; see that the address is a cluster's head and its "
                "versions of Ray and Python are those of this machine"
            ) from error
        finally:
            if not connected:  # parts of it may run
                self.ray.shutdown()
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)

    def _room(self) -> int:
        """How many workers fit.

        Raises:
            InvalidInput: If a GPU is to be shared and there is none.
        """
        resources = self.ray.cluster_resources()
        room = int(resources.get("CPU", 1.0))
        if self._options.gpu_fraction:
            gpus = resources.get("GPU", 0.0)
            if not gpus:
                raise InvalidInput(
                    "expected a GPU for --gpu-fraction, Ray sees none; leave it away, or give "
                    "--ray-workers where the cluster adds machines with one by itself"
                )
            room = min(room, int(gpus / self._options.gpu_fraction + 1e-6))
        return max(1, room)


def _require_address(address: str) -> None:
    """Refuse what is no address, and where nothing listens.

    Raises:
        InvalidInput: If it is none.
        WorkerFailed: If nothing answers.
    """
    if address in {"auto", _LOCAL}:
        return
    found = _HOST_AND_PORT.fullmatch(address)
    if found is None or int(found[2]) > 65535:
        raise InvalidInput(
            f"expected --ray-address as host:port of a cluster's head, auto or local, got "
            f"{address}; run the command on a machine of the cluster, by `ray job submit` from "
            "elsewhere"
        )
    try:
        speaks = _speaks_http2(found[1], int(found[2]))
    except OSError as error:
        raise WorkerFailed(
            f"expected a Ray cluster at {address}, got no answer within {_ANSWER_SECONDS:g} s "
            f"({error.strerror or error}); check the address, or start one by `ray start --head`"
        ) from error
    if not speaks and os.environ.get("RAY_USE_TLS", "0") == "0":
        raise WorkerFailed(
            f"expected a Ray cluster at {address}, got something else that listens there; the "
            "port of a cluster's head is 6379 unless it was started with another"
        )


def _speaks_http2(host: str, port: int) -> bool:
    """Whether a listener greets as every head does; Ray itself would ask others for minutes."""
    with socket.create_connection((host, port), _ANSWER_SECONDS) as connection:
        connection.sendall(_HTTP2_HELLO)
        answer = connection.recv(16)
    return len(answer) > 3 and answer[3] == _HTTP2_SETTINGS


def _require_fraction(options: RayOptions) -> None:
    fraction = options.gpu_fraction
    if not fraction >= 0.0 or (fraction > 1.0 and not float(fraction).is_integer()):
        raise InvalidInput(
            f"expected --gpu-fraction from 0 to 1, or whole GPUs, got {fraction:g}; 0.5 lets two "
            "workers share one"
        )
    if options.workers is not None and options.workers < 1:
        raise InvalidInput(f"expected at least one Ray worker, got {options.workers}")


def _import_ray(*, private: bool) -> Any:
    """Import Ray with its telemetry off and its words kept from our stdout.

    Args:
        private: Also let a Ray that is started here take orders from this process alone.

    Raises:
        MissingExtra: If it, or what its data library needs, is not installed.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if private:
        os.environ.setdefault(*_START_WAIT)
    fresh = "ray" not in sys.modules  # it reads this once, when it is imported
    if private and fresh and "RAY_AUTH_MODE" not in os.environ:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = _token()
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtra("the Ray engine", "ray") from error
    return ray


@lru_cache(maxsize=1)
def _token() -> str:
    """One a process: Ray reads it once."""
    return secrets.token_hex(32)


@contextlib.contextmanager
def _native_words_hidden(*, hidden: bool) -> Iterator[None]:
    """Keep what Ray's native part writes to stderr while it starts away from the user."""
    if not hidden:
        yield
        return
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _first_sentence(error: BaseException) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words.split(". ")[0][:200]
