"""References: the median of the enrolled pictures, one bad picture left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.errors import EmbedderMismatch, InvalidInput
from facefidelity.guards.findings import REFERENCE_DROP, ReferenceMatch
from facefidelity.guards.references import ReferenceSet

CALIBRATION = SimilarityCalibration("e", 10, -5, 0.6, 0.1, 10, "made up")
ANGLES = st.floats(0, math.pi / 2)


def at(angle: float, embedder: str = "e") -> Embedding:
    return Embedding(np.array([math.cos(angle), math.sin(angle)], np.float32), embedder)


def enrolled(*angles: float) -> ReferenceSet:
    return ReferenceSet(tuple(map(at, angles)), CALIBRATION)


def test_one_picture_is_its_cosine():
    assert enrolled(0.0).similarity(at(0.5)) == pytest.approx(math.cos(0.5), abs=1e-6)


def test_of_three_the_stranger_is_left_out():
    assert enrolled(0.0, 0.1, 1.5).similarity(at(0.0)) == pytest.approx(
        (1 + math.cos(0.1)) / 2, abs=1e-6
    )


def test_of_two_none_is_left_out():
    assert enrolled(0.0, 1.5).similarity(at(0.0)) == pytest.approx(
        (1 + math.cos(1.5)) / 2, abs=1e-6
    )


@given(st.lists(ANGLES, min_size=1, max_size=6), ANGLES)
def test_the_aggregate_lies_among_the_cosines(angles, face):
    cosines = [at(face).cosine_similarity(at(angle)) for angle in angles]
    assert min(cosines) - 1e-6 <= enrolled(*angles).similarity(at(face)) <= max(cosines) + 1e-6


def test_a_match_holds_both_cosines_and_both_probabilities():
    match = enrolled(0.0).match(at(0.3), at(1.2))
    assert match.pictures == 1
    assert match.lq_cosine == pytest.approx(math.cos(0.3), abs=1e-6)
    assert match.hq_probability == CALIBRATION.probability_same(match.hq_cosine)
    assert match.drop == match.lq_probability - match.hq_probability
    assert match.contradicts
    assert not enrolled(0.0).match(at(1.2), at(0.3)).contradicts


@pytest.mark.parametrize(("drop", "clear"), [(REFERENCE_DROP - 0.01, False), (0.3, True)])
def test_a_clear_fall_contradicts(drop, clear):
    assert ReferenceMatch(1, 0.9, 0.5, 0.9, 0.9 - drop).contradicts is clear


def test_no_picture_or_another_embedder_is_refused():
    with pytest.raises(InvalidInput, match="at least one reference picture"):
        ReferenceSet((), CALIBRATION)
    with pytest.raises(EmbedderMismatch):
        enrolled(0.0).similarity(at(0.0, "other"))


@pytest.mark.parametrize(
    "changed", [{"pictures": 0}, {"hq_cosine": math.nan}, {"lq_probability": 2}]
)
def test_what_is_no_match_is_refused(changed):
    good = {
        "pictures": 2,
        "lq_cosine": 0.5,
        "hq_cosine": 0.5,
        "lq_probability": 0.5,
        "hq_probability": 0.5,
    }
    with pytest.raises(InvalidInput):
        ReferenceMatch(**(good | changed))
