"""From what can a tuner foretell losses and gains? The cameras on which its rule was made.

    python benchmarks/tuning_estimates.py --judge fr_feature.onnx --work runs/tuning_estimates

Each camera photographs people of the val split. Every setting of tuning.py's grid, under every limit,
is measured three times: on self-made pairs (as the tuner sees), on the tuner's own frames, and on
other people's frames; the last two also against their pristine faces, identity by a recogniser that
is not in the guard. Writes docs/results/tuning_estimates.md.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from compact_restorer import COMPACT, Compact
from judge import JudgeEmbedder
from tuning import GRID, people, shoot

from facefidelity.core.images import write_picture
from facefidelity.plugin.assessment import FaceAssessment
from facefidelity.plugin.parts import default_detector, default_judge
from facefidelity.plugin.tuning.cache import ExaminedCache
from facefidelity.plugin.tuning.characterise import characterise
from facefidelity.plugin.tuning.choosing import Candidate, choose
from facefidelity.plugin.tuning.faceset import FaceSet
from facefidelity.plugin.tuning.foretelling import surprises
from facefidelity.plugin.tuning.frames import collect_faces
from facefidelity.plugin.tuning.measuring import FaceExaminer
from facefidelity.plugin.tuning.outcomes import Trial, sum_up
from facefidelity.plugin.tuning.space import runnable_restorers, spread_policies
from facefidelity.plugin.tuning.truth import Truth
from facefidelity.plugin.tuning.tuner import TuningRequest, self_made_pairs
from facefidelity.restorers.registry import register_restorer

ROOT = Path(__file__).resolve().parent.parent
CAMERAS = ("doorbell", "analogue_dvr", "body_worn", "street_bullet", "webcam_beauty", "night_ir")
FRAMES, FACES, OTHERS = 40, 48, 150
BUDGET = 0.05
RESTORERS = ("classical", "compact")


@dataclass(frozen=True)
class Camera:
    """The same settings on pairs, on the tuner's frames and on other people's, in one order."""

    name: str
    pairs: list[Trial]
    own: list[Trial]
    held: list[Trial]

    def by_restorer(self, restorer: str) -> np.ndarray:
        """Mean lost and foretold share under lenient: pairs, own frames, other frames."""
        found = []
        for trials in (self.pairs, self.own, self.held):
            outcomes = [
                next(one for one in trial.outcomes if one.limit.label == "lenient")
                for trial in trials
                if trial.choice.restorer == restorer
            ]
            found += [np.mean([one.lost / one.faces for one in outcomes])]
            found += [np.mean([one.risk for one in outcomes])]
        return np.array(found)

    def gains(self) -> np.ndarray:
        """(outcomes, 3): true gain on pairs, the assessor's on own frames, true on others."""
        return np.array(
            [
                (pair.true_gain, own.gain, held.true_gain)
                for trials in zip(self.pairs, self.own, self.held, strict=True)
                for pair, own, held in zip(*(trial.outcomes for trial in trials), strict=True)
            ]
        )

    def choice(self) -> tuple[float, float, float]:
        """Share of the best gain, lost on other people's frames and on all, by the tuner's rule."""
        known = surprises(self.pairs)
        true: dict[int, tuple[float, float, float]] = {}
        candidates, best = [], 0.0
        for pair, own, held in zip(self.pairs, self.own, self.held, strict=True):
            surprise = known.get(pair.choice.restorer, 1.0)
            for place, outcome in enumerate(pair.outcomes):
                here, there = own.outcomes[place], held.outcomes[place]
                one = Candidate(pair, outcome, here, surprise)
                candidates.append(one)
                lost = there.lost / there.faces
                every = (there.lost + here.lost) / (there.faces + here.faces)
                true[id(one)] = (there.true_gain, lost, every)
                if lost <= BUDGET:
                    best = max(best, there.true_gain)
        chosen = choose(candidates, BUDGET)
        if chosen is None:
            return 0.0, 0.0, 0.0
        gain, lost, every = true[id(chosen)]
        return gain / best, lost, every


