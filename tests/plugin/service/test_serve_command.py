"""``facefidelity serve`` as a process: real answers, an orderly end, no line lost to a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="needs the serve extra")

from facefidelity.core.images import encode_picture
from facefidelity.plugin.cli.main import run

COMMAND = "import sys; from facefidelity.plugin.cli.main import main; main()"
SLOW = """
import sys, time
from facefidelity.plugin.service import engine, service
class SlowEngine(engine.Engine):
    def assess(self, *given):
        time.sleep(0.3)
        return super().assess(*given)
service.Service.__init__.__defaults__ = (SlowEngine,)
from facefidelity.plugin.cli.main import main
main()
"""
PATIENCE_SECONDS = 120


class Server:
    """One process of the service."""

    def __init__(self, log: Path, code: str, *options: str) -> None:
        words = ["serve", "--port", "0", "--format", "json", "--restorer", "classical"]
        words += ["--threads", "1", "--job-log", str(log), *options]
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.address = json.loads(line)["address"]

    def post(self, path: str, png: bytes, accept: str = "application/json") -> Any:
        form = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
        request = urllib.request.Request(  # noqa: S310 - our own server's address
            f"{self.address}/v1/{path}",
            form + png + b"\r\n--x--\r\n",
            {"Content-Type": "multipart/form-data; boundary=x", "Accept": accept},
        )
        return urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)  # noqa: S310

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(code: str = COMMAND, *options: str) -> Server:
        started.append(Server(tmp_path / "jobs.jsonl", code, *options))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)
        server.process.stdout.close()
        server.process.stderr.close()


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def events(server: Server) -> list[str]:
    return [line["event"] for line in server.lines()]


def test_a_picture_comes_back_and_sigterm_lets_its_job_finish(serve, astronaut) -> None:
    server, answers = serve(), []
    png = encode_picture(np.ascontiguousarray(astronaut[50:200, 150:300]), ".png")
    thread = threading.Thread(
        target=lambda: answers.append(server.post("restore", png, "image/png"))
    )
    thread.start()
    wait_for(lambda: "accepted" in events(server))
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: refused(server, png))
    assert server.process.wait(PATIENCE_SECONDS) == 0
    thread.join()
    assert answers[0].headers["Content-Type"] == "image/png"
    (verdict,) = json.loads(answers[0].headers["Facefidelity-Verdicts"])
    assert verdict["decision"] in {"ACCEPT", "BLEND", "REJECT"}
    assert events(server) == ["serving", "accepted", "ended", "stopped"]
    assert server.process.stderr.read() == ""


def refused(server: Server, png: bytes) -> bool:
    """Whether new work is answered with 503."""
    try:
        urllib.request.urlopen(f"{server.address}/readyz", timeout=9)  # noqa: S310
    except urllib.error.HTTPError as error:
        return error.code == 503
    except OSError:
        return "ended" in events(server)  # it was quicker than this test
    return False


def test_a_kill_under_load_loses_no_accepted_job(serve, small_png) -> None:
    server, answered = serve(SLOW, "--queue", "8"), []

    def ask() -> None:
        while True:
            try:
                with server.post("assess", small_png) as answer:
                    answered.append(json.load(answer)["job"])
            except (OSError, ValueError):
                return

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(answered) >= 3)
    server.end(signal.SIGKILL)
    for thread in threads:
        thread.join()
    lines = server.lines()
    accepted = [line["job"] for line in lines if line["event"] == "accepted"]
    ended = [line["job"] for line in lines if line["event"] == "ended"]
    assert set(answered) <= set(ended) <= set(accepted)
    assert len(accepted) == len(set(accepted))
    assert 0 < len(accepted) - len(ended) <= 4
    again = serve()  # the same log goes on
    assert again.end(signal.SIGTERM) == 0
    assert events(again)[-2:] == ["serving", "stopped"]


def test_wrong_use_is_one_line(tmp_path: Path, capsys) -> None:
    log = ["--job-log", str(tmp_path / "j")]
    for words, said in (
        (["--restorer", "nono"], "nono"),
        (["--api-key-file", str(tmp_path / "none")], "name:key"),
        (["--camera", str(tmp_path / "none.yaml")], "profile"),
        (["--camera", "x.yaml", "--policy", "strict"], "--camera or --policy"),
        (["--host", "203.0.113.9", "--port", "1"], "listen"),
    ):
        assert run(["serve", *log, *words]) == 2
        errors = capsys.readouterr().err.splitlines()
        assert said in errors[-1]
        assert len([line for line in errors if not line.startswith("warning")]) == 1


def test_without_the_extra_its_name_is_said(monkeypatch, capsys) -> None:
    from facefidelity.plugin.cli import serve as command

    monkeypatch.setattr(command, "find_spec", lambda _name: None)
    assert run(["serve"]) == 1
    assert "facefidelity[serve]" in capsys.readouterr().err


def test_help_has_an_example(capsys) -> None:
    assert run(["serve", "--help"]) == 0
    assert "Example: facefidelity serve" in capsys.readouterr().out
