"""A service in a process of its own, for the benchmarks that talk to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = "import sys; from facefidelity.plugin.cli.main import main; main()"


class RunningService:
    """The process, its address and its job log."""

    def __init__(self, log: Path, *options: str) -> None:
        words = ["serve", "--port", "0", "--format", "json", "--job-log", str(log), *options]
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *words],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the service did not start; its error stands above")
        self.address: str = json.loads(line)["address"]

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def jobs(self, event: str) -> list[str]:
        return [str(line["job"]) for line in self.lines() if line["event"] == event]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Exit code, and seconds until the process ended."""
        started = time.perf_counter()
        self.process.send_signal(number)
        code = self.process.wait(300)
        return code, time.perf_counter() - started


@contextmanager
def running(log: Path, *options: str) -> Iterator[RunningService]:
    service = RunningService(log, *options)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.end()
