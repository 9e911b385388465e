"""Error versus discard: an oracle, a coin and an anti-oracle."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy (the test extra)")

from facefidelity.assessor.benchmark.evaluation.comparisons import compare_faces
from facefidelity.assessor.benchmark.evaluation.edc import (
    DiscardCurve,
    discard_curve,
    ideal_curve,
    threshold_at_fmr,
)
from facefidelity.core.errors import InvalidInput


def similarities(count=2000, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0.5, 0.15, count), rng.normal(0.0, 0.1, 20_000)


def test_an_oracle_reaches_the_ideal_and_a_coin_stays():
    genuine, impostor = similarities()
    threshold = threshold_at_fmr(impostor, 0.01)
    fnmr = float(np.mean(genuine < threshold))
    ideal = ideal_curve(fnmr, len(genuine))
    oracle = discard_curve(genuine, genuine, threshold)
    coin = discard_curve(genuine, np.random.default_rng(1).random(len(genuine)), threshold)
    worst = discard_curve(genuine, -genuine, threshold)
    assert oracle.fnmr[0] == pytest.approx(fnmr)
    assert oracle.area(0.2) == pytest.approx(ideal.area(0.2), abs=1e-9)
    assert coin.area(0.2) == pytest.approx(fnmr, rel=0.1)
    assert ideal.area(0.2) < coin.area(0.2) < worst.area(0.2)


def test_the_order_of_rows_and_a_monotone_map_change_nothing():
    genuine, impostor = similarities()
    threshold = threshold_at_fmr(impostor)
    quality = np.round(10 * genuine + np.random.default_rng(2).normal(size=len(genuine)))
    mixed = np.random.default_rng(3).permutation(len(genuine))
    first = discard_curve(genuine, quality, threshold)
    second = discard_curve(genuine[mixed], np.exp(quality[mixed] / 10), threshold)
    assert np.array_equal(first.discarded, second.discarded)
    assert np.allclose(first.fnmr, second.fnmr)


def test_equal_quality_goes_together():
    curve = discard_curve(np.array([0.1, 0.9, 0.9, 0.1]), np.array([1.0, 1, 2, 2]), 0.5)
    assert curve.discarded.tolist() == [0.0, 0.5]
    assert curve.fnmr.tolist() == [0.5, 0.5]


def test_area_by_hand():
    curve = DiscardCurve(np.array([0.0, 0.1, 0.5]), np.array([0.4, 0.2, 0.0]))
    assert curve.area(0.2) == pytest.approx((0.1 * 0.4 + 0.1 * 0.2) / 0.2)
    assert curve.area() == pytest.approx(0.1 * 0.4 + 0.4 * 0.2)


@pytest.mark.parametrize("fmr", [0.001, 0.01, 0.1])
def test_the_threshold_keeps_its_rate(fmr):
    impostor = np.round(similarities()[1], 2)  # with ties
    threshold = threshold_at_fmr(impostor, fmr)
    assert np.mean(impostor >= threshold) <= fmr
    below = np.max(impostor[impostor < threshold])
    assert np.mean(impostor >= below) > fmr


@pytest.mark.parametrize(
    ("genuine", "quality"),
    [(np.ones(3), np.ones(2)), (np.empty(0), np.empty(0)), (np.array([np.nan]), np.ones(1))],
)
def test_wrong_arrays_are_refused(genuine, quality):
    with pytest.raises(InvalidInput, match="expected"):
        discard_curve(genuine, quality, 0.5)


def test_too_few_impostors_are_refused():
    with pytest.raises(InvalidInput, match="at least 100 finite"):
        threshold_at_fmr(np.zeros(50), 0.01)


def test_pairs_are_of_one_person_or_of_two():
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2]]
    people = ["a", "a", "b", "b", "c"]
    pairs = compare_faces(vectors, people)
    assert pairs.genuine.tolist() == [1.0] * 4
    assert pairs.other.tolist() == [1, 0, 3, 2]  # c has one picture: no pair
    assert not pairs.impostor.any()
    assert pairs.pair_quality(np.array([5.0, 3, 9, 1, 0])).tolist() == [3.0, 3.0, 1.0, 1.0]
    enrolled = compare_faces(vectors, people, references=vectors)
    assert len(enrolled.genuine) == 5
    own = np.array([True, False, False, False, False])
    assert compare_faces(vectors, people, vectors, own).probe.tolist() == [1, 2, 3, 4]
    assert enrolled.pair_quality(np.arange(5.0)).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
