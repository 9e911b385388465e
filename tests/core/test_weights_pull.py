"""Pulling from a loopback server that behaves, stalls, truncates, lies and forgets."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from facefidelity.core.errors import ChecksumMismatch, DownloadFailed
from facefidelity.core.weights import DownloadLimits, WeightsFile, WeightsState, WeightsStore
from facefidelity.core.weights import part as part_module
from facefidelity.core.weights.part import PartFile

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


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: dict[str, list[Behaviour]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()

    def url(self, path: str = "/net.onnx") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


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


def ignore_range(handler: Handler) -> None:
    handler.answer(200, BODY)


def lie(handler: Handler) -> None:
    handler.answer(200, bytes(len(BODY)))


def captive_portal(handler: Handler) -> None:
    handler.answer(200, b"<html>please log in</html>")


def too_long_without_length(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(BODY * 3)


def wrong_range(handler: Handler) -> None:
    handler.answer(206, BODY[1:], Content_Range=f"bytes 1-{len(BODY) - 1}/{len(BODY)}")


def status(code: int) -> Behaviour:
    return lambda handler: handler.answer(code, b"no")


def redirect(place: str) -> Behaviour:
    return lambda handler: handler.answer(302, b"", Location=place)


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


def net(server: Server, *mirrors: str, body: bytes = BODY) -> WeightsFile:
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


@pytest.fixture
def store(server: Server, tmp_path: Path) -> WeightsStore:
    return WeightsStore(tmp_path / "weights", files=[net(server)], limits=LIMITS)


def left_over(store: WeightsStore) -> set[str]:
    return {path.name for path in store.root.iterdir()} - {"verified.json", ".net.onnx.lock"}


def test_a_plain_pull_brings_the_checked_file_and_nothing_else(store: WeightsStore) -> None:
    assert not store.root.exists()
    seen: list[tuple[int, int]] = []
    path = store.pull("net.onnx", lambda done, total: seen.append((done, total)))
    assert path == store.root / "net.onnx"
    assert path.read_bytes() == BODY
    assert left_over(store) == {"net.onnx"}
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_second_pull_asks_nobody(server: Server, store: WeightsStore) -> None:
    store.pull("net.onnx")
    store.pull("net.onnx")
    assert len(server.requests) == 1


def test_a_truncated_download_is_resumed_with_if_range(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [truncate, serve]
    assert store.pull("net.onnx").read_bytes() == BODY
    headers = server.requests[1][1]
    assert headers["Range"] == f"bytes={HALF}-"
    assert headers["If-Range"] == '"v1"'


def test_a_stalling_server_is_given_up_and_resumed(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [stall, serve]
    begun = time.monotonic()
    assert store.pull("net.onnx").read_bytes() == BODY
    assert time.monotonic() - begun < 5
    assert server.requests[1][1]["Range"] == f"bytes={HALF}-"


def test_a_server_that_always_stalls_ends_in_words(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [stall]
    with pytest.raises(DownloadFailed, match=r"silent for 0\.4 s.*bytes are kept"):
        store.pull("net.onnx")
    assert len(server.requests) == LIMITS.attempts
    assert store.state("net.onnx") is WeightsState.PARTIAL


def test_a_later_pull_resumes_what_an_earlier_one_left(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [truncate, status(404)]
    with pytest.raises(DownloadFailed, match="HTTP 404"):
        store.pull("net.onnx")
    assert store.state("net.onnx") is WeightsState.PARTIAL
    server.scripts["/net.onnx"] = [serve]
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests[-1][1]["Range"] == f"bytes={HALF}-"


def test_a_changed_file_is_not_stitched_to_the_old_half(
    server: Server, store: WeightsStore
) -> None:
    store.root.mkdir()
    (store.root / "net.onnx.part").write_bytes(b"old" * 1000)
    (store.root / "net.onnx.part.json").write_text(
        f'{{"url": "{server.url()}", "validator": "\\"v0\\""}}'
    )
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests[0][1]["If-Range"] == '"v0"'


def test_a_server_that_ignores_range_restarts_cleanly(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [truncate, ignore_range]
    assert store.pull("net.onnx").read_bytes() == BODY


@pytest.mark.parametrize("refusal", [status(416), wrong_range], ids=["416", "wrong range"])
def test_a_refused_resume_starts_over(
    server: Server, store: WeightsStore, refusal: Behaviour
) -> None:
    server.scripts["/net.onnx"] = [truncate, refusal, serve]
    assert store.pull("net.onnx").read_bytes() == BODY
    assert "Range" not in server.requests[2][1]


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_passing_error_is_tried_again(server: Server, store: WeightsStore, code: int) -> None:
    server.scripts["/net.onnx"] = [status(code), serve]
    assert store.pull("net.onnx").read_bytes() == BODY


def test_a_lasting_error_is_bounded(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [status(500)]
    with pytest.raises(DownloadFailed, match="HTTP 500"):
        store.pull("net.onnx")
    assert len(server.requests) == LIMITS.attempts


def test_a_missing_page_is_not_asked_for_again(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [status(404)]
    with pytest.raises(DownloadFailed, match=r"HTTP 404.*place it at .*net\.onnx"):
        store.pull("net.onnx")
    assert len(server.requests) == 1


def test_the_mirror_goes_on_where_the_first_address_failed(server: Server, tmp_path: Path) -> None:
    server.scripts["/net.onnx"] = [truncate, status(404)]
    file = net(server, server.url("/mirror/net.onnx"))
    store = WeightsStore(tmp_path, files=[file], limits=LIMITS)
    assert store.pull("net.onnx").read_bytes() == BODY
    path, headers = server.requests[-1]
    assert path == "/mirror/net.onnx"
    assert headers["Range"] == f"bytes={HALF}-"
    assert "If-Range" not in headers  # the other server's name for the version means nothing here


def test_a_redirect_is_followed(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [redirect(server.url("/elsewhere"))]
    assert store.pull("net.onnx").read_bytes() == BODY


def test_a_redirect_to_a_local_file_is_refused(
    server: Server, store: WeightsStore, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(BODY)
    server.scripts["/net.onnx"] = [redirect((tmp_path / "secret").as_uri())]
    with pytest.raises(DownloadFailed):
        store.pull("net.onnx")
    assert store.state("net.onnx") is WeightsState.MISSING


def test_a_wrong_hash_is_put_aside_and_never_used(server: Server, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [lie, serve]
    with pytest.raises(ChecksumMismatch, match=r"expected SHA-256 .* got .*net\.onnx\.rejected"):
        store.pull("net.onnx")
    assert left_over(store) == {"net.onnx.rejected"}
    assert store.state("net.onnx") is WeightsState.MISSING
    assert store.pull("net.onnx").read_bytes() == BODY


def test_a_log_in_page_is_refused_and_does_not_cost_the_half(
    server: Server, store: WeightsStore
) -> None:
    server.scripts["/net.onnx"] = [truncate, captive_portal]
    with pytest.raises(DownloadFailed, match="offers 26 bytes, 307,200 are registered"):
        store.pull("net.onnx")
    assert (store.root / "net.onnx.part").read_bytes() == BODY[:HALF]


def test_never_more_than_the_registered_size_is_written(server: Server, tmp_path: Path) -> None:
    server.scripts["/net.onnx"] = [too_long_without_length]
    store = WeightsStore(tmp_path, files=[net(server, body=BODY[:1000])], limits=LIMITS)
    assert store.pull("net.onnx").stat().st_size == 1000


def test_an_oversized_part_is_started_over(server: Server, store: WeightsStore) -> None:
    store.root.mkdir()
    (store.root / "net.onnx.part").write_bytes(BODY + b"x")
    assert store.pull("net.onnx").read_bytes() == BODY
    assert "Range" not in server.requests[0][1]


def test_a_whole_part_needs_no_server(server: Server, store: WeightsStore) -> None:
    store.root.mkdir()
    (store.root / "net.onnx.part").write_bytes(BODY)
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests == []


def test_nobody_listening_ends_in_words(server: Server, tmp_path: Path) -> None:
    file = net(server)
    server.server_close()
    store = WeightsStore(tmp_path, files=[file], limits=LIMITS)
    with pytest.raises(DownloadFailed, match="the connection failed"):
        store.pull("net.onnx")


def test_a_disk_that_is_too_small_is_named_before_the_download(
    server: Server, store: WeightsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        part_module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})()
    )
    with pytest.raises(DownloadFailed, match=r"the disk is full: .* 1,000 free"):
        store.pull("net.onnx")
    assert server.requests == []


class SmallDisk(FileIO):
    """Takes a few bytes a call, and no more than 5,000 in all."""

    def write(self, piece: Any) -> int:
        if self.tell() >= 5000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(piece[:1000])


def test_a_disk_that_fills_up_on_the_way_is_named_and_the_rest_resumed(
    server: Server, store: WeightsStore
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PartFile, "open_at", lambda part, offset: SmallDisk(part.path, "wb"))
        with pytest.raises(DownloadFailed, match=r"the disk is full.*FACEFIDELITY_HOME"):
            store.pull("net.onnx")
    assert len(server.requests) == 1
    assert (store.root / "net.onnx.part").read_bytes() == BODY[:5000]
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests[1][1]["Range"] == "bytes=5000-"


def test_a_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = WeightsStore(tmp_path / "file" / "weights", files=[net(server)], limits=LIMITS)
    with pytest.raises(DownloadFailed, match="FACEFIDELITY_HOME"):
        store.pull("net.onnx")


def test_two_threads_pulling_at_once_download_once(server: Server, store: WeightsStore) -> None:
    paths: list[Path] = []
    threads = [
        threading.Thread(target=lambda: paths.append(store.pull("net.onnx"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 4
    assert len(server.requests) == 1
    assert paths[0].read_bytes() == BODY


HOLDER = """
import sys, time
from pathlib import Path
from facefidelity.core.weights.lock import exclusive
with exclusive(Path(sys.argv[1]), 1.0):
    print("held", flush=True)
    time.sleep(60)
"""


def test_another_process_is_waited_for_and_its_death_frees_the_lock(
    server: Server, tmp_path: Path
) -> None:
    store = WeightsStore(tmp_path, files=[net(server)], limits=LIMITS, patience_seconds=0.1)
    command = [sys.executable, "-c", HOLDER, str(tmp_path / ".net.onnx.lock")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DownloadFailed, match="another process"):
            store.pull("net.onnx")
        holder.kill()
    assert store.pull("net.onnx").read_bytes() == BODY
