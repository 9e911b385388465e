"""A recogniser that reads the person off one pixel, and pairs whose truth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.core.embedding import Embedding
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.policy import load_policy
from facefidelity.plugin.benchmark.examination import ExaminedPair, GuardExaminer
from facefidelity.plugin.benchmark.gallery import Gallery
from facefidelity.plugin.benchmark.pairs import GuardPair

PEOPLE = 30
POLICIES = ("balanced", "strict", "lenient")
RED = (255, 0, 0)


def vector_of(person: int) -> np.ndarray:
    vector = np.random.default_rng(person).normal(size=64).astype(np.float32)
    return vector / np.linalg.norm(vector)


class PixelRecogniser:
    """The person is the red level of pixel (8, 8), in steps of eight."""

    name = "pixel"

    @property
    def calibration(self):
        raise NotImplementedError

    def embed(self, face: np.ndarray) -> Embedding:
        return Embedding(vector_of(int(face[8, 8, 0]) // 8), self.name)

    def embed_batch(self, faces: list[np.ndarray]) -> list[Embedding]:
        return [self.embed(face) for face in faces]


def mark(face: np.ndarray, person: int) -> np.ndarray:
    marked = face.copy()
    marked[4:13, 4:13] = 8 * person + 4
    return marked


def capture_of(person: int, seed: int) -> np.ndarray:
    """A soft texture that shows the person to the recogniser."""
    coarse = np.random.default_rng(seed).integers(40, 160, (16, 16, 3), dtype=np.uint8)
    return mark(cv2.resize(coarse, (512, 512), interpolation=cv2.INTER_CUBIC), person)


def restored_of(capture: np.ndarray, person: int, *, suspicious: bool = False) -> np.ndarray:
    """Brighter; a red corner tells the guard that this is a stranger."""
    restored = mark(cv2.convertScaleAbs(capture, alpha=1.0, beta=40), person)
    if suspicious:
        restored[0, 0] = RED
    return restored


def make_pair(
    index: int,
    person: int,
    *,
    shown: int | None = None,
    suspicious: bool = False,
    seen: int | None = None,
) -> GuardPair:
    """Person `person`, whom the capture shows as `seen` and the restoration as `shown`."""
    lq = capture_of(person if seen is None else seen, index)
    hq = restored_of(lq, person if shown is None else shown, suspicious=suspicious)
    return GuardPair(
        subset="made",
        line=index,
        name=f"{index}.png",
        person=str(person),
        camera="ab"[index % 2],
        restoration="brighter",
        source=f"{index}_lq.png",
        read_source=lambda: lq,
        read_restored=lambda: hq,
    )


@pytest.fixture
def recogniser() -> PixelRecogniser:
    return PixelRecogniser()


@pytest.fixture
def gallery() -> Gallery:
    return Gallery({str(person): vector_of(person) for person in range(PEOPLE)})


@pytest.fixture
def examiner(fake_judge: FaceJudge, recogniser: PixelRecogniser, gallery: Gallery) -> GuardExaminer:
    return GuardExaminer(fake_judge, recogniser, gallery, [load_policy(p) for p in POLICIES])


@pytest.fixture
def examined(examiner: GuardExaminer) -> list[ExaminedPair]:
    """Kept, lost behind the guard's back, seen through by the guard, and never there."""
    return [
        examiner.examine(make_pair(0, 0)),
        examiner.examine(make_pair(1, 1)),
        examiner.examine(make_pair(2, 2, shown=20)),
        examiner.examine(make_pair(3, 3, shown=21, suspicious=True)),
        examiner.examine(make_pair(4, 4, seen=22, shown=22)),
    ]
