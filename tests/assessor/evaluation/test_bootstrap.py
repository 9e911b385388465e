"""Intervals over persons: the fast forms give the numbers of plain resampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

stats = pytest.importorskip("scipy.stats", reason="needs scipy (the test extra)")

from facefidelity.assessor.benchmark.evaluation.bootstrap import (  # noqa: E402
    PersonBootstrap,
    with_interval,
)
from facefidelity.assessor.benchmark.evaluation.correlation import srcc  # noqa: E402
from facefidelity.core.errors import InvalidInput  # noqa: E402


def clustered(people=30, each=8, seed=0):
    """Pictures whose agreement is the person's more than the picture's."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    x = rng.normal(size=people)[person] + 0.2 * rng.normal(size=len(person))
    y = x + rng.normal(size=people)[person] + 0.2 * rng.normal(size=len(person))
    return x, y, person


def resampled_rows(bootstrap, person):
    """Row indices of every resample, copies included."""
    for counts in bootstrap._counts:
        yield np.concatenate(
            [np.tile(np.flatnonzero(person == p), n) for p, n in enumerate(counts)]
        )


@pytest.mark.parametrize("ties", [False, True])
def test_the_fast_forms_equal_plain_resampling(ties):
    x, y, person = clustered()
    if ties:
        x, y = np.round(2 * x), np.round(2 * y)
    shuffled = np.random.default_rng(5).permutation(len(x))
    x, y, person = x[shuffled], y[shuffled], person[shuffled]
    bootstrap = PersonBootstrap(person, len(x), resamples=12)
    rows = list(resampled_rows(bootstrap, person))
    plain = {
        "srcc": [stats.spearmanr(x[r], y[r]).statistic for r in rows],
        "krcc": [stats.kendalltau(x[r], y[r]).statistic for r in rows],
        "plcc": [stats.pearsonr(x[r], y[r]).statistic for r in rows],
        "rmse": [np.sqrt(np.mean((x[r] - y[r]) ** 2)) for r in rows],
    }
    for name, expected in plain.items():
        assert getattr(bootstrap, name)(x, y) == pytest.approx(np.array(expected), abs=1e-9), name
    assert bootstrap.mean(x) == pytest.approx(np.array([x[r].mean() for r in rows]))


def test_persons_make_the_interval_wider_than_pictures():
    x, y, person = clustered()
    by_person = PersonBootstrap(person, len(x), resamples=400)
    by_picture = PersonBootstrap(None, len(x), resamples=400)
    wide, narrow = (np.ptp(b.percentile(b.srcc(x, y))) for b in (by_person, by_picture))
    assert wide > 1.5 * narrow
    assert (by_person.people, by_picture.people) == (30, 240)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_the_interval_holds_the_estimate(seed):
    x, y, person = clustered(seed=seed)
    bootstrap = PersonBootstrap(person, len(x), resamples=300, seed=seed)
    low, high = bootstrap.percentile(bootstrap.srcc(x, y))
    assert -1 <= low <= srcc(x, y) <= high <= 1


def test_one_seed_one_interval():
    x, y, person = clustered()
    first, again = (PersonBootstrap(person, len(x), resamples=50).krcc(x, y) for _ in range(2))
    assert np.array_equal(first, again)


def test_constant_sides_give_no_number_and_no_warning():
    flat, y = np.ones(20), np.arange(20.0)
    bootstrap = PersonBootstrap(None, 20, resamples=10)
    for draws in (bootstrap.srcc(flat, y), bootstrap.krcc(flat, y), bootstrap.plcc(flat, y)):
        assert np.isnan(draws).all()
        assert np.isnan(bootstrap.percentile(draws)).all()


@pytest.mark.parametrize(
    ("person", "rows", "options"),
    [(None, 0, {}), (None, 5, {"resamples": 1}), (["a"], 2, {}), (None, 5, {"level": 1.0})],
)
def test_wrong_use_is_refused(person, rows, options):
    with pytest.raises(InvalidInput, match="expected"):
        PersonBootstrap(person, rows, **options)


def test_any_statistic_as_text():
    x, y, person = clustered()
    text = with_interval(srcc, x, y, person, resamples=50)
    value, low, high = (float(word.strip("[],")) for word in text.split())
    assert low < value < high
    assert value == pytest.approx(srcc(x, y), abs=5e-4)
    assert with_interval(lambda a, b: float("nan"), x, y, person, resamples=3) == "-"
