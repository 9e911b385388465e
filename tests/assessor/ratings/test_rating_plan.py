"""Every rater's order: complete, repeatable, with hidden repeats well apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.assessor.benchmark.ratings import StudyPlan, rater_name
from facefidelity.core.errors import InvalidInput, NotRegistered


def plan_of(count: int, **changes) -> StudyPlan:
    return StudyPlan(tuple(f"{n:03d}.png" for n in range(count)), **changes)


@given(
    count=st.integers(1, 40),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
    who=st.text(max_size=5),
)
def test_every_picture_once_and_repeats_apart(count, share, seed, who):
    plan = plan_of(count, repeat_share=share, seed=seed)
    shown = plan.presentations(who)
    assert [one.order for one in shown] == list(range(plan.length))
    first = [one.image for one in shown if not one.repeat]
    again = [one.image for one in shown if one.repeat]
    assert sorted(first) == sorted(plan.images)
    assert len(set(again)) == len(again)
    places = {}
    for one in shown:
        if one.repeat:
            assert one.order - places[one.image] > min(4, count // 2)
        places.setdefault(one.image, one.order)


def test_the_same_name_gets_the_same_order_and_another_another():
    plan = plan_of(12)
    assert plan.presentations("ann") == plan_of(12).presentations("ann")
    orders = {tuple(one.image for one in plan.presentations(who)) for who in "abcdefgh"}
    assert len(orders) == 8
    assert plan.presentations("ann") != plan_of(12, seed=1).presentations("ann")


def test_about_a_tenth_is_repeated():
    assert [plan_of(n).length - n for n in (1, 2, 5, 10, 11, 60)] == [0, 1, 1, 1, 2, 6]
    assert plan_of(60, repeat_share=0).length == 60


def test_first_positions_are_evenly_spread():
    plan = plan_of(5, repeat_share=0)
    firsts = [plan.presentations(f"rater {n}")[0].image for n in range(300)]
    assert min(firsts.count(image) for image in plan.images) > 30


def test_practice_is_the_same_for_all_and_in_the_plan():
    plan = plan_of(9)
    assert len(set(plan.practice())) == 3
    assert set(plan.practice()) <= set(plan.images)
    assert len(plan_of(2, training=9).practice()) == 2


def test_the_key_tells_plans_apart():
    plans = [
        plan_of(5),
        plan_of(6),
        plan_of(5, seed=1),
        plan_of(5, scale="0-100"),
        plan_of(5, heads=("noise",)),
        plan_of(5, repeat_share=0.5),
    ]
    assert len({plan.key for plan in plans}) == len(plans)
    assert plan_of(5).key == plans[0].key


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": ()},
        {"images": ("a", "a")},
        {"heads": ()},
        {"heads": ("noise", "noise")},
        {"seed": -1},
        {"repeat_share": 1.5},
        {"training": -1},
    ],
)
def test_what_is_no_plan_is_refused(wrong):
    with pytest.raises(InvalidInput):
        StudyPlan(**{"images": ("a", "b"), **wrong})


def test_close_names_are_named():
    with pytest.raises(NotRegistered, match="sharpness"):
        plan_of(3, heads=("sharpnes",))
    with pytest.raises(NotRegistered, match="1-5"):
        plan_of(3, scale="1-6")


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Ann  Lee ", "ann lee"), ("ÉMILE", "émile"), ("E\u0301mile", "émile")]
)
def test_a_name_is_found_again(typed, kept):
    assert rater_name(typed) == kept
    assert rater_name(kept) == kept


@pytest.mark.parametrize("typed", ["", "  ", "=cmd()", "+1", "-x", "@x", "a\x00b", "x" * 61])
def test_a_name_that_cannot_be_kept_is_refused(typed):
    with pytest.raises(InvalidInput, match="rater's name"):
        rater_name(typed)
