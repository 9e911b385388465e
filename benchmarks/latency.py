"""Latency of the shipped assessor against EdgeNeXt-XXS at 352 px, and of 1,000 faces from disk.

    pip install --no-deps timm safetensors huggingface_hub
    python benchmarks/latency.py [--int8]

All networks run in this process, fp32, onnxruntime on the CPU, two threads. A round gives each a
block of runs after a pause, so that no threads of the former one still spin on the cores; the ratio
is taken per round, so that what else the machine does hits all. Ours is timed for six scores, as
EdgeNeXt-XXS is, and whole. timm's EdgeNeXt-XXS gets six outputs and random weights, and is exported
as our own network is. --int8 adds our network after static quantisation, calibrated on a folder of
bench build that --calibration names. Writes docs/results/latency.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from facefidelity.assessor.runtime import SHIPPED_WEIGHTS

ROOT = Path(__file__).resolve().parent.parent
THREADS = 2
RIVAL = "EdgeNeXt-XXS, 352 px"
OURS = "SFIQA-Assessor, six scores"
OURS_WHOLE = "SFIQA-Assessor, and fidelity given the source"
OURS_INT8 = "SFIQA-Assessor, whole, int8"
BARS = {1: 0.25, 16: 0.20}
PAUSE_S = 0.05
BLOCK_S = 0.25
FACES = 1000


def export_rival(path: Path) -> None:
    """EdgeNeXt-XXS with six outputs, as ONNX with a free batch size."""
    import torch

    from facefidelity.restorers.compat import prepare

    prepare()  # torchvision of the package index needs it before timm can be imported
    import timm

    network = timm.create_model("edgenext_xx_small", pretrained=False, num_classes=6).eval()
    batch = torch.export.Dim("batch", min=1, max=1024)
    program = torch.onnx.export(
        network,
        (torch.zeros(2, 3, 352, 352),),
        input_names=["face"],
        dynamic_shapes=({0: batch},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    program.save(str(path))


def open_session(path: Path, spinning: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def feed_for(session: onnxruntime.InferenceSession, batch: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        each.name: rng.uniform(0, 255, (batch, *each.shape[1:])).astype(np.float32)
        for each in session.get_inputs()
    }


def time_block(
    session: onnxruntime.InferenceSession, feed: dict[str, np.ndarray], seconds: float
) -> float:
    """Median seconds of a run, after a pause and two runs that do not count."""
    time.sleep(PAUSE_S)
    times: list[float] = []
    for _ in range(2):
        session.run(None, feed)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(times) < 3:
        started = time.perf_counter()
        session.run(None, feed)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def time_rounds(
    sessions: dict[str, onnxruntime.InferenceSession], batch: int, seconds: float
) -> dict[str, list[float]]:
    """Milliseconds a face, one entry a round; networks take turns, the first one rotates."""
    feeds = {name: feed_for(session, batch) for name, session in sessions.items()}
    times: dict[str, list[float]] = {name: [] for name in sessions}
    order, until = list(sessions), time.perf_counter() + seconds
    while time.perf_counter() < until or len(times[OURS]) < 5:
        for name in order:
            times[name].append(1000 * time_block(sessions[name], feeds[name], BLOCK_S) / batch)
        order.append(order.pop(0))
    return times


def table(paths: dict[str, Path], spinning: bool, seconds: float) -> list[str]:
    """Time a face and ratio to EdgeNeXt-XXS, by batch and network."""
    sessions = {name: open_session(path, spinning) for name, path in paths.items()}
    lines = [
        "| batch | network | ms a face | ratio to EdgeNeXt-XXS | bar | rounds |",
        "|---|---|---|---|---|---|",
    ]
    for batch, bar in BARS.items():
        times = time_rounds(sessions, batch, seconds)
        for name, values in times.items():
            ratios = [a / b for a, b in zip(values, times[RIVAL], strict=True)]
            ratio = "" if name == RIVAL else spread(ratios, 3)
            asked = f"{bar:.2f}" if name == OURS else ""
            lines.append(
                f"| {batch} | {name} | {spread(values, 2)} | {ratio} | {asked} | {len(values)} |"
            )
    return [*lines, ""]


def spread(values: list[float], digits: int) -> str:
    """Median and the middle half."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def peak_mb() -> float:
    """Of this program alone: getrusage would count what the parent held when it forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def score_folder(folder: Path) -> None:
    """The child process: read, check and score every file, then say how fast and how large."""
    from facefidelity.assessor.runtime import Assessor
    from facefidelity.core.images import read_picture

    assessor, paths = Assessor(threads=THREADS), sorted(folder.iterdir())
    before = peak_mb()
    started = time.perf_counter()
    for start in range(0, len(paths), 16):
        assessor.score_batch([read_picture(path).pixels for path in paths[start : start + 16]])
    seconds = time.perf_counter() - started
    print(len(paths) / seconds, before, peak_mb())


def from_disk(count: int) -> tuple[float, float, float]:
    """Faces a second, MB before the first face, peak MB; 512 px JPEG and a process of its own."""
    import cv2
    from skimage.data import astronaut

    from facefidelity.core.faces import DlibDetector, align_face

    picture = np.ascontiguousarray(astronaut())
    face = align_face(picture, DlibDetector().detect(picture)[0]).pixels
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(count):
            noisy = np.clip(face + rng.normal(0, rng.uniform(0, 20), face.shape), 0, 255)
            cv2.imwrite(f"{folder}/{i:04d}.jpg", noisy.astype(np.uint8)[..., ::-1])
        words = [sys.executable, __file__, "--score-folder", folder]
        told = subprocess.run(words, check=True, capture_output=True, text=True)
    rate, before, peak = (float(word) for word in told.stdout.split())
    return rate, before, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="per batch size")
    parser.add_argument("--faces", type=int, default=FACES, help="from disk; 0 leaves it out")
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--calibration", type=Path, help="folder of bench build, for --int8")
    parser.add_argument("--smoke", action="store_true", help="write nothing")
    parser.add_argument("--score-folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.score_folder:
        score_folder(options.score_folder)
        return
    if options.int8 and options.calibration is None:
        parser.error("--int8 needs --calibration")

    import onnx.utils  # here and below: not for the child, whose memory is measured

    lost: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{i}.onnx" for i, name in enumerate((OURS, RIVAL))}
        onnx.utils.extract_model(
            str(SHIPPED_WEIGHTS), str(paths[OURS]), ["face", "source"], ["scores"]
        )
        paths[OURS_WHOLE] = SHIPPED_WEIGHTS
        export_rival(paths[RIVAL])
        if options.int8:
            from int8 import quantise, srcc_lost

            paths[OURS_INT8] = Path(folder) / "int8.onnx"
            quantise(SHIPPED_WEIGHTS, options.calibration, paths[OURS_INT8])
            found = srcc_lost(SHIPPED_WEIGHTS, paths[OURS_INT8], options.calibration, THREADS)
            lost = [f"| {head} | {a:.4f} | {b:.4f} |" for head, (a, b) in found.items()]
        by_default = table(paths, True, options.seconds)
        without_spinning = table(paths, False, options.seconds)
    lines = [
        "# Latency",
        "",
        "    python benchmarks/latency.py"
        + (f" --int8 --calibration {options.calibration.name}" if options.int8 else ""),
        "",
        f"onnxruntime {onnxruntime.__version__} on the CPU, {THREADS} threads of {os.cpu_count()} "
        f"cores, fp32. {SHIPPED_WEIGHTS.name} is timed whole and cut to its six scores; "
        "EdgeNeXt-XXS is timm's with six outputs and random weights. Rounds give each network a "
        f"block of {BLOCK_S:g} s after a pause of {PAUSE_S:g} s: two thread pools of one process "
        "that take turns at once spin on each other's cores, which times that and not the "
        "networks. Median over rounds, brackets: the middle half; the ratio is taken per round.",
        "",
        "onnxruntime as it comes:",
        "",
        *by_default,
        "As the guard runs it, among other networks: waiting threads sleep "
        "(`session.intra_op.allow_spinning` 0).",
        "",
        *without_spinning,
    ]
    if options.faces:
        rate, before, peak = from_disk(options.faces)
        lines += [
            f"{options.faces} aligned faces from disk (512 px JPEG; read, check, shrink, score in "
            f"batches of 16): {rate:.0f} faces a second; {peak:.0f} MB peak memory of the process, "
            f"{before:.0f} MB before the first face.",
            "",
        ]
    if lost:
        lines += [
            f"int8 (static, convolutions only, calibrated on 128 of the pictures), SRCC on up to "
            f"600 pictures of {options.calibration.name}:",
            "",
            "| head | fp32 | int8 |",
            "|---|---|---|",
            *lost,
            "",
        ]
    print("\n".join(lines))
    if not options.smoke:
        (ROOT / "docs" / "results" / "latency.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