def examine(name: str, judge: JudgeEmbedder, others: np.ndarray, work: Path) -> Camera:
    """Measure one camera; what is in the cache is not measured again."""
    limits, guard = spread_policies(None), default_judge(1)
    restorers, _ = runnable_restorers(RESTORERS)
    examiner = FaceExaminer(guard, restorers, limits)
    pristine = people(FRAMES + FACES, "val")
    shots = shoot(name, pristine, seed=len(name))
    with (
        tempfile.TemporaryDirectory() as folder,
        ExaminedCache(work / f"{name}-val.db", "dev") as cache,
    ):
        for index, shot in enumerate(shots[:FRAMES]):
            write_picture(Path(folder) / f"{index:03d}.png", shot)
        found = collect_faces(
            [Path(folder)],
            FaceAssessment(guard.assessor, default_detector()),
            aligned=True,
            most_frames=FRAMES,
            seed=0,
        )
        request = TuningRequest(name, aligned=True, restorers=RESTORERS, pairs=FRAMES)
        pairs = self_made_pairs(found.faces, characterise(found.faces), request)
        embedder = guard.embedder
        same = Truth([p.truth for p in pairs], embedder, embedder.calibration.probability_same)
        sets = (
            FaceSet([pair.lq for pair in pairs], examiner, cache, same),
            FaceSet(shots[:FRAMES], examiner, cache, Truth(pristine[:FRAMES], judge, None, others)),
            FaceSet(shots[FRAMES:], examiner, cache, Truth(pristine[FRAMES:], judge, None, others)),
        )
        tried = [
            [sum_up(choice, faces.examine(choice, len(faces)), limits) for choice in GRID]
            for faces in sets
        ]
    return Camera(name, *tried)


def page(cameras: list[Camera], arguments: argparse.Namespace) -> list[str]:
    """The page's lines."""
    rows, gains, chosen = [], [], []
    for camera in cameras:
        for restorer in RESTORERS:
            cells = " | ".join(f"{value:.3f}" for value in camera.by_restorer(restorer))
            surprise = surprises(camera.pairs)[restorer]
            rows.append(f"| {camera.name} | {restorer} | {cells} | {surprise:.2f} |")
        with_truth = np.corrcoef(camera.gains().T)[2]
        gains.append(f"| {camera.name} | {with_truth[0]:.2f} | {with_truth[1]:.2f} |")
        share, lost, every = camera.choice()
        chosen.append(f"| {camera.name} | {share:.2f} | {lost:.3f} | {every:.3f} |")
    return [
        "# From what a tuner can foretell losses and gains",
        "",
        f"    python benchmarks/tuning_estimates.py --judge {arguments.judge.name} "
        f"--cameras {' '.join(arguments.cameras)}",
        "",
        f"The cameras on which the tuner's rule was made: {FRAMES} frames for the tuner, "
        f"{FACES} frames of other people, all of the val split, {len(GRID)} settings under "
        f"{len(spread_policies(None))} limits. Losses on frames by judge-faceplugin, which is "
        "neither in the guard nor in the tuner; on pairs by the guard's embedder.",
        "",
        "## Losses under lenient, mean of a restorer's settings",
        "",
        "*Foretold*: mean `predicted_loss`. *Surprise*: losses seen on pairs for each foretold.",
        "",
        "| camera | restorer | pairs: lost | foretold | own frames: lost | foretold | "
        "other people: lost | foretold | surprise |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "## Gains: correlation with the true one on other people's frames, over all outcomes",
        "",
        "| camera | true gain on pairs | the assessor's on own frames |",
        "|---|---|---|",
        *gains,
        "",
        f"## What the rule picks from the grid, budget {100 * BUDGET:g} %",
        "",
        "Share of the highest gain that keeps the budget on those very faces; a camera's faces are "
        f"{FACES}, so one more or less lost is {1 / FACES:.3f}.",
        "",
        "| camera | share of the best gain | lost, other people | lost, both |",
        "|---|---|---|---|",
        *chosen,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--cameras", nargs="*", default=CAMERAS)
    parser.add_argument("--work", type=Path, default=Path(tempfile.mkdtemp()))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    register_restorer(COMPACT, Compact)
    judge = JudgeEmbedder(arguments.judge)
    others = np.stack([one.vector for one in judge.embed_batch(people(OTHERS, "train"))])
    cameras = []
    for name in arguments.cameras:
        cameras.append(examine(name, judge, others, arguments.work))
        lines = page(cameras, arguments)
        (ROOT / "docs" / "results" / "tuning_estimates.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
