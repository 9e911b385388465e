"""Runs the service under uvicorn: one port, and an end that waits for accepted jobs.

SIGTERM and Ctrl-C: new work is answered with 503, accepted jobs are finished, then the process
ends. A second signal ends it at once; the job log then names what was under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from time import monotonic
from types import FrameType
from typing import Final

import uvicorn

from ...core.errors import InvalidInput
from .app import create_app
from .desk import Desk
from .service import Service
from .settings import ServiceSettings

__all__ = ["serve"]

_GRACE_SECONDS: Final = 2
_BACKLOG: Final = 256


def serve(settings: ServiceSettings, ready: Callable[[str, Service], None]) -> bool:
    """Serve until the process is interrupted or terminated.

    Args:
        settings: The operator's.
        ready: Called once with the address and the service, when it takes requests.

    Returns:
        Whether every accepted job was finished.

    Raises:
        InvalidInput: If the port is taken or a setting cannot be used.
        WeightsMissing: If a restorer cannot run here; likewise its kin.
        WriteFailed: If the job log cannot be written.
    """
    with _listen(settings) as listener:
        service = Service(settings)
        port: int = listener.getsockname()[1]
        address = _address(settings.host, port)
        config = uvicorn.Config(
            create_app(service),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        server = _DrainingServer(config, service.desk, settings, lambda: ready(address, service))
        try:
            asyncio.run(server.serve(sockets=[listener]))
        finally:
            service.close()
        return not server.cut_short


class _DrainingServer(uvicorn.Server):
    """Ends in two steps: no new work, then, when the desk is empty or time is over, no more."""

    def __init__(
        self,
        config: uvicorn.Config,
        desk: Desk,
        settings: ServiceSettings,
        ready: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.cut_short = False
        self._desk = desk
        self._drain_seconds = settings.drain_seconds
        self._ready = ready
        self._deadline = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Begin to drain; the second time, end at once."""
        if self._desk.draining:
            self._deadline = 0.0
            self.force_exit = True
        else:
            self._desk.draining = True
            self._deadline = monotonic() + self._drain_seconds

    async def on_tick(self, counter: int) -> bool:
        """Whether to end now; asked ten times a second."""
        if self._desk.draining:
            over = monotonic() >= self._deadline
            self.cut_short = over and self._desk.taken > 0
            self.should_exit = over or self._desk.taken == 0
        return await super().on_tick(counter)


@contextlib.contextmanager
def _listen(settings: ServiceSettings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    place = (settings.host, settings.port)
    try:
        listener = socket.create_server(place, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InvalidInput(
            f"expected to listen on {settings.host}:{settings.port}, got: {error}; choose "
            "another --port (0 takes a free one)"
        ) from error
    with listener:
        yield listener


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
