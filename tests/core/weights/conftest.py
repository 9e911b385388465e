"""A loopback server for weights, and a store that pulls from it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from facefidelity.core.weights import DownloadLimits, WeightsFile, WeightsStore

BODY = bytes(range(256)) * 1200  # 307,200 bytes
HALF = len(BODY) // 2
LIMITS = DownloadLimits(stall_seconds=0.4, attempts=3, backoff_seconds=0.01)
Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers request number n with the n-th behaviour; the last one repeats."""

    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers)))
        script = self.server.scripts.get(self.path, [serve])
        behaviour = script.pop(0) if len(script) > 1 else script[0]
        with suppress(ConnectionError):
            behaviour(self)

    def answer(self, code: int, body: bytes, declared: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if declared is None else declared))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay silent."""


def serve(handler: Handler) -> None:
    """Range and If-Range as RFC 9110 has them."""
    asked, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
    if asked is None or condition not in {None, '"v1"'}:
        handler.answer(200, BODY, ETag='"v1"')
        return
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    span = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
    handler.answer(206, BODY[start:], ETag='"v1"', Content_Range=span)


def truncate(handler: Handler) -> None:
    """Promise everything, send half, hang up."""
    handler.answer(200, BODY[:HALF], declared=len(BODY), ETag='"v1"')


def stall(handler: Handler) -> None:
    """Send half, then say nothing more."""
    truncate(handler)
    handler.wfile.flush()
    handler.server.released.wait(10)


def status(code: int) -> Behaviour:
    return lambda handler: handler.answer(code, b"no")


class Server(ThreadingHTTPServer):
    """The behaviours that more than one module scripts are its own attributes."""

    daemon_threads = True
    serve, truncate, stall = staticmethod(serve), staticmethod(truncate), staticmethod(stall)
    status = staticmethod(status)

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: dict[str, list[Behaviour]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()

    def url(self, path: str = "/net.onnx") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.released.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def net() -> Callable[..., WeightsFile]:
    """Describe the served file as the registry would."""

    def build(server: Server, *mirrors: str, body: bytes = BODY) -> WeightsFile:
        return WeightsFile(
            name="net.onnx",
            url=server.url(),
            size_bytes=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            licence="MIT",
            commercial_use="yes",
            used_by=("test",),
            mirrors=mirrors,
        )

    return build


@pytest.fixture
def store(server: Server, net: Callable[..., WeightsFile], tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "weights", files=[net(server)], limits=LIMITS)
