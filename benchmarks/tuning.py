"""Does `facefidelity tune` find what is truly best? Simulated cameras, known truth, other judge.

    python benchmarks/tuning.py --judge fr_feature.onnx -o docs/results/tuning.md

Each camera photographs test people; the tuner sees half of the frames, without their truth. Every
setting of a grid, and what the tuner chose, is then measured on the other people's frames against
their pristine faces, identity by a recogniser that is not in the guard. Cameras are named ones of
the simulator; the last two were never used while the tuner was made.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from compact_restorer import COMPACT, Compact
from judge import JudgeEmbedder
from tuning_page import SPLITS, Row, write

from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.core.images import write_picture
from facefidelity.plugin.parts import default_judge
from facefidelity.plugin.tuning.cache import ExaminedCache
from facefidelity.plugin.tuning.faceset import FaceSet
from facefidelity.plugin.tuning.measuring import FaceExaminer
from facefidelity.plugin.tuning.outcomes import Outcome, sum_up
from facefidelity.plugin.tuning.result import TuningResult
from facefidelity.plugin.tuning.search import SearchPlan
from facefidelity.plugin.tuning.space import Choice, runnable_restorers, spread_policies
from facefidelity.plugin.tuning.truth import Truth
from facefidelity.plugin.tuning.tuner import TuningRequest, tune_camera
from facefidelity.restorers.registry import register_restorer

ROOT = Path(__file__).resolve().parent.parent
FACES = Path("/work/shared/data/faces_hq")
CAMERAS = ("street_bullet", "night_ir", "webcam_beauty", "corridor_dome", "phone_zoom")
DEFAULT = (Choice("compact", (("input_size", 64),)), "balanced", 0.3)
GRID = (
    *(Choice("compact", (("input_size", size),)) for size in (48, 64, 96, 144)),
    *(
        Choice("classical", (("radius", 2.0), ("sharpen", sharpen), ("strength", strength)))
        for strength in (0.0, 0.4)
        for sharpen in (0.8, 2.0)
    ),
)


def people(count: int, split: str, seed: int = 5) -> list[np.ndarray]:
    with (FACES.parent / "faces_hq.csv").open(newline="", encoding="utf-8") as lines:
        names = [row["file"] for row in csv.DictReader(lines) if row["split"] == split]
    order = np.random.default_rng(seed).permutation(len(names))[:count]
    return [cv2.imread(str(FACES / names[i]))[..., ::-1].copy() for i in order]


def shoot(camera: str, faces: list[np.ndarray], seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    known = named_camera(camera)
    return [known.draw(rng).capture(face, rng) for face in faces]


def measure(faces: FaceSet, choice: Choice, limits) -> tuple[Outcome, ...]:
    return sum_up(choice, faces.examine(choice, len(faces)), limits).outcomes


def best_of(every: dict[Choice, tuple[Outcome, ...]], budget: float) -> tuple[Choice, int]:
    """The setting and the limit's place with the highest true gain within the budget."""
    within = [
        (one.true_gain, choice, place)
        for choice, outcomes in every.items()
        for place, one in enumerate(outcomes)
        if lost_share(one) <= budget
    ]
    _, choice, place = max(within, key=lambda found: found[0])
    return choice, place


