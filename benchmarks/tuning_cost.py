"""What `facefidelity tune` costs: 40 faces x 30 trials, killed on the way, gone on.

    python benchmarks/tuning_cost.py --faces FACES --table FACES.csv -o docs/results/tuning_cost.md

Runs the command as people do, with classical and Real-ESRGAN, kills it with SIGKILL, starts it anew
and lets it end. Seconds of both runs count; a trial that had ended before the kill must neither be
repeated nor changed.
"""

from __future__ import annotations

import argparse
import csv
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.core.images import read_picture, write_picture

RUN = "from facefidelity.plugin.cli.main import main; main()"
LONGEST_S, MOST_MB = 900, 2048


def photograph(faces: Path, table: Path, camera: str, count: int, folder: Path) -> None:
    """One frame of each of so many test people."""
    with table.open(newline="", encoding="utf-8") as lines:
        names = [row["file"] for row in csv.DictReader(lines) if row["split"] == "test"]
    rng, known = np.random.default_rng(11), named_camera(camera)
    for index, name in enumerate(rng.permutation(names)[:count]):
        shot = known.draw(rng).capture(read_picture(faces / str(name)).pixels, rng)
        write_picture(folder / f"{index:03d}.png", shot)


def trials_in(record: Path) -> dict[int, tuple[str, str]]:
    """State and end of every trial that was not broken off, by number; none without a record."""
    if not record.exists():
        return {}
    try:
        with sqlite3.connect(f"file:{record}?mode=ro", uri=True) as known:
            rows = known.execute("select number, state, datetime_complete from trials").fetchall()
    except sqlite3.OperationalError:  # the command has not made its tables yet, or writes just now
        return {}
    return {number: (state, ended) for number, state, ended in rows if ended and state != "FAIL"}


def run(words: list[str], kill_after: float | None) -> tuple[float, float, int, str]:
    """Seconds, peak MB, exit code and last line of one run of the command."""
    started, peak = time.monotonic(), 0.0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said)
        while process.poll() is None:
            time.sleep(0.5)
            peak = max(peak, peak_mb(process.pid))
            if kill_after is not None and time.monotonic() - started > kill_after:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
        said.seek(0)
        lines = said.read().strip().splitlines() or [""]
    return time.monotonic() - started, peak, process.returncode, lines[-1]


def peak_mb(pid: int) -> float:
    """Largest resident memory so far; 0 where the process has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(status.split("VmHWM:")[1].split()[0]) / 1024 if "VmHWM" in status else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--camera", default="street_bullet")
    parser.add_argument("--restorers", default="classical,realesrgan")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--kill-after", type=float, default=240.0, help="seconds")
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        frames, profile = Path(folder) / "frames", Path(folder) / "camera.yaml"
        frames.mkdir()
        photograph(options.faces, options.table, options.camera, options.count, frames)
        words = [sys.executable, "-c", RUN, "tune", str(frames), "--camera", options.camera]
        words += ["-o", str(profile), "--aligned", "--restorers", options.restorers]
        words += ["--trials", str(options.trials), "--pairs", str(options.count)]
        record = profile.with_suffix(".study.db")
        first_s, first_mb, killed, _ = run(words, options.kill_after)
        before = trials_in(record)
        second_s, second_mb, code, last = run(words, None)
        after = trials_in(record)
    same = sum(after.get(number) == ended for number, ended in before.items())
    seconds, peak = first_s + second_s, max(first_mb, second_mb)
    print(last)
    lines = [
        "# What tuning costs",
        "",
        f"    python benchmarks/tuning_cost.py --faces faces_hq --table faces_hq.csv "
        f"--camera {options.camera} --restorers {options.restorers} --count {options.count} "
        f"--trials {options.trials} --kill-after {options.kill_after:g} -o {options.out.name}",
        "",
        f"`facefidelity tune` on {options.count} frames of the simulated camera {options.camera}, "
        f"up to {options.trials} trials on {options.count} self-made pairs, two cores; ended with "
        f"SIGKILL after {options.kill_after:g} s (exit {killed}) and started again (exit {code}).",
        "",
        "| of | measured | bar |",
        "|---|---|---|",
        f"| seconds of both runs | {first_s:.0f} + {second_s:.0f} = {seconds:.0f} | {LONGEST_S} |",
        f"| peak memory | {peak:.0f} MB | {MOST_MB} MB |",
        f"| trials ended before the kill, unchanged after it | {same} of {len(before)} | all |",
        f"| trials in all | {len(after)} | {options.trials} at most |",
    ]
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
