"""Restorations and their mixtures as arrays: what the guard measured, and what is true."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

WHOLE = ""
"""Name of the restoration itself among the mixtures."""
MARGIN_Z = 1.0
"""Fall of the cohort z that counts as losing the person."""
DROP_Z = 0.3
"""Fall of the cohort z that counts as showing the person noticeably less."""


@dataclass(frozen=True)
class Candidates:
    """One row a candidate; those of one pair follow each other, the restoration first.

    features: name -> (N,) as `features_of` has it. pair: number of the pair. mixture: name of the
    mixture, "" for the restoration. blend: share of its change. stranger: HQ shows somebody else.
    z_lq, z, rank1_lq, rank1: the judge's cohort z and whether it ranks the person first. told_*: the
    same of the guard's own recogniser, shown the pristine face.
    """

    features: dict[str, np.ndarray]
    pair: np.ndarray
    person: np.ndarray
    kind: np.ndarray
    subset: np.ndarray
    mixture: np.ndarray
    blend: np.ndarray
    stranger: np.ndarray
    z_lq: np.ndarray
    z: np.ndarray
    rank1_lq: np.ndarray
    rank1: np.ndarray
    told_z_lq: np.ndarray
    told_z: np.ndarray
    told_rank1_lq: np.ndarray
    told_rank1: np.ndarray

    def __len__(self) -> int:
        return len(self.pair)

    @property
    def whole(self) -> np.ndarray:
        return self.mixture == WHOLE

    @property
    def unidentified(self) -> np.ndarray:
        return ~self.rank1

    @property
    def gone(self) -> np.ndarray:
        """What `identity_risk` predicts."""
        return ~self.rank1 | (self.z_lq - self.z > MARGIN_Z)

    @property
    def dropped(self) -> np.ndarray:
        """What `drop_risk` predicts."""
        return self.z_lq - self.z > DROP_Z

    @property
    def lost(self) -> np.ndarray:
        return self.rank1_lq & ~self.rank1

    def select(self, mask: np.ndarray) -> Candidates:
        arrays = {name: getattr(self, name)[mask] for name in _ARRAYS}
        return Candidates({n: v[mask] for n, v in self.features.items()}, **arrays)


_ARRAYS = tuple(field.name for field in fields(Candidates) if field.name != "features")


def save(candidates: Candidates, path: Path) -> None:
    arrays = {name: getattr(candidates, name) for name in _ARRAYS}
    features = {f"feature {name}": value for name, value in candidates.features.items()}
    part = path.with_suffix(".part.npz")
    np.savez_compressed(part, **arrays, **features)
    part.replace(path)


def read(paths: list[Path]) -> Candidates:
    """Several files as one; pairs keep numbers of their own, people of one name are one person."""
    loaded, start = [], 0
    for path in paths:
        with np.load(path, allow_pickle=False) as content:
            arrays = {name: content[name] for name in _ARRAYS}
            features = {
                name.removeprefix("feature "): content[name]
                for name in content.files
                if name.startswith("feature ")
            }
        arrays["pair"] = arrays["pair"] + start
        start = int(arrays["pair"].max()) + 1
        loaded.append(Candidates(features, **arrays))
    merged = {name: np.concatenate([getattr(one, name) for one in loaded]) for name in _ARRAYS}
    names = loaded[0].features
    return Candidates(
        {n: np.concatenate([one.features[n] for one in loaded]) for n in names}, **merged
    )
