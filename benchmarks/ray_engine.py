"""Measures the Ray engine on this machine and writes docs/results/ray.md: same bytes, a killed worker, speed, cost.

    python benchmarks/ray_engine.py
    python benchmarks/ray_engine.py --pictures 400 --restorer realesrgan --workers 2
    python benchmarks/ray_engine.py --price "16 vCPU, spot=0.25:16" --price "mine=0.9:32"

A price is an assumption, never a measurement: LABEL=USD an hour:workers that such a machine holds.
Pictures are made from scikit-image's astronaut, one face each; see `batch.py`.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from batch import contents, make_pictures

from facefidelity.plugin.batch.journal_reading import summarise
from facefidelity.plugin.batch.journal_verification import verify_journal
from facefidelity.plugin.batch.local import run_batch
from facefidelity.plugin.batch.plan import plan_batch
from facefidelity.plugin.batch.pool import WorkerPool
from facefidelity.plugin.batch.ray_cluster import RayOptions
from facefidelity.plugin.batch.ray_engine import RayEngine
from facefidelity.plugin.batch.recipe import GuardRecipe

PAGE = Path(__file__).resolve().parents[1] / "docs" / "results" / "ray.md"
PRICES = ("8 vCPU, on demand=0.35:8", "8 vCPU, spot=0.12:8", "64 vCPU, spot=1.00:64")
WORKER = re.compile(rb"ray::MapWorker.*GuardWorker")


@dataclass
class Measured:
    """One batch: where it is, and when what came."""

    out: Path
    start_seconds: float
    first_seconds: float
    all_seconds: float
    steady_per_second: float
    failed: int
    killed: int

    @property
    def digest(self) -> str:
        return summarise(self.out / "journal.sqlite").digest


def measure(name: str, folder: Path, work: Path, opened: Callable, kill: bool = False) -> Measured:
    """Run a batch: start-up, then from the first to the last result, which is steady work."""
    out = work / name
    shutil.rmtree(out, ignore_errors=True)
    plans = plan_batch([folder], out)
    started = time.perf_counter()
    engine = opened(len(plans))
    engine.facts()
    ready = time.perf_counter()
    moments, failed, killed = [], 0, 0
    for outcome in run_batch(plans, engine, out / "decisions.jsonl"):
        moments.append(time.perf_counter())
        failed += outcome.error is not None
        if kill and len(moments) == len(plans) // 4:
            killed = kill_one_worker()
    steady = (len(moments) - 1) / max(1e-9, moments[-1] - moments[0])
    print(f"{name}: ready {ready - started:.1f} s, all {moments[-1] - ready:.1f} s, {steady:.2f}/s")
    return Measured(
        out, ready - started, moments[0] - ready, moments[-1] - ready, steady, failed, killed
    )


def kill_one_worker() -> int:
    """End one of this process's own Ray workers by kill -9; its process id."""
    for place in own_children():
        if WORKER.search((place / "cmdline").read_bytes()):
            os.kill(int(place.name), signal.SIGKILL)
            return int(place.name)
    raise SystemExit("expected a Ray worker of this process to kill, found none")


