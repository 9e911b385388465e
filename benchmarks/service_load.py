"""Load on a running service: clients with the classical restorer, then a kill -9 under that load.

    python benchmarks/service_load.py --clients 4 --seconds 60 -o docs/results/service.md

Every client sends the astronaut, one request after the other, over a connection of its own, and
asks for the picture. A 429 is counted and waited for as the service says.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import signal
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from running_service import RunningService, running
from skimage.data import astronaut

from facefidelity.core.images import encode_picture

FORM = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
HEADERS = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "image/png"}


@dataclass
class Client(threading.Thread):
    """Sends one request after the other until it is told to stop or the service is gone."""

    address: str
    png: bytes
    until: float
    seconds: list[float] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    turned_away: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=300)
        while time.perf_counter() < self.until:
            try:
                self.ask(connection)
            except (OSError, http.client.HTTPException):
                return
        connection.close()

    def ask(self, connection: http.client.HTTPConnection) -> None:
        started = time.perf_counter()
        connection.request("POST", "/v1/restore", FORM + self.png + b"\r\n--x--\r\n", HEADERS)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            self.seconds.append(time.perf_counter() - started)
            self.jobs.append(answer.headers["Facefidelity-Job"])
        elif answer.status == 429:
            self.turned_away += 1
            time.sleep(float(answer.headers["Retry-After"]))
        else:
            self.wrong.append(f"{answer.status} {body[:200]!r}")


def load(service: RunningService, clients: int, seconds: float, png: bytes) -> list[Client]:
    until = time.perf_counter() + seconds
    made = [Client(service.address, png, until) for _ in range(clients)]
    for client in made:
        client.start()
    return made


def cpu_seconds(service: RunningService) -> float:
    """CPU time of the service so far, as its metrics say."""
    connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=300)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    return float(next(one.split()[1] for one in lines if one.startswith("process_cpu_seconds")))


def options_of(workers: int, queue: int) -> list[str]:
    return [
        *("--restorer", "classical", "--threads", "1"),
        *("--workers", str(workers), "--queue", str(queue)),
    ]


def steady(workers: int, queue: int, clients: int, seconds: float, png: bytes) -> dict[str, float]:
    """Sustained load; then SIGTERM in its midst."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "jobs.jsonl"
        with running(log, *options_of(workers, queue)) as service:
            warm = load(service, 1, 1.0, png)[0]
            warm.join()
            cpu_before, started = cpu_seconds(service), time.perf_counter()
            made = load(service, clients, seconds, png)
            for client in made:
                client.join()
            took = time.perf_counter() - started
            cpu = cpu_seconds(service) - cpu_before
            last = load(service, clients, 300, png)
            time.sleep(2)
            code, drained = service.end(signal.SIGTERM)
            for client in last:
                client.join()
            unended = len(service.jobs("accepted")) - len(service.jobs("ended"))
    times = np.array([one for client in made for one in client.seconds])
    wrong = [said for client in [*made, warm] for said in client.wrong]
    wrong += [said for client in last for said in client.wrong if not said.startswith("503")]
    assert not wrong, wrong[0]
    return {
        "workers": workers,
        "queue": queue,
        "answers": len(times),
        "per_second": len(times) / took,
        "cpu": cpu / len(times),
        "p50": float(np.percentile(times, 50)),
        "p95": float(np.percentile(times, 95)),
        "slowest": float(times.max()),
        "turned_away": sum(client.turned_away for client in made),
        "drain_exit": code,
        "drain_seconds": drained,
        "drain_unended": unended,
    }


def kill(clients: int, rounds: int, png: bytes) -> dict[str, int]:
    """End by kill -9 under load, several times on one log; then what the log holds."""
    counts = dict.fromkeys(("answered", "accepted", "ended", "lost"), 0)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "jobs.jsonl"
        answered: list[str] = []
        for number in range(rounds):
            with running(log, *options_of(1, 8)) as service:
                made = load(service, clients, 300, png)
                while sum(len(client.jobs) for client in made) < 2 + number:
                    time.sleep(0.05)
                time.sleep(0.37 * number)
                service.end(signal.SIGKILL)
                for client in made:
                    client.join()
                answered += [job for client in made for job in client.jobs]
        accepted, ended = set(service.jobs("accepted")), set(service.jobs("ended"))
    counts.update(answered=len(answered), accepted=len(accepted), ended=len(ended))
    counts["lost"] = len(set(answered) - ended) + len(ended - accepted)
    counts["under_way"] = len(accepted - ended)
    return counts


def page(rows: list[dict[str, float]], killed: dict[str, int], rounds: int, args: str) -> str:
    load_now = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        "# The REST service under load",
        "",
        f"    python benchmarks/service_load.py {args}",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}; load averages of the machine "
        f"at the end {load_now}: **it is shared with other work, so these numbers say what the "
        "service does under contention, not what it can do.** Each client sends the astronaut "
        "(512x512, one face, PNG of 415 KiB), waits for the guarded picture and sends it again; "
        "classical restorer, one thread. The last column is the service's own CPU time and depends "
        "little on the others: one idle core does about one job in so many seconds.",
        "",
        "| workers | places to wait | answers | a second | p50, s | p95, s | slowest, s | 429 | CPU s a job |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['workers']} | {row['queue']} | {row['answers']} | {row['per_second']:.2f} | "
            f"{row['p50']:.2f} | {row['p95']:.2f} | {row['slowest']:.2f} | {row['turned_away']} | "
            f"{row['cpu']:.2f} |"
        )
    first = rows[0]
    lines += [
        "",
        f"SIGTERM in the midst of such load: the process ended after {first['drain_seconds']:.1f} s "
        f"with exit code {first['drain_exit']}; accepted jobs without an end: "
        f"{first['drain_unended']}.",
        "",
        f"kill -9 under the same load, {rounds} times on one log: {killed['answered']} answers "
        f"received, {killed['accepted']} jobs accepted, {killed['ended']} ended, "
        f"{killed['under_way']} under way when they were killed and named so by the log. Answered "
        f"jobs whose lines are missing: **{killed['lost']}**; every line is whole.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    png = encode_picture(astronaut(), ".png")
    runs = ((1, 16), (2, 16), (1, 1))
    rows = [steady(*one, options.clients, options.seconds, png) for one in runs]
    killed = kill(options.clients, options.kills, png)
    args = f"--clients {options.clients} --seconds {options.seconds:g} --kills {options.kills}"
    text = page(rows, killed, options.kills, args)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
