"""Measures restorations and all their mixtures with the guard's own parts, and the truth beside them.

    python benchmarks/measure_candidates.py runs/val runs/val_esr runs/val_lfw --judge fr_feature.onnx \
        --pairs 400 --strangers 60 -o runs/candidates

Sets come from build_simset.py; of each, restored pairs are drawn by seed. One .npz a set, which
fit_risk.py, fit_policies.py and guard_told.py read; a set that is there already is left alone.
Strangers are restorations of somebody else, whole only. The truth is the judge's, who knows the
person's pristine face; beside it stands what the guard's recogniser says when it is shown that face
too, which the guard never is. About a second of one core a pair.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from candidates import WHOLE, Candidates, save
from choose_mixtures import LONG
from judge import JudgeEmbedder
from simset import JUDGE, LoadedSet, load

from facefidelity.assessor.benchmark.identity_labels import cohort_z
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.faces import DlibDetector
from facefidelity.guards.blending import MIXTURES, FacePair, delivered_share
from facefidelity.guards.drift import measure_drift
from facefidelity.guards.identity.dlib_resnet import DlibEmbedder
from facefidelity.guards.measurement import MeasuredCandidate, MeasuredSource, features_of

FRAME_PX = 512
LISTS = {"shipped": MIXTURES, "long": LONG}
"""The guard's own mixtures, and those that choose_mixtures.py chooses from."""
_bench: Bench | None = None


