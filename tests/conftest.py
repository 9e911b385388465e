"""The one real face that a dependency ships: scikit-image's astronaut (NASA, public domain)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from facefidelity.core.faces import AlignedFace, DlibDetector, align_face

cv2.setNumThreads(1)  # its threads spin, which costs more than it gains on pictures this small


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
