"""Measures the batch engine and writes docs/results/batch.md: kills, memory, jobs, steps of the pipeline.

    python benchmarks/batch.py all                      # every table, then the page
    python benchmarks/batch.py kills --pictures 20 --kills 5
    python benchmarks/batch.py slope --pictures 300
    python benchmarks/batch.py jobs --pictures 40
    python benchmarks/batch.py page                     # the page from what was measured last

Pictures are made from scikit-image's astronaut: her face at 96 px, each with other noise. What was
measured is kept as JSON in --work, so that single tables can be measured again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from batch_page import write_page

from facefidelity.core.faces import DlibDetector, align_face
from facefidelity.core.images import write_picture
from facefidelity.plugin.batch.journal_reading import summarise
from facefidelity.plugin.batch.journal_verification import verify_journal

MAIN = "from facefidelity.plugin.cli.main import main\nif __name__ == '__main__':\n    main()\n"
TIMES = ("seconds", "output")


def make_pictures(folder: Path, count: int, side: int = 96) -> None:
    """Faces in the FFHQ frame, no two alike."""
    import cv2
    from skimage.data import astronaut

    picture = np.ascontiguousarray(astronaut())
    (found,) = DlibDetector().detect(picture)
    face = cv2.resize(align_face(picture, found).pixels, (side, side), interpolation=cv2.INTER_AREA)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"{number // 1000:02d}" / f"{number:05d}.png"
        if path.exists():
            continue
        noise = np.random.default_rng(number).normal(0, 4, face.shape)
        path.parent.mkdir(exist_ok=True)
        write_picture(path, np.clip(face + noise, 0, 255).astype(np.uint8))


class Bench:
    """A working folder with a script that is the command line, and what was measured."""

    def __init__(self, work: Path) -> None:
        self.work = work
        work.mkdir(parents=True, exist_ok=True)
        self.script = work / "facefidelity_cli.py"
        self.script.write_text(MAIN)

    def inputs(self, count: int) -> Path:
        folder = self.work / f"in{count}"
        make_pictures(folder, count)
        return folder

    def words(self, folder: Path, *more: str) -> list[str]:
        return [
            sys.executable, str(self.script), "restore", str(folder), "-o", "out",
            "--restorer", "classical", "--set", "strength=0", "--aligned", *more,
        ]  # fmt: skip

    def fresh(self, name: str) -> Path:
        place = self.work / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        return place

    def run(self, folder: Path, name: str, *more: str) -> tuple[Path, float]:
        """One undisturbed batch: its place and its seconds."""
        place = self.fresh(name)
        started = time.perf_counter()
        with (place / "stdout.txt").open("wb") as told:
            subprocess.run(self.words(folder, *more), cwd=place, check=True, stdout=told)
        return place, time.perf_counter() - started

    def keep(self, table: str, facts: dict) -> None:
        facts["machine"] = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
        facts["load"] = round(os.getloadavg()[0], 2)
        (self.work / f"{table}.json").write_text(json.dumps(facts, indent=1))
        print(table, json.dumps(facts))


def contents(out: Path) -> dict[str, str]:
    """Results by name with their hashes."""
    files = sorted(out.rglob("*.png"))
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def stable_lines(out: Path) -> list:
    def strip(value):
        if isinstance(value, dict):
            return {key: strip(one) for key, one in value.items() if key not in TIMES}
        return [strip(one) for one in value] if isinstance(value, list) else value

    return [strip(json.loads(line)) for line in (out / "decisions.jsonl").read_text().splitlines()]


def kills(bench: Bench, pictures: int, count: int, jobs: int, seed: int) -> None:
    """Send kill -9 at random moments of one batch after another, each resumed to its end."""
    folder = bench.inputs(pictures)
    calm, seconds = bench.run(folder, f"calm{jobs}", "--jobs", str(jobs))
    chance = random.Random(seed)
    facts = {
        "pictures": pictures, "kills": 0, "jobs": jobs, "batches": 0, "undisturbed_seconds": seconds,
        "other_results": 0, "other_lines": 0, "findings": 0, "partial_files": 0, "other_digest": 0,
        "moments_percent": [],
    }  # fmt: skip
    wanted, digest = contents(calm / "out"), summarise(calm / "out" / "journal.sqlite").digest
    lines = stable_lines(calm / "out")
    while facts["kills"] < count:
        place = bench.fresh(f"disturbed{jobs}")
        out = place / "out"
        words = bench.words(folder, "--jobs", str(jobs), "--resume")
        # A few kills a batch, at moments spread over its whole life, start-up included.
        for _ in range(min(5, count - facts["kills"])):
            moment = chance.random() * seconds * 0.9
            batch = subprocess.Popen(words, cwd=place, stdout=subprocess.DEVNULL)
            try:
                batch.wait(moment)
                break
            except subprocess.TimeoutExpired:
                batch.send_signal(signal.SIGKILL)
                batch.wait()
                facts["kills"] += 1
                done = len(list(out.rglob("*.png"))) if out.exists() else 0
                facts["moments_percent"].append(round(100 * done / pictures))
        subprocess.run(words, cwd=place, check=True, stdout=subprocess.DEVNULL)
        facts["batches"] += 1
        facts["other_results"] += contents(out) != wanted
        facts["other_lines"] += stable_lines(out) != lines
        facts["other_digest"] += summarise(out / "journal.sqlite").digest != digest
        os.chdir(place)
        facts["findings"] += len(list(verify_journal(out)))
        left = {p.name for p in out.rglob("*") if p.is_file() and p.suffix != ".png"}
        facts["partial_files"] += len(left - {"decisions.jsonl", "journal.sqlite"})
        print(f"{facts['kills']} kills", file=sys.stderr)
    bench.keep(f"kills{jobs}", facts)


def resident_kib(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in family(int(child)))]


def slope(bench: Bench, pictures: int, jobs: int, policy: str) -> None:
    """Memory of the whole family of processes while pictures are done, by a line fitted to it."""
    folder = bench.inputs(pictures)
    place = bench.fresh(f"slope{jobs}_{policy}")
    with (place / "stdout.txt").open("wb") as told:
        words = bench.words(folder, "--jobs", str(jobs), "--policy", policy)
        batch = subprocess.Popen(words, cwd=place, stdout=told)
        log, samples, done = place / "out" / "decisions.jsonl", [], 0
        started, offset = time.perf_counter(), 0
        while batch.poll() is None:
            time.sleep(0.5)
            if log.exists():
                with log.open("rb") as lines:
                    lines.seek(offset)
                    text = lines.read()
                done, offset = done + text.count(b"\n"), offset + len(text)
            try:
                samples.append((done, sum(map(resident_kib, family(batch.pid)))))
            except (OSError, StopIteration):
                continue
    seconds = time.perf_counter() - started
    steady = np.array([one for one in samples if one[0] > pictures * 0.1], dtype=float)
    rise = float(np.polyfit(steady[:, 0], steady[:, 1], 1)[0]) if len(steady) > 2 else float("nan")
    bench.keep(
        f"slope{jobs}_{policy}",
        {
            "pictures": pictures,
            "policy": policy,
            "jobs": jobs,
            "seconds": seconds,
            "kib_a_picture": rise,
            "largest_mib": max(one[1] for one in samples) / 1024,
            "largest_parent_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
            "samples": len(samples),
            "exit_code": batch.returncode,
        },
    )


def jobs(bench: Bench, pictures: int, repeats: int) -> None:
    """Pictures a second with one and with two processes, in turns, start-up taken off."""
    folder, few = bench.inputs(pictures), bench.inputs(2)
    settings = {
        "1": ("--jobs", "1"),
        "1 isolated": ("--jobs", "1", "--isolate"),
        "2": ("--jobs", "2"),
    }
    rates: dict[str, list[float]] = {name: [] for name in settings}
    for _ in range(repeats):
        for name, more in settings.items():
            _, start = bench.run(few, "few", *more)
            _, whole = bench.run(folder, "many", *more)
            rates[name].append((pictures - 2) / (whole - start))
    middle = {name: float(np.median(each)) for name, each in rates.items()}
    facts = {"pictures": pictures, "repeats": repeats, "rates": middle, "all": rates}
    facts["ratio"] = middle["2"] / middle["1"]
    bench.keep("jobs", facts)


def batching(bench: Bench, repeats: int) -> None:
    """Whether the assessor and the embedder are faster on several faces at once than one by one."""
    import cv2

    from facefidelity.core.images import read_picture
    from facefidelity.plugin.parts import default_judge

    judge = default_judge(1)
    folder = bench.inputs(16)
    files = sorted(folder.rglob("*.png"))
    faces = [cv2.resize(read_picture(path).pixels, (512, 512)) for path in files]
    facts: dict[str, object] = {}
    for name, one, several in (
        ("assessor", judge.assessor.score, judge.assessor.score_batch),
        ("embedder", judge.embedder.embed, judge.embedder.embed_batch),
    ):
        several(faces)
        took: dict[int, list[float]] = {1: [], 2: [], 4: [], 16: []}
        for _ in range(repeats):
            for size, times in took.items():
                started = time.perf_counter()
                for start in range(0, 16, size):
                    several(faces[start : start + size]) if size > 1 else one(faces[start])
                times.append((time.perf_counter() - started) / 16 * 1000)
        facts[name] = {size: float(np.median(times)) for size, times in took.items()}
    bench.keep("batching", facts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", choices=["all", "kills", "slope", "jobs", "batching", "page"])
    parser.add_argument("--work", type=Path, default=Path(gettempdir()) / "facefidelity-batch")
    parser.add_argument("--pictures", type=int)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--jobs", type=int, action="append")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=8)
    chosen = parser.parse_args()
    bench = Bench(chosen.work.resolve())
    wanted = (
        {chosen.table} if chosen.table != "all" else {"kills", "slope", "jobs", "batching", "page"}
    )
    if "jobs" in wanted:
        jobs(bench, chosen.pictures or 200, chosen.repeats)
    if "batching" in wanted:
        batching(bench, 5 * chosen.repeats)
    for count in chosen.jobs or ([1, 2] if "kills" in wanted else [2]):
        if "kills" in wanted:
            kills(bench, chosen.pictures or 200, chosen.kills, count, chosen.seed)
    for count in chosen.jobs or [2]:
        if "slope" in wanted:
            slope(bench, chosen.pictures or 10_000, count, "lenient")
            slope(bench, (chosen.pictures or 10_000) // 10, count, "balanced")
    if "page" in wanted:
        write_page(bench.work)


if __name__ == "__main__":
    main()
