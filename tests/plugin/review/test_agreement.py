"""Agreement of people with the guard, against numbers worked out elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.verdict import Decision
from facefidelity.plugin.review.agreement import (
    DECIDED,
    agreement_of,
    measure_agreement,
    wilson_interval,
)

A, B, R = DECIDED
PAIRS = st.lists(st.tuples(st.sampled_from(DECIDED), st.sampled_from(DECIDED)), max_size=60)


def test_kappa_of_the_textbook_example():
    """Two raters, 50 cases, 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: kappa 0.40."""
    pairs = [(A, A)] * 20 + [(A, R)] * 5 + [(R, A)] * 10 + [(R, R)] * 15
    found = measure_agreement(pairs)
    assert found.faces == 50
    assert found.share == pytest.approx(0.70)
    assert found.kappa == pytest.approx(0.40)
    assert found.count(R, A) == 10
    assert found.count(B, A) == 0


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    # Newcombe 1998, table I, method 3 (score, no continuity correction)
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_newcombes(hits, trials, low, high):
    assert wilson_interval(hits, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("hits", "trials"), [(0, 0), (-1, 3), (4, 3)])
def test_no_share_no_interval(hits, trials):
    with pytest.raises(InvalidInput):
        wilson_interval(hits, trials)


@given(PAIRS)
def test_bounds(pairs):
    found = measure_agreement(pairs)
    assert found.faces == len(pairs) == sum(found.table.values())
    if not pairs:
        assert (found.share, found.interval, found.kappa) == (None, None, None)
        return
    low, high = found.interval
    assert 0 <= low <= found.share <= high <= 1
    assert found.kappa is None or -1 - 1e-12 <= found.kappa <= 1
    if found.share == 1:
        assert found.kappa is None or found.kappa == pytest.approx(1)


def test_kappa_is_undefined_where_both_always_say_one_thing():
    assert measure_agreement([(A, A)] * 5).kappa is None


def test_a_guard_without_an_opinion_is_counted_apart(make_override):
    found = agreement_of(
        [
            make_override(Decision.REJECT),
            make_override(Decision.REJECT, face=1, guard=Decision.FAILED),
            make_override(Decision.ACCEPT, face=2),
        ]
    )
    assert (found.faces, found.unpaired, found.share) == (2, 1, 0.5)
