from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import QualityScores
from facefidelity.guards.calibration import (
    DELIVERED,
    HELD_BACK,
    LOST,
    THRESHOLDS,
    WHOLE,
    JudgedPair,
    calibrate,
    deliverable,
    fates,
    least_pairs,
    upper_bound,
)
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Evidence, TriedMixture

BALANCED = load_policy("balanced")
SHARE = st.floats(0.005, 0.5)


def evidence(risk: float, overall: float = 60.0, **changed: float) -> Evidence:
    plain = Evidence(
        lq_scores=QualityScores(60, 60, 60, 60, 70, 40),
        hq_scores=QualityScores(60, 60, 60, 60, 70, overall),
        cosine_similarity=0.9,
        embedder="e",
        probability_same=0.99,
        fidelity_given_source=70,
        source_identifiable=0.95,
        consistency=0.9,
        landmark_shift=0.01,
        identity_risk=risk,
    )
    return replace(plain, **changed)


def drawn(pairs: int, seed: int, loss_of_risk) -> np.ndarray:
    """Fates of whole restorations whose loss depends on their risk."""
    rng = np.random.default_rng(seed)
    risk = rng.beta(0.7, 1.6, pairs)
    lost = rng.random(pairs) < loss_of_risk(risk)
    given = risk[:, None] <= np.array(THRESHOLDS)
    return np.where(given, np.where(lost[:, None], LOST, DELIVERED), HELD_BACK)


@given(SHARE, SHARE)
def test_the_least_number_of_pairs_is_the_least(alpha, delta):
    least = least_pairs(alpha, delta)
    assert (1 - alpha) ** least <= delta
    assert least == 1 or (1 - alpha) ** (least - 1) > delta


def test_known_least_numbers():
    assert (least_pairs(0.05, 0.1), least_pairs(0.01, 0.05)) == (45, 299)
    for alpha, delta in ((0, 0.1), (0.1, 1), (float("nan"), 0.1)):
        with pytest.raises(InvalidInput, match="between 0 and 1"):
            least_pairs(alpha, delta)


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(1, 400), SHARE)
def test_the_bound_is_scipy_s_exact_one(lost, delivered, delta):
    assume(lost <= delivered)
    wanted = binomtest(lost, delivered, alternative="less").proportion_ci(1 - delta, "exact").high
    bound = upper_bound(lost, delivered, delta)
    assert bound == pytest.approx(wanted, abs=1e-9)
    if lost < delivered:  # what the bound means
        assert binom.cdf(lost, delivered, bound) == pytest.approx(delta, abs=1e-6)


def test_the_bound_of_nothing_is_one_and_counts_must_fit():
    assert upper_bound(0, 0, 0.1) == 1.0
    with pytest.raises(InvalidInput, match="lost <= delivered"):
        upper_bound(2, 1, 0.1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 50), SHARE, SHARE, SHARE)
def test_who_tolerates_more_never_gets_a_stricter_threshold(seed, alpha, more, delta):
    found = drawn(1000, seed, lambda risk: 0.8 * risk)
    less, larger = sorted((alpha, more))
    # Testing starts at the same place for both: then more tolerance only goes further.
    assume(least_pairs(less, delta) <= 200)
    assume(less < larger)
    first, second = calibrate(found, less, delta), calibrate(found, larger, delta)
    assert first.threshold is None or second.threshold >= first.threshold
    surer = calibrate(found, less, delta / 2)
    assume(least_pairs(less, delta / 2) <= 200)
    assert surer.threshold is None or first.threshold >= surer.threshold


@pytest.mark.parametrize("loss_of_risk", [lambda r: r, lambda r: np.minimum(1, 1.6 * r)])
def test_the_bound_holds_in_repetition(loss_of_risk):
    truth = drawn(100_000, 10_000, loss_of_risk)
    true_loss = (truth == LOST).sum(axis=0) / (truth != HELD_BACK).sum(axis=0)
    exceeded = found = 0
    for seed in range(200):
        threshold = calibrate(drawn(300, seed, loss_of_risk), 0.1, 0.1).threshold
        found += threshold is not None
        exceeded += threshold is not None and true_loss[THRESHOLDS.index(threshold)] > 0.1
    assert found > 60
    assert exceeded <= 20  # of 200, delta 0.1


def test_what_a_calibration_says_is_what_it_counted():
    found = drawn(400, 3, lambda risk: 0.3 * risk)
    result = calibrate(found, 0.1, 0.1)
    column = found[:, THRESHOLDS.index(result.threshold)]
    assert (result.delivered, result.lost) == ((column != HELD_BACK).sum(), (column == LOST).sum())
    assert result.bound == upper_bound(result.lost, result.delivered, 0.1) <= 0.1
    assert result.pairs == 400


def test_too_few_delivered_or_too_many_lost_set_no_threshold():
    few = calibrate(drawn(40, 0, np.zeros_like), 0.05, 0.1)
    assert (few.threshold, few.delivered, few.least) == (None, 40, 45)
    bad = calibrate(drawn(500, 0, np.ones_like), 0.05, 0.1)
    assert bad.threshold is None
    assert bad.bound > 0.05
    none = calibrate(np.zeros((0, len(THRESHOLDS)), np.int8), 0.05, 0.1)
    assert (none.threshold, none.bound) == (None, 1.0)


def test_losses_above_a_lax_threshold_do_not_hurt_the_strict_ones():
    found = drawn(2000, 0, lambda risk: risk > 0.505)
    assert 0.5 <= calibrate(found, 0.05, 0.1).threshold <= 0.57


def test_at_each_threshold_the_decision_is_made_anew():
    hq = evidence(0.6, overall=80)
    tried = (
        TriedMixture("plain", 0.5, evidence(0.1, 50)),
        TriedMixture("sharp", 0.8, evidence(0.3, 70)),
    )
    assert deliverable(hq, tried, BALANCED) == ("plain", "sharp", WHOLE)
    pair = JudgedPair(hq, tried, {"plain": False, "sharp": True, WHOLE: False})
    (row,) = fates([pair], BALANCED)
    at = dict(zip(THRESHOLDS, row, strict=True))
    assert [at[0.09], at[0.1], at[0.29], at[0.3], at[0.59], at[0.6], at[1.0]] == [
        HELD_BACK, DELIVERED, DELIVERED, LOST, LOST, DELIVERED, DELIVERED,
    ]  # fmt: skip


def test_other_thresholds_of_the_policy_stay():
    hidden = evidence(0.0, source_identifiable=0.2)
    assert deliverable(hidden, (), BALANCED) == ()
    assert not fates([JudgedPair(hidden, (), {})], BALANCED).any()


def test_the_first_threshold_that_fails_ends_the_search_though_laxer_ones_would_pass():
    enters = np.repeat([0.1, 0.2, 0.3], [60, 20, 200])
    given = enters[:, None] <= np.array(THRESHOLDS)
    lost = (enters == 0.2)[:, None]
    found = np.where(given, np.where(lost, LOST, DELIVERED), HELD_BACK)
    assert upper_bound(20, 280, 0.1) <= 0.1  # at 0.3 and above
    assert calibrate(found, 0.1, 0.1).threshold == 0.1  # 0.11 to 0.19 do the same
