"""Reads a folder written by build_simset.py: pictures, six labels, identity truth."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facefidelity.assessor.benchmark.identity_labels import cohort_z, fidelity_label, rank_of_own

JUDGE = "judge-faceplugin"
COHORT = 200
GALLERY = 700


@dataclass(frozen=True)
class LoadedSet:
    """Arrays of one set, row for row.

    `z` and `rank` hold one array per embedder: cohort z-score, and the rank of the person's own
    pristine face in a gallery of all other persons of the set (at most 700).
    """

    images: np.ndarray
    labels: np.ndarray
    vectors: dict[str, np.ndarray]
    z: dict[str, np.ndarray]
    rank: dict[str, np.ndarray]
    rows: list[dict[str, str]]
    person: np.ndarray
    source: np.ndarray
    restoration: np.ndarray
    gallery_size: int

    @property
    def restored(self) -> np.ndarray:
        return self.restoration != "none"


def load(folder: Path) -> LoadedSet:
    """Load a set and derive identity truth from its vectors."""
    with (folder / "rows.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    person = np.array([int(row["person"]) for row in rows])
    sex = np.array([row["sex"] for row in rows])
    first = {p: int(np.argmax(person == p)) for p in np.unique(person)}
    rng = np.random.default_rng(0)
    vectors, z, rank = {}, {}, {}
    gallery_size = 0
    for path in sorted(folder.glob("vectors_*.npy")):
        name = path.stem.removeprefix("vectors_")
        probes, own = np.load(path), np.load(folder / f"own_{name}.npy")
        vectors[name] = probes
        z[name], rank[name] = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
        for p, start in first.items():
            mine = person == p
            others = np.array([i for q, i in first.items() if q != p])
            peers = others[sex[others] == sex[start]]
            cohort = rng.choice(peers, min(COHORT, len(peers)), replace=False)
            gallery = rng.choice(others, min(GALLERY, len(others)), replace=False)
            gallery_size = len(gallery)
            z[name][mine] = cohort_z(probes[mine], own[mine], own[cohort])
            rank[name][mine] = rank_of_own(probes[mine], own[mine], own[gallery])
    measured = np.load(folder / "labels.npy")
    fidelity = fidelity_label(np.mean(list(z.values()), axis=0), measured[:, 5])
    labels = np.column_stack([measured[:, :4], fidelity, measured[:, 4]]).astype(np.float32)
    return LoadedSet(
        images=np.load(folder / "images.npy", mmap_mode="r"),
        labels=labels,
        vectors=vectors,
        z=z,
        rank=rank,
        rows=rows,
        person=person,
        source=np.array([int(row["source"]) for row in rows]),
        restoration=np.array([row["restoration"] for row in rows]),
        gallery_size=gallery_size,
    )
