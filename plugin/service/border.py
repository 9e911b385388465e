"""What stands before every request: counting, who may ask, how much, for how long, and a place.

Pure ASGI, outermost first: `Watch`, `Doorkeeper`, `Admission`. A request that is refused has its
body read away first, within limits, so that the answer reaches a client that is still sending.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .desk import Desk
from .keys import ApiKeys
from .metrics import Metrics
from .problems import problem
from .settings import LOCAL_HOSTS, ServiceSettings

__all__ = ["CLIENT", "DEADLINE", "JOB_PATHS", "OPEN_PATHS", "Admission", "Doorkeeper", "Watch"]

JOB_PATHS: Final = frozenset({"/v1/restore", "/v1/judge", "/v1/assess"})
OPEN_PATHS: Final = frozenset({"/healthz", "/readyz", "/openapi.json"})
_PATHS: Final = JOB_PATHS | OPEN_PATHS | {"/v1/models", "/metrics"}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
CLIENT: Final = "facefidelity.client"
"""Key of the scope: name of who holds the request's key."""
DEADLINE: Final = "facefidelity.deadline"
"""Key of the scope: when the request's time is over, on the monotonic clock."""
_PATIENCE_SECONDS: Final = 5.0


class Watch:
    """Counts what comes and how it is answered.

    Args:
        app: What it stands before.
        metrics: Where it counts.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = 500, monotonic()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            path = scope["path"] if scope["path"] in _PATHS else "other"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.count_request(path, method, status, monotonic() - started)


class Doorkeeper:
    """Asks for a key where there are keys; without them answers this machine's names only.

    The latter keeps a page in a browser from reaching the service under a name of its own.

    Args:
        app: What it stands before.
        keys: The keys, None where nobody is asked.
        local: Whether the service listens on this machine only.
    """

    def __init__(self, app: ASGIApp, keys: ApiKeys | None, local: bool) -> None:
        self._app = app
        self._keys = keys
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        await _read_away(scope, receive, 1 << 20)
        await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._keys is None:
            host = headers.get("host", "localhost")
            if self._local and _host_name(host) not in LOCAL_HOSTS:
                sentence = "expected a name of this machine such as 127.0.0.1 in the header Host"
                return problem(421, f"{sentence}; start the service with keys to use others")
            return None
        if scope["path"] in OPEN_PATHS:
            return None
        client = self._keys.holder(_given_key(headers))
        if client is None:
            sentence = "expected a valid key in the header Authorization: Bearer KEY or X-API-Key"
            return problem(401, sentence, {"WWW-Authenticate": 'Bearer realm="facefidelity"'})
        scope[CLIENT] = client
        return None


class Admission:
    """Lets a job in where there is a place, and watches over its size and its time.

    Args:
        app: What it stands before.
        settings: The limits.
        desk: The places.
        metrics: Where refusals are counted.
    """

    def __init__(
        self, app: ASGIApp, settings: ServiceSettings, desk: Desk, metrics: Metrics
    ) -> None:
        self._app = app
        self._settings = settings
        self._desk = desk
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on with a place and a deadline, or refuse it."""
        is_job = scope["type"] == "http" and scope["path"] in JOB_PATHS
        if not is_job or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await _read_away(scope, receive, self._settings.max_bytes)
            await refusal(scope, receive, send)
            return
        scope[DEADLINE] = monotonic() + self._settings.timeout_seconds
        self._desk.enter()
        try:
            await self._app(scope, self._limited(scope, receive), send)
        finally:
            self._desk.leave()

    def _refusal(self, headers: Headers) -> Response | None:
        wait = {"Retry-After": str(self._desk.retry_after_seconds)}
        if self._desk.draining:
            self._metrics.count_refusal("draining")
            sentence = "the service is about to end and takes no new work; try another one"
            return problem(503, sentence, {**wait, "Connection": "close"})
        if not headers.get("content-type", "").lower().startswith("multipart/form-data"):
            return problem(415, "expected a multipart/form-data request with the pictures as files")
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._settings.max_bytes:
            return problem(413, self._too_large, {"Connection": "close"})
        if self._desk.full:
            self._metrics.count_refusal("full")
            sentence = f"all {self._desk.places} places are taken; try again a little later"
            return problem(429, sentence, wait)
        return None

    @property
    def _too_large(self) -> str:
        return f"expected a request of at most {self._settings.max_upload_mb} MiB, got a larger one"

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        received = 0

        async def limited() -> Message:
            nonlocal received
            try:
                message = await asyncio.wait_for(receive(), scope[DEADLINE] - monotonic())
            except asyncio.TimeoutError as error:
                sentence = "expected the whole request in time, got a part of it"
                raise HTTPException(408, sentence, {"Connection": "close"}) from error
            received += len(message.get("body", b""))
            if received > self._settings.max_bytes:
                raise HTTPException(413, self._too_large, {"Connection": "close"})
            return message

        return limited


def _given_key(headers: Headers) -> str:
    kind, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else str(headers.get("x-api-key", ""))


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


async def _read_away(scope: Scope, receive: Receive, limit_bytes: int) -> None:
    """Take in what a client is still sending, at most so much and for a few seconds."""
    headers = Headers(scope=scope)
    if "content-length" not in headers and "transfer-encoding" not in headers:
        return
    deadline, received, more = monotonic() + _PATIENCE_SECONDS, 0, True
    while more and received <= limit_bytes:
        try:
            message = await asyncio.wait_for(receive(), deadline - monotonic())
        except asyncio.TimeoutError:
            return
        received += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
