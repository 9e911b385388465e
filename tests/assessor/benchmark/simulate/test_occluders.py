"""Occluders: something is in front of the right part of the face, and the rest is untouched."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.occluders import OCCLUDERS, occlude
from facefidelity.core.errors import InvalidInput

FACE = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)


def changed(kind: str, seed: int) -> np.ndarray:
    found = occlude(FACE, kind, np.random.default_rng(seed))
    assert found.shape == FACE.shape
    assert found.dtype == np.uint8
    return np.abs(found.astype(int) - FACE).max(axis=2) > 8


@pytest.mark.parametrize("kind", OCCLUDERS)
def test_an_occluder_covers_a_part_and_repeats_with_its_seed(kind):
    shares = [changed(kind, seed).mean() for seed in range(8)]
    assert 0.0005 < min(shares) < max(shares) < 0.35
    first, second = (occlude(FACE, kind, np.random.default_rng(3)) for _ in range(2))
    assert first.tobytes() == second.tobytes() != FACE.tobytes()


@pytest.mark.parametrize(
    ("kind", "covered", "free"),
    [
        ("mask", (slice(170, 200), slice(100, 156)), (slice(0, 110), slice(None))),
        ("sunglasses", (slice(115, 128), slice(90, 103)), (slice(170, 256), slice(None))),
    ],
)
def test_it_lies_where_the_frame_has_that_part_of_the_face(kind, covered, free):
    mask = changed(kind, 0)
    assert mask[covered].mean() > 0.9
    assert mask[free].mean() == 0


def test_no_occluder_is_the_face_itself_and_another_is_refused():
    assert occlude(FACE, "", np.random.default_rng(0)) is FACE
    with pytest.raises(InvalidInput, match="post, mask, sunglasses, drops, got 'hat'"):
        occlude(FACE, "hat", np.random.default_rng(0))


def test_the_face_without_one_takes_as_many_random_numbers_as_with_a_mask():
    """Else the share of occluders would change every later draw of a picture."""
    bare, masked = np.random.default_rng(0), np.random.default_rng(0)
    occlude(FACE, "", bare)
    occlude(FACE, "mask", masked)
    assert bare.random() == masked.random()
