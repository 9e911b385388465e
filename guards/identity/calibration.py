"""What the cosine similarities of each embedder mean: measured numbers, kept as data.

``calibration.json`` is written by ``benchmarks/identity_calibration.py``; nothing here measures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...core.embedding import SimilarityCalibration
from ...core.errors import InvalidInput

__all__ = ["ImpostorPopulation", "load_calibration", "load_populations"]

_FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class ImpostorPopulation:
    """How alike two different persons of one population look to an embedder.

    For information: AI-generated faces and persons of one sex look far more alike than
    people at large, so no single threshold holds for all of them.

    Attributes:
        name: Short name of the population.
        mean: Mean cosine similarity of two persons.
        deviation: Its standard deviation.
        pairs: Number of pairs.
        source: Which pairs, in words.
    """

    name: str
    mean: float
    deviation: float
    pairs: int
    source: str


def load_calibration(embedder: str, path: Path = _FILE) -> SimilarityCalibration:
    """Load what an embedder's cosine similarities mean.

    Args:
        embedder: Name and version of the embedder, as in its embeddings.
        path: The JSON file; by default the one that ships with the package.

    Raises:
        InvalidInput: If this embedder has not been measured, or the file is damaged.
    """
    entry = _entry(embedder, path)
    try:
        return SimilarityCalibration(
            embedder=embedder,
            slope=float(entry["slope"]),
            intercept=float(entry["intercept"]),
            genuine_mean=float(entry["genuine"]["mean"]),
            impostor_mean=float(entry["impostor"]["mean"]),
            pairs=int(entry["genuine"]["pairs"]) + int(entry["impostor"]["pairs"]),
            source=str(entry["source"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, embedder, error) from error


def load_populations(embedder: str, path: Path = _FILE) -> tuple[ImpostorPopulation, ...]:
    """Load the impostor populations on which an embedder was measured besides.

    Args:
        embedder: Name and version of the embedder.
        path: The JSON file; by default the one that ships with the package.

    Raises:
        InvalidInput: If this embedder has not been measured, or the file is damaged.
    """
    entry = _entry(embedder, path)
    try:
        return tuple(ImpostorPopulation(**fields) for fields in entry["populations"])
    except (KeyError, TypeError) as error:
        raise _damaged(path, embedder, error) from error


def _entry(embedder: str, path: Path) -> Any:
    measured = _read(path)
    if embedder not in measured:
        short = embedder.split("-", 1)[0]
        raise InvalidInput(
            f"expected measured similarities of {embedder}, {path.name} holds "
            f"{', '.join(sorted(measured)) or 'none'}; "
            f"run: python benchmarks/identity_calibration.py --embedder {short}"
        )
    return measured[embedder]


@lru_cache(maxsize=8)
def _read(path: Path) -> dict[str, Any]:
    try:
        measured = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"expected a calibration file at {path}: {error}") from error
    if not isinstance(measured, dict):
        raise InvalidInput(f"expected one JSON object in {path}, got {type(measured).__name__}")
    return measured


def _damaged(path: Path, embedder: str, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"expected a whole entry for {embedder} in {path}: {error!r}; measure again"
    )
