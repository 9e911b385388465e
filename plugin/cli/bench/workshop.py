"""The teachers and restorers that ``bench build`` gives to every one of its processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ....assessor.benchmark.build_plan import BuildPlan
from ....assessor.benchmark.dataset import RestoreFace
from ....assessor.benchmark.sfiqa_sim import Workshop, read_pristine
from ....core.protocols import Embedder, Restorer, RGBImage
from ....guards.identity import DlibEmbedder
from ....restorers import create_restorer, restorer_info

__all__ = ["make_workshop", "own_vectors"]


def make_workshop(recogniser: Path | None, restorers: Sequence[str]) -> Workshop:
    """How a process makes dlib's embedder, a second one from an ONNX file, and the restorers.

    Raises:
        NotRegistered: If there is no restorer of a name.
    """
    for name in restorers:
        restorer_info(name)
    return Workshop(
        embedders=partial(_make_embedders, recogniser),
        restorers=partial(_make_restorers, tuple(restorers)),
    )


def own_vectors(
    plan: BuildPlan, workshop: Workshop
) -> dict[str, dict[str, npt.NDArray[np.float32]]]:
    """Vector of every person's pristine face, per embedder and file stem.

    Raises:
        InvalidInput: If a face cannot be read or is not square.
    """
    vectors: dict[str, dict[str, npt.NDArray[np.float32]]] = {}
    embedders = workshop.embedders()
    for person in plan.people:
        face = read_pristine(person.path)
        for embedder in embedders:
            found = embedder.embed(face).vector
            vectors.setdefault(embedder.name, {})[person.path.stem] = found
    return vectors


def _make_embedders(recogniser: Path | None) -> list[Embedder]:
    from .evaluation_parts import open_recogniser

    first: list[Embedder] = [DlibEmbedder(threads=1)]
    return first if recogniser is None else [*first, open_recogniser(str(recogniser), 1)]


def _make_restorers(names: tuple[str, ...]) -> dict[str, RestoreFace]:
    return {name: partial(_restore, create_restorer(name), restorer_info(name)) for name in names}


def _restore(restorer: Restorer, info: Any, face: RGBImage, rng: np.random.Generator) -> RGBImage:
    """Restore with a random input size where the restorer has one: small ones invent more."""
    options: Mapping[str, int] = {}
    if "input_size" in info.settings.model_fields:
        options = {"input_size": int(rng.choice([64, 64, 96, 128]))}
    return restorer.restore(face, info.settings(**options))
