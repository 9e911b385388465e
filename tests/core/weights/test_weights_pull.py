"""Pulling from a loopback server that behaves, fails, lies and sends elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facefidelity.core.errors import ChecksumMismatch, DownloadFailed
from facefidelity.core.weights import DownloadLimits, WeightsState, WeightsStore
from facefidelity.core.weights import part as part_module

BODY = bytes(range(256)) * 1200  # what the server of conftest.py serves
HALF = len(BODY) // 2
LIMITS = DownloadLimits(stall_seconds=0.4, attempts=3, backoff_seconds=0.01)


def lie(handler: Any) -> None:
    handler.answer(200, bytes(len(BODY)))


def too_long_without_length(handler: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(BODY * 3)


def redirect(place: str) -> Callable[[Any], None]:
    return lambda handler: handler.answer(302, b"", Location=place)


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


def test_a_second_pull_asks_nobody(server: Any, store: WeightsStore) -> None:
    store.pull("net.onnx")
    store.pull("net.onnx")
    assert len(server.requests) == 1


def test_a_server_that_always_stalls_ends_in_words(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.stall]
    with pytest.raises(DownloadFailed, match=r"silent for 0\.4 s.*bytes are kept"):
        store.pull("net.onnx")
    assert len(server.requests) == LIMITS.attempts
    assert store.state("net.onnx") is WeightsState.PARTIAL


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_passing_error_is_tried_again(server: Any, store: WeightsStore, code: int) -> None:
    server.scripts["/net.onnx"] = [server.status(code), server.serve]
    assert store.pull("net.onnx").read_bytes() == BODY


def test_a_lasting_error_is_bounded(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.status(500)]
    with pytest.raises(DownloadFailed, match="HTTP 500"):
        store.pull("net.onnx")
    assert len(server.requests) == LIMITS.attempts


def test_a_missing_page_is_not_asked_for_again(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.status(404)]
    with pytest.raises(DownloadFailed, match=r"HTTP 404.*place it at .*net\.onnx"):
        store.pull("net.onnx")
    assert len(server.requests) == 1


def test_the_mirror_goes_on_where_the_first_address_failed(
    server: Any, tmp_path: Path, net: Any
) -> None:
    server.scripts["/net.onnx"] = [server.truncate, server.status(404)]
    file = net(server, server.url("/mirror/net.onnx"))
    store = WeightsStore(tmp_path, files=[file], limits=LIMITS)
    assert store.pull("net.onnx").read_bytes() == BODY
    path, headers = server.requests[-1]
    assert path == "/mirror/net.onnx"
    assert headers["Range"] == f"bytes={HALF}-"
    assert "If-Range" not in headers  # the other server's name for the version means nothing here


def test_a_redirect_is_followed(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [redirect(server.url("/elsewhere"))]
    assert store.pull("net.onnx").read_bytes() == BODY


def test_a_redirect_to_a_local_file_is_refused(
    server: Any, store: WeightsStore, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(BODY)
    server.scripts["/net.onnx"] = [redirect((tmp_path / "secret").as_uri())]
    with pytest.raises(DownloadFailed):
        store.pull("net.onnx")
    assert store.state("net.onnx") is WeightsState.MISSING


def test_a_wrong_hash_is_put_aside_and_never_used(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [lie, server.serve]
    with pytest.raises(ChecksumMismatch, match=r"expected SHA-256 .* got .*net\.onnx\.rejected"):
        store.pull("net.onnx")
    assert left_over(store) == {"net.onnx.rejected"}
    assert store.state("net.onnx") is WeightsState.MISSING
    assert store.pull("net.onnx").read_bytes() == BODY


def test_never_more_than_the_registered_size_is_written(
    server: Any, tmp_path: Path, net: Any
) -> None:
    server.scripts["/net.onnx"] = [too_long_without_length]
    store = WeightsStore(tmp_path, files=[net(server, body=BODY[:1000])], limits=LIMITS)
    assert store.pull("net.onnx").stat().st_size == 1000


def test_nobody_listening_ends_in_words(server: Any, tmp_path: Path, net: Any) -> None:
    file = net(server)
    server.server_close()
    store = WeightsStore(tmp_path, files=[file], limits=LIMITS)
    with pytest.raises(DownloadFailed, match="the connection failed"):
        store.pull("net.onnx")


def test_a_disk_that_is_too_small_is_named_before_the_download(
    server: Any, store: WeightsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        part_module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})()
    )
    with pytest.raises(DownloadFailed, match=r"the disk is full: .* 1,000 free"):
        store.pull("net.onnx")
    assert server.requests == []


def test_a_folder_that_cannot_be_made_is_named(server: Any, tmp_path: Path, net: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    store = WeightsStore(tmp_path / "file" / "weights", files=[net(server)], limits=LIMITS)
    with pytest.raises(DownloadFailed, match="FACEFIDELITY_HOME"):
        store.pull("net.onnx")


def test_two_threads_pulling_at_once_download_once(server: Any, store: WeightsStore) -> None:
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
    server: Any, tmp_path: Path, net: Any
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