def without_luck(faces: FaceSet, limits, budget: float) -> tuple[float, float]:
    """Gain and lost share of the grid's best where half of the faces choose and the others count."""
    examined = {choice: faces.examine(choice, len(faces)) for choice in GRID}
    rng, found = np.random.default_rng(1), []
    for _ in range(SPLITS):
        order = rng.permutation(len(faces))
        for half in (order[: len(order) // 2], order[len(order) // 2 :]):
            rest = np.setdiff1d(order, half)
            seen = {
                choice: sum_up(choice, [looked[i] for i in half], limits).outcomes
                for choice, looked in examined.items()
            }
            choice, place = best_of(seen, budget)
            looked = [examined[choice][i] for i in rest]
            (one,) = sum_up(choice, looked, [limits[place]]).outcomes
            found.append((one.true_gain, lost_share(one)))
    gain, lost = np.mean(found, axis=0)
    return float(gain), float(lost)


def lost_share(outcome: Outcome) -> float:
    return outcome.lost / outcome.faces


def examine(camera: str, arguments: argparse.Namespace, judge: JudgeEmbedder, others) -> Row:
    """Tune one camera on some people and measure the choice on others."""
    pristine = people(arguments.frames + arguments.faces, arguments.split)
    shots = shoot(camera, pristine, seed=len(camera))
    seen, held = shots[: arguments.frames], shots[arguments.frames :]
    limits = spread_policies(None)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for index, shot in enumerate(seen):
            write_picture(Path(folder) / f"{index:03d}.png", shot)
        plan = SearchPlan(trials=arguments.trials, seconds=3600, budget=arguments.budget)
        request = TuningRequest(
            camera,
            aligned=True,
            restorers=("classical", "compact"),
            pairs=arguments.pairs,
            real_faces=arguments.real,
            plan=plan,
            threads=1,
        )
        record = arguments.work / f"{camera}-{arguments.split}.study.db"
        result = tune_camera([Path(folder)], request, record=record, judge=default_judge(1))
    seconds = spent(record.with_suffix(".seconds"), time.perf_counter() - started)
    restorers, _ = runnable_restorers(("classical", "compact"))
    with ExaminedCache(arguments.work / f"{camera}-truth.db", "benchmark") as cache:
        examiner = FaceExaminer(default_judge(1), restorers, limits)
        first, rest = pristine[: arguments.frames], pristine[arguments.frames :]
        own = FaceSet(seen, examiner, cache, Truth(first, judge, None, others))
        faces = FaceSet(held, examiner, cache, Truth(rest, judge, None, others))
        row = compare(camera, result, own, faces, arguments, seconds)
        if arguments.explain:
            explain(result, faces, limits)
    return row


def spent(path: Path, seconds: float) -> float:
    """Seconds of this run and of those that it went on from."""
    before = float(path.read_text(encoding="ascii")) if path.exists() else 0.0
    path.write_text(f"{before + seconds}", encoding="ascii")
    return before + seconds


def compare(
    camera, result: TuningResult, own: FaceSet, faces: FaceSet, arguments, seconds: float
) -> Row:
    """The choice, the best of the grid within the same true budget, and the one default."""
    limits = spread_policies(None)
    told_choice, told_place = best_of(
        {choice: measure(own, choice, limits) for choice in GRID}, arguments.budget
    )
    every = {choice: measure(faces, choice, limits) for choice in GRID}
    best_choice, place = best_of(every, arguments.budget)
    best = every[best_choice][place]
    told = every[told_choice][told_place]
    fair_gain, fair_loss = without_luck(faces, limits, arguments.budget)
    default = next(
        one
        for one in every[DEFAULT[0]]
        if one.limit.base == DEFAULT[1] and one.limit.max_identity_risk == DEFAULT[2]
    )
    chosen = result.chosen
    gain = loss = 0.0
    words = "nothing: leave the faces as they are"
    if chosen is not None:
        outcomes = measure(faces, chosen.trial.choice, limits)
        own = next(one for one in outcomes if one.limit == chosen.outcome.limit)
        gain, loss = own.true_gain, lost_share(own)
        words = f"{chosen.trial.choice.label}; {chosen.outcome.limit.label}"
    return Row(
        camera,
        words,
        gain,
        loss,
        f"{best_choice.label}; {best.limit.label}",
        best.true_gain,
        lost_share(best),
        fair_gain,
        fair_loss,
        told.true_gain,
        lost_share(told),
        default.true_gain,
        lost_share(default),
        0.0 if chosen is None else chosen.loss,
        0.0 if chosen is None else chosen.gain,
        len(result.trials),
        seconds,
    )


def explain(result: TuningResult, faces: FaceSet, limits) -> None:
    """How far self-made pairs and real faces foretell the truth, over all finalists' limits."""
    rows = []
    for one in result.candidates:
        true = next(
            found
            for found in measure(faces, one.trial.choice, limits)
            if found.limit == one.outcome.limit
        )
        rows.append(
            [
                *(one.outcome.true_gain, one.outcome.gain, one.real.gain),
                *(true.true_gain, true.gain),
                *(one.outcome.lost / one.outcome.faces, one.outcome.risk, one.real.risk, one.loss),
                lost_share(true),
            ]
        )
    table = np.array(rows)
    names = "self-true self-assessor real-assessor TRUE true-assessor self-lost self-risk real-risk loss LOST"
    print(names, file=sys.stderr)
    print(np.round(table.mean(0), 3), file=sys.stderr)
    print(np.round(np.corrcoef(table.T), 2), file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--cameras", nargs="*", default=CAMERAS)
    parser.add_argument("--split", default="test")
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--faces", type=int, default=24)
    parser.add_argument("--pairs", type=int, default=24)
    parser.add_argument("--real", type=int, default=16)
    parser.add_argument("--trials", type=int, default=14)
    parser.add_argument("--budget", type=float, default=0.05)
    parser.add_argument("--work", type=Path, default=Path(tempfile.mkdtemp()))
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("-o", "--out", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    register_restorer(COMPACT, Compact)
    judge = JudgeEmbedder(arguments.judge)
    others = np.stack([one.vector for one in judge.embed_batch(people(150, "train"))])
    rows = []
    for camera in arguments.cameras:
        rows.append(examine(camera, arguments, judge, others))
        print(
            json.dumps(rows[-1].__dict__ | {"share": rows[-1].share}), file=sys.stderr, flush=True
        )
        if arguments.out is not None:
            write(rows, arguments, len(GRID), f"{DEFAULT[0].label}, {DEFAULT[1]}")


if __name__ == "__main__":
    main()
