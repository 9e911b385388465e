"""Six scores: their order, their range, and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import HEADS, QualityScores

SIX = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=6, max_size=6)


def test_the_order_of_the_heads_is_the_papers_and_the_fields():
    assert HEADS == ("noise", "sharpness", "colorfulness", "contrast", "fidelity", "overall")
    scores = QualityScores.from_sequence([1, 2, 3, 4, 5, 6])
    assert scores.as_dict() == dict(zip(HEADS, [1, 2, 3, 4, 5, 6], strict=True))
    assert list(scores.as_dict()) == list(HEADS)


@given(SIX)
def test_any_six_numbers_are_clipped_to_the_scale(values):
    scores = QualityScores.from_sequence(values)
    for value, given_value in zip(scores.as_dict().values(), values, strict=True):
        assert value == min(100.0, max(0.0, given_value))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("position", range(6))
def test_a_number_that_is_none_is_refused_not_clipped(bad, position):
    values = [50.0] * 6
    values[position] = bad
    with pytest.raises(InvalidInput, match=HEADS[position]):
        QualityScores.from_sequence(values)


@pytest.mark.parametrize("count", [0, 5, 7])
def test_another_count_is_refused(count):
    with pytest.raises(InvalidInput, match=f"expected 6 scores .* got {count}"):
        QualityScores.from_sequence([1.0] * count)


@pytest.mark.parametrize("bad", [-0.001, 100.001, math.nan])
def test_the_plain_constructor_does_not_clip(bad):
    with pytest.raises(InvalidInput, match="overall"):
        QualityScores(1, 2, 3, 4, 5, bad)


def test_scores_are_frozen():
    scores = QualityScores(1, 2, 3, 4, 5, 6)
    with pytest.raises(AttributeError):
        scores.noise = 3.0
