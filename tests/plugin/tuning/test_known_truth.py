"""What is called lost, with many people and with few."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.core.embedding import Embedding
from facefidelity.core.faces import AlignedFace
from facefidelity.plugin.tuning.truth import Look, Truth


class ByFirstPixel:
    """Embeds a face as the unit vector that its top left pixel names."""

    name = "by first pixel"

    def embed_batch(self, faces: list[np.ndarray]) -> list[Embedding]:
        vectors = np.eye(16, dtype=np.float32)
        return [Embedding(vectors[int(face[0, 0, 0])], self.name) for face in faces]


def person(face: np.ndarray, number: int) -> np.ndarray:
    marked = face.copy()
    marked[0, 0] = number
    return marked


def test_somebody_elses_face_is_lost(astronaut_face: AlignedFace) -> None:
    truths = [person(astronaut_face.pixels, number) for number in range(12)]
    truth = Truth(truths, ByFirstPixel(), None)
    own, other = truth.look(3, [truths[3], truths[4]])
    assert (own.first, own.ranked, other.first) == (True, True, False)
    assert own.lost_in(other)
    assert not own.lost_in(own)
    assert own.quality == pytest.approx(100, abs=1)


def test_with_few_people_similarity_decides(astronaut_face: AlignedFace) -> None:
    truths = [person(astronaut_face.pixels, number) for number in (0, 0, 1)]
    truth = Truth(truths, ByFirstPixel(), lambda cosine: cosine)
    own, other = truth.look(0, [truths[1], truths[2]])
    assert truth.people == 1  # the second is the same person
    assert not own.ranked
    assert own.lost_in(other)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (Look(0, True, 3.0, True), Look(0, True, 2.1, True), False),
        (Look(0, True, 3.0, True), Look(0, True, 1.9, True), True),
        (Look(0, True, 3.0, True), Look(0, False, 2.9, True), True),
        (Look(0, False, 3.0, True), Look(0, False, 2.9, True), False),
        (Look(0, True, 0.9, False), Look(0, True, 0.65, False), True),
        (Look(0, True, 0.9, False), Look(0, True, 0.75, False), False),
    ],
)
def test_what_counts_as_lost(before: Look, after: Look, lost: bool) -> None:
    assert before.lost_in(after) is lost
