"""Embeddings compare only with their own kind, and a calibration is a probability."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.errors import EmbedderMismatch, InvalidInput


def unit(seed: int, embedder: str = "e") -> Embedding:
    vector = np.random.default_rng(seed).normal(size=16).astype(np.float32)
    return Embedding(vector / np.linalg.norm(vector), embedder)


def calibration(slope: float = 10.0, intercept: float = -3.0) -> SimilarityCalibration:
    return SimilarityCalibration("e", slope, intercept, 0.6, 0.1, 100, "made up")


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_similarity_is_symmetric_and_in_range(a, b):
    one, other = unit(a), unit(b)
    cosine = one.cosine_similarity(other)
    assert -1.0 <= cosine <= 1.0
    assert cosine == pytest.approx(other.cosine_similarity(one), abs=1e-6)
    assert one.cosine_similarity(one) == pytest.approx(1.0, abs=1e-6)


def test_similarity_of_known_vectors():
    east = Embedding(np.array([1, 0], np.float32), "e")
    north_east = Embedding(np.array([0.6, 0.8], np.float32), "e")
    west = Embedding(np.array([-1, 0], np.float32), "e")
    assert east.cosine_similarity(north_east) == pytest.approx(0.6)
    assert east.cosine_similarity(west) == -1.0


def test_two_embedders_do_not_compare():
    with pytest.raises(EmbedderMismatch, match="expected an embedding of e, got one of f"):
        unit(0).cosine_similarity(unit(0, "f"))


@pytest.mark.parametrize(
    "vector",
    [
        np.ones(4, np.float32),
        np.zeros(4, np.float32),
        np.array([np.nan, 1], np.float32),
        np.array([1, 0], np.float64),
        np.array([[1.0, 0.0]], np.float32),
    ],
    ids=["norm 2", "norm 0", "nan", "float64", "2-d"],
)
def test_what_is_no_unit_vector_is_refused(vector):
    with pytest.raises(InvalidInput, match="expected a"):
        Embedding(vector, "e")


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_probability_rises_with_similarity(a, b):
    low, high = sorted((a, b))
    assert 0.0 <= calibration().probability_same(low) <= calibration().probability_same(high) <= 1.0


def test_probability_of_known_similarities():
    assert calibration().probability_same(0.3) == pytest.approx(0.5)
    assert calibration().probability_same(0.5) == pytest.approx(1 / (1 + math.exp(-2)))
    assert calibration(slope=1e9).probability_same(1.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [(0, 0), (-1, 0), (math.nan, 0), (math.inf, 0), (1, math.nan), (1, math.inf)],
)
def test_a_calibration_that_is_none_is_refused(slope, intercept):
    with pytest.raises(InvalidInput, match="positive slope"):
        calibration(slope, intercept)