def own_children() -> Iterator[Path]:
    """Below /proc, every process that descends from this one."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int(
                (place / "stat").read_text().rpartition(")")[2].split()[1]
            )
        except OSError:
            continue
    for process in parents:
        above: int | None = process
        while above not in (None, os.getpid()):
            above = parents.get(above)
        if above == os.getpid() and process != os.getpid():
            yield Path("/proc") / str(process)


def cost_rows(seconds_per_face: float, prices: list[str]) -> list[str]:
    rows = []
    for text in prices:
        label, _, numbers = text.rpartition("=")
        price, _, workers = numbers.partition(":")
        hours = 1e6 * seconds_per_face / 3600 / int(workers)
        rows.append(
            f"| {label} | {float(price):.2f} | {workers} | {hours:,.1f} | {hours * float(price):,.0f} |"
        )
    return rows


def page(options: argparse.Namespace, local: Measured, ray: Measured, hurt: Measured) -> str:
    seconds_per_face = options.workers / ray.steady_per_second
    wanted = contents(local.out)
    findings = [len(list(verify_journal(one.out))) for one in (ray, hurt)]

    def same(one: Measured) -> str:
        equal = sum(contents(one.out).get(name) == digest for name, digest in wanted.items())
        return f"{equal} of {len(wanted)}; digest {'the same' if one.digest == local.digest else 'ANOTHER'}"

    command = f"python benchmarks/ray_engine.py --pictures {options.pictures} --restorer {options.restorer} --workers {options.workers}"
    lines = [
        "# The Ray engine on one machine",
        "",
        f"    {command}",
        "",
        f"{os.cpu_count()} cores, shared (load {os.getloadavg()[0]:.1f} at the end), Python {platform.python_version()}, "
        f"Ray {ray_version()}; {options.pictures} pictures of 96 px with one face each, restorer {options.restorer}. "
        "Ray is started here with as many workers as the command says.",
        "",
        "| | one local process | Ray | Ray, a worker killed |",
        "|---|---|---|---|",
        f"| results with local's bytes, journal's digest | | {same(ray)} | {same(hurt)} |",
        f"| findings of `journal verify` | | {findings[0]} | {findings[1]} |",
        f"| failed pictures | {local.failed} | {ray.failed} | {hurt.failed} |",
        f"| until the guard is known, s | {local.start_seconds:.1f} | {ray.start_seconds:.1f} | {hurt.start_seconds:.1f} |",
        f"| then until the first result, s | {local.first_seconds:.1f} | {ray.first_seconds:.1f} | {hurt.first_seconds:.1f} |",
        f"| pictures/s from the first to the last result | {local.steady_per_second:.2f} | {ray.steady_per_second:.2f} | {hurt.steady_per_second:.2f} |",
        "",
        f"Throughput of Ray with {options.workers} workers against one local process, same run: "
        f"**{ray.steady_per_second / local.steady_per_second:.2f}x** at work, "
        f"{local.all_seconds / ray.all_seconds:.2f}x with the start of its workers ({options.pictures} pictures only). "
        f"The worker was ended by kill -9 after a quarter of the results (process {'found' if hurt.killed else 'NOT FOUND'}).",
        "",
        "## Cost of a million faces",
        "",
        f"Measured: {seconds_per_face:.3f} s of one worker a face (workers / throughput, the table above). "
        "**Assumed**: price and workers of a machine, that a worker there is as fast as one here, and that nothing "
        "else (storage, traffic, start-up) costs. Prices are placeholders and not quoted from anybody: give your own by `--price`.",
        "",
        "| machine (assumed) | USD an hour (assumed) | workers (assumed) | machine hours | USD a million faces |",
        "|---|---|---|---|---|",
        *cost_rows(seconds_per_face, options.price or list(PRICES)),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def ray_version() -> str:
    from importlib.metadata import version

    return version("ray")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--restorer", default="classical")
    parser.add_argument("--price", action="append", metavar="LABEL=USD:WORKERS")
    parser.add_argument("--work", type=Path, default=Path(gettempdir()) / "facefidelity-ray")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    folder = options.work / f"in{options.pictures}"
    make_pictures(folder, options.pictures)
    recipe = GuardRecipe(restorer=options.restorer, aligned=True)
    on_ray = RayOptions(address="local", workers=options.workers)
    local = measure("local", folder, options.work, lambda _count: WorkerPool(recipe, 1))
    ray = measure("ray", folder, options.work, lambda _count: RayEngine(recipe, on_ray))
    hurt = measure(
        "killed", folder, options.work, lambda _count: RayEngine(recipe, on_ray), kill=True
    )
    options.page.write_text(page(options, local, ray, hurt))
    print(options.page)


if __name__ == "__main__":
    main()
