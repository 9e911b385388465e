"""The one real face that a dependency ships, and the package's own modules as syntax trees.

The face is scikit-image's astronaut (NASA, public domain).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from facefidelity.core.faces import AlignedFace, DlibDetector, align_face

cv2.setNumThreads(1)  # its threads spin, which costs more than it gains on pictures this small

ROOT = Path(__file__).parents[1]

# A folder may import itself and what stands on its right.
LAYERS = {
    "core": frozenset[str](),
    "assessor": frozenset({"core"}),
    "restorers": frozenset({"core"}),
    "guards": frozenset({"core"}),
    "plugin": frozenset({"core", "assessor", "restorers", "guards", "root"}),
    "ui": frozenset({"core", "assessor", "restorers", "guards", "plugin", "root"}),
    "root": frozenset({"core", "assessor", "restorers", "guards", "plugin"}),
}


@dataclass(frozen=True)
class Module:
    """One source file of the package."""

    path: str
    tree: ast.Module
    lines: int

    @property
    def layer(self) -> str:
        """The folder that it lives in, or "root"."""
        return self.path.split("/")[0] if "/" in self.path else "root"


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every source file of the package."""
    files = [ROOT / "__init__.py"]
    for folder in sorted(LAYERS):
        files.extend(sorted((ROOT / folder).rglob("*.py")))
    return tuple(
        Module(
            file.relative_to(ROOT).as_posix(),
            ast.parse(text := file.read_text(encoding="utf-8"), str(file)),
            len(text.splitlines()),
        )
        for file in files
        if "__pycache__" not in file.parts
    )


@pytest.fixture(scope="session")
def astronaut() -> npt.NDArray[np.uint8]:
    """(512, 512, 3) uint8 RGB, read-only."""
    data = pytest.importorskip("skimage.data", reason="needs scikit-image (the test extra)")
    picture = np.ascontiguousarray(data.astronaut())
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def astronaut_face(astronaut: npt.NDArray[np.uint8]) -> AlignedFace:
    """Her face in the FFHQ frame; its pixels are read-only too."""
    (found,) = DlibDetector().detect(astronaut)
    face = align_face(astronaut, found)
    face.pixels.setflags(write=False)
    return face
