"""Compares ways of blending: what each leaves of the person, and what it gains in looks.

    python benchmarks/mixtures.py runs/test runs/test_esr runs/test_unseen --pairs 20 \
        --judge fr_feature.onnx -o docs/results/mixtures.md

Sets come from build_simset.py; of each, restored pairs are drawn by seed. Identity is the cohort z of
a recogniser that is not in the guard, minus that of LQ; looks are the shipped assessor's overall,
minus that of LQ. About a second of one core a pair.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from choose_mixtures import LONG, label_of
from judge import JudgeEmbedder
from simset import JUDGE, LoadedSet, load

from facefidelity.assessor.benchmark.identity_labels import cohort_z
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.faces import DlibDetector
from facefidelity.guards.blending import (
    MIXTURES,
    FacePair,
    GiveBack,
    Mixture,
    Projection,
    blends_of,
)
from facefidelity.guards.consistency import MAP_SIDE_PX, CameraView
from facefidelity.guards.drift import measure_drift
from facefidelity.guards.regions import region_masks

FRAME_PX = 512
MOST_Z_DROP = 0.3
PLAIN = (
    *(Mixture(share, cutoff) for cutoff in (4.0, 8.0) for share in (1.0, 0.75, 0.5)),
    *(Mixture(share) for share in (0.75, 0.6, 0.45, 0.3, 0.15)),
)
"""The eleven that were searched before there were others."""
ALL = tuple(
    dict.fromkeys(
        [
            *(Projection(share) for share in (1.0, 0.6, 0.4)),
            *PLAIN,
            *(Mixture(share, 16.0) for share in (1.0, 0.5)),
            Mixture(0.7, 16.0, 0.3),
            *(GiveBack(parts) for parts in (1, 2, 3)),
            *(GiveBack(parts, projected=True) for parts in (1, 2, 3, 4)),
            *LONG,
            *MIXTURES,
        ]
    )
)
CARD = f"""# Mixtures compared

`benchmarks/mixtures.py` wrote this (its docstring has the command). z: cohort z of a recogniser that
is not in the guard, minus LQ's; gain: overall of the assessor, minus LQ's; means over all pairs.
Front: no other mixture beats it on both means. Where HQ itself loses more than {MOST_Z_DROP} of z:
`keeps` is the share of faces in which the mixture does not, `best of` the mean gain if that mixture is
taken where it keeps and gains, and nothing where not. Searched: in the guard's list, which was chosen
on other people ([mixture_choice.md](mixture_choice.md)).
"""


class Comparison:
    """Blends pairs and measures what comes out."""

    def __init__(self, judge: JudgeEmbedder) -> None:
        self.judge, self.assessor, self.locator = judge, Assessor(threads=1), DlibDetector()
        self.kinds: list[str] = []
        self.z: list[list[float]] = []
        self.gain: list[list[float]] = []
        self.seconds: list[float] = []

    def add(self, data: LoadedSet, folder: Path, rows: np.ndarray) -> None:
        """Measure some restored rows of a set: LQ, HQ and every mixture."""
        first = {int(p): int(np.argmax(data.person == p)) for p in np.unique(data.person)}
        own = np.load(folder / f"own_{JUDGE}.npy")
        for row in rows:
            pair = self.pair_of(data.images[data.source[row]], data.images[row])
            begin = time.process_time()
            blends_of(pair)
            self.seconds.append(time.process_time() - begin)
            faces = [pair.lq, pair.hq, *(mixture.blend(pair).pixels for mixture in ALL)]
            person = int(data.person[row])
            others = np.stack([own[i] for p, i in first.items() if p != person])
            vectors = np.stack([self.judge.embed(face).vector for face in faces])
            z = cohort_z(vectors, np.repeat(own[row][None], len(faces), 0), others)
            overall = np.array([one.overall for one in self.assessor.score_batch(faces)])
            self.z.append(list(z[1:] - z[0]))
            self.gain.append(list(overall[1:] - overall[0]))
            self.kinds.append(str(data.restoration[row]))

    def pair_of(self, lq: np.ndarray, hq: np.ndarray) -> FacePair:
        """The pair at the size at which the guard has it."""
        lq, hq = (np.asarray(cv2.resize(one, (FRAME_PX, FRAME_PX)), np.uint8) for one in (lq, hq))
        view = CameraView(lq)
        found = view.compare(hq)
        masks = region_masks(self.locator.locate(lq), FRAME_PX, MAP_SIDE_PX)
        return FacePair(lq, hq, view, found, measure_drift(view, found, masks).regions, masks)


def front_of(z: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Which of the points no other beats on both."""
    beaten = (z[None] >= z[:, None]) & (gain[None] >= gain[:, None])
    beaten &= (z[None] > z[:, None]) | (gain[None] > gain[:, None])
    return ~beaten.any(axis=1)


def table(found: Comparison) -> str:
    """The comparison as Markdown, best identity first."""
    z, gain, kinds = np.array(found.z), np.array(found.gain), np.array(found.kinds)
    swapped = np.char.startswith(kinds, "swap")
    groups = {"all": np.ones(len(kinds), bool), "swaps": swapped, "other restorers": ~swapped}
    groups = {f"{name} ({rows.sum()})": rows for name, rows in groups.items() if rows.any()}
    front = front_of(z.mean(0), gain.mean(0))
    lost = z[:, 0] < -MOST_Z_DROP
    keeps = z[lost] >= -MOST_Z_DROP
    kept_gain = np.where(keeps, gain[lost], 0).clip(0)
    names = ["HQ whole", *(label_of(mixture) for mixture in ALL)]
    head = "".join(f" {name}: z | gain |" for name in groups)
    lines = [
        f"| mixture | searched | front |{head} keeps ({lost.sum()}) | best of |",
        "|---|---|---|" + "---|---|" * len(groups) + "---|---|",
    ]
    for i in np.argsort(-z.mean(0)):
        marks = ["yes" if mark else "" for mark in (i and ALL[i - 1] in MIXTURES, front[i])]
        means = [f"{z[r, i].mean():+.2f} | {gain[r, i].mean():+.1f}" for r in groups.values()]
        cells = [
            names[i],
            *marks,
            *means,
            f"{keeps[:, i].mean():.2f}",
            f"{kept_gain[:, i].mean():.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    best = {
        which: kept_gain[:, [1 + ALL.index(one) for one in some]].max(1).mean()
        for which, some in (("searched", MIXTURES), ("plain", PLAIN), ("all", ALL))
    }
    return "\n".join([CARD, *lines, "", summary(best, found.seconds)])


def summary(best: dict[str, float], seconds: list[float]) -> str:
    """What the search could keep if it knew the truth, and what making its mixtures costs."""
    return (
        f"Best of the {len(MIXTURES)} searched, were the truth known, where HQ loses the person: "
        f"gain {best['searched']:.2f}; of the {len(PLAIN)} splits and pixel mixtures searched at first: "
        f"{best['plain']:.2f}; of all {len(ALL)} here: {best['all']:.2f}.\n\n"
        f"Making all {len(MIXTURES)} at {FRAME_PX} px takes {np.median(seconds):.2f} s of one core "
        f"(median; longest {max(seconds):.2f} s). Their number is fixed, so is the bound."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=20, help="drawn from each set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    found = Comparison(JudgeEmbedder(options.judge))
    rng = np.random.default_rng(options.seed)
    for folder in options.sets:
        data = load(folder)
        restored = np.flatnonzero(data.restored)
        found.add(data, folder, rng.choice(restored, min(options.pairs, len(restored)), False))
        options.out.write_text(table(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
