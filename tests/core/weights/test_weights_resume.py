"""A pull that broke off goes on from the bytes it has, where they can still be trusted."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from io import FileIO
from typing import Any

import pytest

from facefidelity.core.errors import DownloadFailed
from facefidelity.core.weights import WeightsState, WeightsStore
from facefidelity.core.weights.part import PartFile

BODY = bytes(range(256)) * 1200  # what the server of conftest.py serves
HALF = len(BODY) // 2


def ignore_range(handler: Any) -> None:
    handler.answer(200, BODY)


def captive_portal(handler: Any) -> None:
    handler.answer(200, b"<html>please log in</html>")


def wrong_range(handler: Any) -> None:
    handler.answer(206, BODY[1:], Content_Range=f"bytes 1-{len(BODY) - 1}/{len(BODY)}")


def refuse_range(handler: Any) -> None:
    handler.answer(416, b"no")


class SmallDisk(FileIO):
    """Takes a few bytes a call, and no more than 5,000 in all."""

    def write(self, piece: Any) -> int:
        if self.tell() >= 5000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(piece[:1000])


def test_a_truncated_download_is_resumed_with_if_range(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.truncate, server.serve]
    assert store.pull("net.onnx").read_bytes() == BODY
    headers = server.requests[1][1]
    assert headers["Range"] == f"bytes={HALF}-"
    assert headers["If-Range"] == '"v1"'


def test_a_stalling_server_is_given_up_and_resumed(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.stall, server.serve]
    begun = time.monotonic()
    assert store.pull("net.onnx").read_bytes() == BODY
    assert time.monotonic() - begun < 5
    assert server.requests[1][1]["Range"] == f"bytes={HALF}-"


def test_a_later_pull_resumes_what_an_earlier_one_left(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.truncate, server.status(404)]
    with pytest.raises(DownloadFailed, match="HTTP 404"):
        store.pull("net.onnx")
    assert store.state("net.onnx") is WeightsState.PARTIAL
    server.scripts["/net.onnx"] = [server.serve]
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests[-1][1]["Range"] == f"bytes={HALF}-"


def test_a_changed_file_is_not_stitched_to_the_old_half(server: Any, store: WeightsStore) -> None:
    store.root.mkdir()
    (store.root / "net.onnx.part").write_bytes(b"old" * 1000)
    (store.root / "net.onnx.part.json").write_text(
        f'{{"url": "{server.url()}", "validator": "\\"v0\\""}}'
    )
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests[0][1]["If-Range"] == '"v0"'


def test_a_server_that_ignores_range_restarts_cleanly(server: Any, store: WeightsStore) -> None:
    server.scripts["/net.onnx"] = [server.truncate, ignore_range]
    assert store.pull("net.onnx").read_bytes() == BODY


@pytest.mark.parametrize("refusal", [refuse_range, wrong_range], ids=["416", "wrong range"])
def test_a_refused_resume_starts_over(
    server: Any, store: WeightsStore, refusal: Callable[[Any], None]
) -> None:
    server.scripts["/net.onnx"] = [server.truncate, refusal, server.serve]
    assert store.pull("net.onnx").read_bytes() == BODY
    assert "Range" not in server.requests[2][1]


def test_a_log_in_page_is_refused_and_does_not_cost_the_half(
    server: Any, store: WeightsStore
) -> None:
    server.scripts["/net.onnx"] = [server.truncate, captive_portal]
    with pytest.raises(DownloadFailed, match="offers 26 bytes, 307,200 are registered"):
        store.pull("net.onnx")
    assert (store.root / "net.onnx.part").read_bytes() == BODY[:HALF]


def test_an_oversized_part_is_started_over(server: Any, store: WeightsStore) -> None:
    store.root.mkdir()
    (store.root / "net.onnx.part").write_bytes(BODY + b"x")
    assert store.pull("net.onnx").read_bytes() == BODY
    assert "Range" not in server.requests[0][1]


def test_a_whole_part_needs_no_server(server: Any, store: WeightsStore) -> None:
    store.root.mkdir()
    (store.root / "net.onnx.part").write_bytes(BODY)
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests == []


def test_a_disk_that_fills_up_on_the_way_is_named_and_the_rest_resumed(
    server: Any, store: WeightsStore
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PartFile, "open_at", lambda part, offset: SmallDisk(part.path, "wb"))
        with pytest.raises(DownloadFailed, match=r"the disk is full.*FACEFIDELITY_HOME"):
            store.pull("net.onnx")
    assert len(server.requests) == 1
    assert (store.root / "net.onnx.part").read_bytes() == BODY[:5000]
    assert store.pull("net.onnx").read_bytes() == BODY
    assert server.requests[1][1]["Range"] == "bytes=5000-"
