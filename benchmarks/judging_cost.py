"""What judging a face costs next to restoring it with GFPGAN, on the same cores in the same run.

    python benchmarks/judging_cost.py --seconds 120

GFPGAN 1.4's network with random parameters costs what the published one does. Each round restores
the face once and judges it under a policy that never accepts, so that all twelve mixtures are made
and measured (the longest judging there is), and under one that accepts at once (the shortest). The
ratio is taken per round. Writes docs/results/judging_cost.md.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.core.faces import DlibDetector, align_face
from facefidelity.core.protocols import Restoration
from facefidelity.guards.policy import SEARCH_ALWAYS, Policy
from facefidelity.plugin.parts import default_judge

ROOT = Path(__file__).resolve().parent.parent
THREADS = 2
BAR = 0.10
ACCEPT_ALWAYS = Policy(
    name="accept always",
    summary="Accepts whatever comes.",
    max_identity_risk=1.0,
    min_overall_gain=0.0,
    max_fidelity_loss=100.0,
    min_consistency=0.0,
    max_landmark_shift=100.0,
    min_source_identifiable=0.0,
    changes_pixels=True,
)


def pair() -> tuple[np.ndarray, np.ndarray]:
    """A poor capture of the astronaut, and a restoration that gains: she as she is, softened."""
    from skimage.data import astronaut

    picture = np.ascontiguousarray(astronaut())
    face = align_face(picture, DlibDetector().detect(picture)[0]).pixels
    rng = np.random.default_rng(0)
    lq = named_camera("street_bullet").draw(rng).capture(face, rng)
    return lq, np.asarray(cv2.GaussianBlur(face, (0, 0), 1.0), np.uint8)


def gfpgan(face: np.ndarray) -> Callable[[], object]:
    """One pass of the network, as `restorers.gfpgan` runs it."""
    import torch

    from facefidelity.restorers.gfpgan import gfpgan_network

    torch.set_num_threads(THREADS)
    network = gfpgan_network().eval()
    planes = torch.from_numpy(face).permute(2, 0, 1)[None].float() / 127.5 - 1

    def run() -> object:
        with torch.inference_mode():
            return network(planes, return_rgb=False, randomize_noise=False)

    return run


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def spread(values: list[float], digits: int) -> str:
    """Median and the middle half."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"{statistics.median(values):.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "docs/results/judging_cost.md")
    options = parser.parse_args()
    cv2.setNumThreads(THREADS)
    lq, hq = pair()
    judge, restoration = default_judge(THREADS), Restoration(lq, hq)
    searched = judge.judge(restoration, SEARCH_ALWAYS).verdict
    work = {
        "GFPGAN, 512 px": gfpgan(lq),
        "judging, every mixture": lambda: judge.judge(restoration, SEARCH_ALWAYS),
        "judging, accepted at once": lambda: judge.judge(restoration, ACCEPT_ALWAYS),
    }
    for one in work.values():
        one()
    times: dict[str, list[float]] = {name: [] for name in work}
    until = time.perf_counter() + options.seconds
    while time.perf_counter() < until or len(times["GFPGAN, 512 px"]) < 5:
        for name, one in work.items():
            times[name].append(seconds_of(one))
    write(options, times, len(searched.tried or ()))


def write(options: argparse.Namespace, times: dict[str, list[float]], mixtures: int) -> None:
    """The page."""
    first = next(iter(times))
    lines = [
        "# What judging costs next to restoring",
        "",
        f"    python benchmarks/judging_cost.py --seconds {options.seconds:g}",
        "",
        f"One aligned face, {THREADS} threads of two cores, fp32. GFPGAN's network has random "
        "parameters, which cost the same. Median over rounds that time one after the other; "
        "brackets: the middle half. The ratio is taken per round. Every mixture means that "
        f"{mixtures} were made and measured beside the restoration; LQ is measured each time.",
        "",
        "| work | seconds a face | share of GFPGAN | bar | rounds |",
        "|---|---|---|---|---|",
    ]
    for name, taken in times.items():
        shares = [one / whole for one, whole in zip(taken, times[first], strict=True)]
        share, bar = ("", "") if name == first else (spread(shares, 3), f"{BAR:g}")
        lines.append(f"| {name} | {spread(taken, 3)} | {share} | {bar} | {len(taken)} |")
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[-3:]))


if __name__ == "__main__":
    main()