class Bench:
    """The guard's parts, the judge, and one set."""

    def __init__(self, folder: Path, judge: Path, mixtures: str) -> None:
        self.mixtures = LISTS[mixtures]
        cv2.setNumThreads(1)
        self.data: LoadedSet = load(folder)
        self.judge, self.assessor = JudgeEmbedder(judge), Assessor(threads=1)
        self.embedder, self.locator = DlibEmbedder(threads=1), DlibDetector()
        self.own = np.load(folder / f"own_{JUDGE}.npy")
        self.own_told = np.load(folder / f"own_{self.embedder.name}.npy")
        people = np.unique(self.data.person)
        self.first = {int(p): int(np.argmax(self.data.person == p)) for p in people}

    def face(self, row: int) -> np.ndarray:
        return np.asarray(cv2.resize(self.data.images[row], (FRAME_PX, FRAME_PX)), np.uint8)

    def measure(self, lq_row: int, hq_row: int, mixtures: bool) -> list[dict[str, object]]:
        """One row a candidate."""
        lq, hq = self.face(lq_row), self.face(hq_row)
        (scores,), (embedding,) = self.assessor.score_batch([lq]), self.embedder.embed_batch([lq])
        source = MeasuredSource.of(lq, scores, embedding, self.locator.locate(lq))
        found = source.view.compare(hq)
        drift = measure_drift(source.view, found, source.masks).regions
        names, faces, shares = [WHOLE], [hq], [1.0]
        if mixtures:
            pair = FacePair(lq, hq, source.view, found, drift, source.masks)
            blends = [mixture.blend(pair) for mixture in self.mixtures]
            names += [blend.name for blend in blends]
            faces += [blend.pixels for blend in blends]
            shares += [delivered_share(lq, hq, blend.pixels) for blend in blends]
        all_scores, supported = self.assessor.score_restored(faces, [lq] * len(faces))
        embeddings = self.embedder.embed_batch(faces)
        same = bool(self.data.person[lq_row] == self.data.person[hq_row])
        seen = np.stack([self.judge.embed(face).vector for face in (lq, *faces)])
        z, rank1 = self.identified(lq_row, seen, self.own, same)
        known = np.stack([one.vector for one in (embedding, *embeddings)])
        told_z, told_rank1 = self.identified(lq_row, known, self.own_told, same)
        rows: list[dict[str, object]] = []
        for i, face in enumerate(faces):
            one = MeasuredCandidate(
                all_scores[i], supported[i], embeddings[i], self.locator.locate(face)
            )
            compared = source.view.compare(face)
            moved = measure_drift(source.view, compared, source.masks)
            rows.append(
                {
                    "features": features_of(source, one, compared, moved),
                    "mixture": names[i],
                    "blend": shares[i],
                    "z_lq": z[0],
                    "z": z[i + 1],
                    "rank1_lq": rank1[0],
                    "rank1": rank1[i + 1],
                    "told_z_lq": told_z[0],
                    "told_z": told_z[i + 1],
                    "told_rank1_lq": told_rank1[0],
                    "told_rank1": told_rank1[i + 1],
                }
            )
        return rows

    def identified(
        self, row: int, vectors: np.ndarray, own: np.ndarray, same: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cohort z and rank 1 of the person of a row, whose LQ comes first; of a stranger none."""
        person = int(self.data.person[row])
        others = np.stack([own[i] for p, i in self.first.items() if p != person])
        z = cohort_z(vectors, np.repeat(own[row][None], len(vectors), 0), others)
        rank1 = vectors @ own[row] >= (vectors @ others.T).max(axis=1)
        if not same:
            z[1:], rank1[1:] = 0.0, False
        return z, rank1


def start(folder: Path, judge: Path, mixtures: str) -> None:
    global _bench  # noqa: PLW0603 - one a process
    _bench = Bench(folder, judge, mixtures)


def measure(job: tuple[int, int, int, bool]) -> list[dict[str, object]]:
    number, lq_row, hq_row, mixtures = job
    if _bench is None:
        raise RuntimeError("start comes first")
    data, rows = _bench.data, _bench.measure(lq_row, hq_row, mixtures)
    facts = {
        "pair": number,
        "person": int(data.person[lq_row]),
        "kind": str(data.restoration[hq_row]),
        "stranger": bool(data.person[lq_row] != data.person[hq_row]),
    }
    return [{**row, **facts} for row in rows]


def jobs_of(
    folder: Path, pairs: int, strangers: int, seed: int
) -> list[tuple[int, int, int, bool]]:
    data, rng = load(folder), np.random.default_rng(seed)
    restored = np.flatnonzero(data.restored)
    drawn = rng.choice(restored, min(pairs, len(restored)), replace=False)
    jobs = [(i, int(data.source[row]), int(row), True) for i, row in enumerate(np.sort(drawn))]
    lq, hq = rng.choice(restored, (2, strangers)) if strangers else np.zeros((2, 0), int)
    apart = data.person[lq] != data.person[hq]
    sources = data.source[lq[apart]]
    return jobs + [
        (len(jobs) + i, int(a), int(b), False)
        for i, (a, b) in enumerate(zip(sources, hq[apart], strict=True))
    ]


def gather(rows: list[dict[str, object]], subset: str) -> Candidates:
    names = list(rows[0]["features"])
    features = {n: np.array([row["features"][n] for row in rows]) for n in names}
    arrays = {
        name: np.array([row[name] for row in rows])
        for name in rows[0]
        if name not in {"features", "person"}
    }
    # People of the photographs are numbered apart from those of the generated faces.
    people = np.array([f"{'lfw' if 'lfw' in subset else 'hq'} {row['person']}" for row in rows])
    return Candidates(features, person=people, subset=np.full(len(rows), subset), **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--strangers", type=int, default=0)
    parser.add_argument("--mixtures", choices=list(LISTS), default="shipped")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for folder in options.sets:
        path = options.out / f"{folder.name}.npz"
        if path.exists():
            continue
        jobs = jobs_of(folder, options.pairs, options.strangers, options.seed)
        rows: list[dict[str, object]] = []
        with get_context("spawn").Pool(
            options.processes, partial(start, folder, options.judge, options.mixtures)
        ) as pool:
            for done, found in enumerate(pool.imap(measure, jobs), 1):
                rows += found
                if done % 50 == 0 or done == len(jobs):
                    print(f"{folder.name}: {done} of {len(jobs)}", file=sys.stderr, flush=True)
        save(gather(rows, folder.name), path)


if __name__ == "__main__":
    main()
