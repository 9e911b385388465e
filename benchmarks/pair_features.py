"""Evidence of simulated pairs, measured with the product's own parts, and the truth beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from simset import JUDGE, LoadedSet

from facefidelity.assessor.runtime import Assessor
from facefidelity.core.faces import DlibDetector
from facefidelity.core.scores import HEADS
from facefidelity.guards.consistency import measure_consistency
from facefidelity.guards.geometry import landmark_shift

GUARD_EMBEDDER = "dlib-resnet-v1"
MARGIN_Z = 1.0


@dataclass(frozen=True)
class Pairs:
    """One row a pair.

    features: name -> (N,) evidence. lost: HQ is not its person's rank 1 for the judge, or its
    cohort z fell by more than MARGIN_Z. source_rank1: LQ is. hq_rank1: HQ is. z_lq, z_hq: the
    judge's cohort z. kind: what made HQ. person: whom LQ shows.
    """

    features: dict[str, np.ndarray]
    lost: np.ndarray
    source_rank1: np.ndarray
    hq_rank1: np.ndarray
    z_lq: np.ndarray
    z_hq: np.ndarray
    kind: np.ndarray
    person: np.ndarray

    def select(self, mask: np.ndarray) -> Pairs:
        arrays = {n: getattr(self, n)[mask] for n in self.__dataclass_fields__ if n != "features"}
        return Pairs(features={k: v[mask] for k, v in self.features.items()}, **arrays)


def join(parts: list[Pairs]) -> Pairs:
    """Concatenate."""
    names = [n for n in Pairs.__dataclass_fields__ if n != "features"]
    arrays = {n: np.concatenate([getattr(p, n) for p in parts]) for n in names}
    keys = parts[0].features
    return Pairs(
        features={k: np.concatenate([p.features[k] for p in parts]) for k in keys}, **arrays
    )


def pairs_of(data: LoadedSet, assessor: Assessor, strangers: int = 0, seed: int = 0) -> Pairs:
    """Measure every restored row against its source, and some against a stranger's restoration."""
    hq = np.flatnonzero(data.restored)
    lq = data.source[hq]
    kind = data.restoration[hq].astype(object)
    rng = np.random.default_rng(seed)
    if strangers:
        extra = rng.choice(len(hq), strangers)
        other = rng.permutation(extra)
        apart = data.person[hq[extra]] != data.person[hq[other]]
        lq = np.concatenate([lq, lq[extra[apart]]])
        kind = np.concatenate([kind, np.full(apart.sum(), "stranger", object)])
        hq = np.concatenate([hq, hq[other[apart]]])
    used = np.unique(np.concatenate([lq, hq]))
    scores = np.zeros((len(data.images), len(HEADS)))
    points = np.zeros((len(data.images), 5, 2))
    locator = DlibDetector()
    for row in used:
        scores[row] = list(assessor.score(data.images[row]).as_dict().values())
        points[row] = locator.locate(cv2.resize(data.images[row], (512, 512)))
    vectors = data.vectors[GUARD_EMBEDDER]
    features = {
        "cosine_similarity": np.einsum("nd,nd->n", vectors[lq], vectors[hq]),
        "consistency": np.array(
            [
                measure_consistency(data.images[a], data.images[b])
                for a, b in zip(lq, hq, strict=True)
            ]
        ),
        "landmark_shift": np.array(
            [landmark_shift(points[a], points[b]) for a, b in zip(lq, hq, strict=True)]
        ),
        "overall_gain": scores[hq, 5] - scores[lq, 5],
        "supported_fidelity": supported_fidelity(assessor, data, lq, hq),
    }
    for index, head in enumerate(HEADS):
        features[f"lq_{head}"] = scores[lq, index]
        features[f"hq_{head}"] = scores[hq, index]
    z, rank = data.z[JUDGE], data.rank[JUDGE]
    same = data.person[lq] == data.person[hq]
    z_hq = np.where(same, z[hq], 0.0)
    hq_rank1 = (rank[hq] == 1) & same
    return Pairs(
        features=features,
        lost=~hq_rank1 | (z[lq] - z_hq > MARGIN_Z),
        source_rank1=rank[lq] == 1,
        hq_rank1=hq_rank1,
        z_lq=z[lq],
        z_hq=z_hq,
        kind=kind.astype(str),
        person=data.person[lq],
    )


def supported_fidelity(
    assessor: Assessor, data: LoadedSet, lq: np.ndarray, hq: np.ndarray
) -> np.ndarray:
    """The source view's answer for every pair."""
    found: list[float] = []
    for start in range(0, len(hq), 64):
        faces, sources = (list(data.images[rows[start : start + 64]]) for rows in (hq, lq))
        found += assessor.score_restored(faces, sources)[1]
    return np.array(found)


def assessor_at(path: Path) -> Assessor:
    """The assessor under test, one thread."""
    return Assessor(path, threads=1)
