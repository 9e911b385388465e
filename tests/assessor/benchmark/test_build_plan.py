"""What is built: everybody in turn, numbers that fit together, one sentence where they do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from facefidelity.assessor.benchmark.build_plan import BuildPlan
from facefidelity.assessor.benchmark.dataset import Person
from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.assessor.benchmark.simulate.random_camera import RandomCamera
from facefidelity.core.errors import InvalidInput

PEOPLE = tuple(Person(Path(f"{n}.png"), "f", "x", "test") for n in range(6))
PLAN = BuildPlan(PEOPLE, (named_camera("night_ir"), RandomCamera()), size=26, restored=2, seed=3)


def test_numbers_of_a_plan():
    assert (PLAN.per_camera, PLAN.pictures) == (13, 30)
    assert PLAN.shots == [(c, k) for c in (0, 1) for k in range(13)]
    assert [shot for shard in PLAN.shards for shot in shard] == PLAN.shots
    assert max(map(len, PLAN.shards)) <= 12


@pytest.mark.parametrize("camera", [0, 1])
def test_everybody_stands_before_every_camera_in_turn(camera):
    who = [PLAN.person_of(camera, number) for number in range(13)]
    assert set(who[:6]) == set(range(6))
    assert who[6:12] == who[:6]
    assert set(Counter(who).values()) <= {2, 3}


def test_every_camera_and_seed_has_its_own_order():
    many = tuple(Person(Path(f"{n}.png"), "f", "x", "test") for n in range(30))
    orders = {
        tuple(replace(PLAN, people=many, seed=seed).person_of(c, k) for k in range(13))
        for seed in (3, 4)
        for c in (0, 1)
    }
    assert len(orders) == 4


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"people": PEOPLE[:2]}, "at least 3 people, got 2"),
        ({"people": PEOPLE + PEOPLE[:1]}, "people's file names that differ, got '0'"),
        ({"cameras": ()}, "at least one camera"),
        ({"cameras": (RandomCamera(), RandomCamera())}, "camera names that differ, got 'random'"),
        ({"size": 25}, "a size that 2 cameras share evenly, got 25"),
        ({"size": 0}, "share evenly, got 0"),
        ({"restored": 14}, "0 to 13 restored captures a camera, got 14"),
        ({"restored": -1}, "got -1"),
        ({"seed": -1}, "a seed of 0 or more, got -1"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused(asked, told):
    with pytest.raises(InvalidInput, match=told):
        replace(PLAN, **asked)
