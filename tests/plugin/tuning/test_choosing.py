"""Summing up, the Pareto front and the rule that picks one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.guards.policy import load_policy
from facefidelity.plugin.tuning.choosing import Candidate, candidates_of, choose, finalists
from facefidelity.plugin.tuning.foretelling import foretold_loss, surprises
from facefidelity.plugin.tuning.front import moves_front, pareto_front
from facefidelity.plugin.tuning.measuring import Examined, deliver, examined_of, plain_of
from facefidelity.plugin.tuning.outcomes import Outcome, Trial, sum_up
from facefidelity.plugin.tuning.space import Choice, GuardLimit, spread_policies

BALANCED = GuardLimit(load_policy("balanced"), "balanced", True)


def outcome(gain: float, lost: int, faces: int = 40, risk: float = 0.0) -> Outcome:
    return Outcome(BALANCED, faces, gain, gain, lost, risk, {"ACCEPT": faces}, gain)


def trial(name: str, *outcomes: Outcome, seconds: float = 1.0, complete: bool = True) -> Trial:
    return Trial(Choice(name), 40, complete, outcomes, seconds)


OUTCOMES = st.builds(outcome, st.floats(-20, 40), st.integers(0, 40))
TRIALS = st.lists(st.builds(lambda o: trial("x", *o), st.lists(OUTCOMES, max_size=4)), max_size=8)


@given(TRIALS)
def test_nothing_beats_the_front(trials: list[Trial]) -> None:
    front = [one for _, one in pareto_front(trials)]
    every = [one for t in trials for one in t.outcomes]
    assert all(a.loss < b.loss and a.merit < b.merit for a, b in pairwise(front))
    for one in every:
        if one.merit > 0:
            assert any(best.loss <= one.loss and best.merit >= one.merit for best in front)


@given(st.lists(st.tuples(OUTCOMES, OUTCOMES), max_size=8), st.floats(0.001, 0.5))
def test_the_choice_is_within_the_budget_and_nothing_within_is_clearly_better(
    pairs: list[tuple[Outcome, Outcome]], budget: float
) -> None:
    candidates = [
        Candidate(trial(str(number), known), known, real)
        for number, (known, real) in enumerate(pairs)
    ]
    chosen = choose(candidates, budget)
    within = [c for c in candidates if c.loss <= budget and c.gain > 0 and c.outcome.merit > 0]
    if chosen is None:
        assert not within
    else:
        assert chosen in within
        assert all(one.gain <= chosen.gain + 0.5 for one in within)


def test_ties_go_to_the_faster() -> None:
    slow, fast, worse = (
        Candidate(
            trial(name, outcome(gain, 0), seconds=seconds), outcome(gain, 0), outcome(gain, 0)
        )
        for name, gain, seconds in (("slow", 10.2, 3.0), ("fast", 10.0, 0.1), ("worse", 9.0, 0.01))
    )
    chosen = choose([slow, fast, worse], 0.05)
    assert chosen is fast


def test_of_small_gains_half_a_point_is_no_tie() -> None:
    slow, fast = (
        Candidate(
            trial(name, outcome(gain, 0), seconds=seconds), outcome(gain, 0), outcome(gain, 0)
        )
        for name, gain, seconds in (("slow", 2.4, 3.0), ("fast", 2.0, 0.1))
    )
    assert choose([slow, fast], 0.05) is slow


def test_what_is_foretold_to_lose_more_than_the_budget_is_out() -> None:
    risky, safe = outcome(30, 0, risk=0.3), outcome(5, 0)
    assert choose([Candidate(trial("a", safe), safe, risky)], 0.02) is None
    usual = outcome(5, 0, risk=0.02)
    assert choose([Candidate(trial("a", usual), usual, usual)], 0.02) is not None
    assert choose([Candidate(trial("a", usual), usual, usual, surprise=2.0)], 0.02) is None


@given(st.floats(0, 1), st.floats(0, 20), st.floats(0, 20))
def test_pairs_make_the_estimate_only_more_careful(risk: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 0 <= foretold_loss(risk, low) <= foretold_loss(risk, high) <= 1
    assert foretold_loss(risk, low) >= foretold_loss(risk, 1.0)


def test_a_restorer_that_loses_more_on_pairs_than_foretold_is_trusted_less() -> None:
    trials = [
        trial("honest", outcome(5, 4, risk=0.1)),
        trial("loser", outcome(9, 0, risk=0.0), outcome(9, 19, risk=0.1)),
        trial("partial", outcome(9, 19, risk=0.1), complete=False),
    ]
    assert surprises(trials) == {"honest": 1.0, "loser": 4.0}
    real = {t.choice.key: trial(t.choice.restorer, *t.outcomes) for t in trials}
    found = {one.trial.choice.restorer: one.surprise for one in candidates_of(trials, real)}
    assert (found["honest"], found["loser"]) == (1.0, 4.0)


def test_the_estimate_of_losses_leans_on_the_prediction() -> None:
    assert outcome(1, 0).loss == 0
    assert outcome(1, 4, risk=0.1).loss == pytest.approx((4 + 60 * 0.1) / 100)


def test_summing_up_counts_faces_that_are_left_alone(examined: Callable[..., Examined]) -> None:
    faces = [
        examined(20.0, 0.05),
        examined(10.0, 0.2, lost=True, loss=0.1),  # half of them were never there to be lost
        examined(30.0, 0.9),  # above every limit: left alone
        Examined(0.0, problem="broke"),
    ]
    found = sum_up(Choice("x"), faces, [BALANCED]).outcomes[0]
    assert found.decisions == {"ACCEPT": 2, "REJECT": 1, "FAILED": 1}
    assert (found.gain, found.true_gain, found.lost) == (7.5, 7.5, 1)
    assert found.gain_delivered == 15
    assert found.risk == pytest.approx(0.0375)


def test_measurements_survive_as_plain_data(examined: Callable[..., Examined]) -> None:
    for one in (examined(7.0, 0.2, lost=True), Examined(0.0, problem="broke")):
        again = examined_of(plain_of(one))
        for limit in spread_policies(None):
            assert deliver(again, limit.policy) == deliver(one, limit.policy)
        assert again.problem == one.problem
    whole = examined(7.0, 0.2)
    assert whole.evidence is not None
    weakened = replace(whole, evidence=replace(whole.evidence, drop_risk=0.9))
    again = examined_of(plain_of(weakened))
    assert again.evidence is not None
    assert again.evidence.drop_risk == 0.9
    assert deliver(again, BALANCED.policy).decision.value == "REJECT"


def test_only_a_clear_step_moves_the_front() -> None:
    known = trial("a", outcome(10, 1))
    assert moves_front(trial("b", outcome(12, 1)), [known])
    assert moves_front(trial("b", outcome(6, 0)), [known])
    assert not moves_front(trial("b", outcome(10.1, 1)), [known])
    assert not moves_front(trial("b", outcome(12, 1), complete=False), [known])


def test_finalists_are_complete_and_best_first() -> None:
    trials = [trial(str(g), outcome(g, 0)) for g in (1, 5, 3, 2, 4)]
    trials.append(trial("partial", outcome(99, 0), complete=False))
    assert [one.choice.restorer for one in finalists(trials, 0.02)] == ["5", "4", "3", "2"]


def test_where_no_loss_is_foretold_the_risk_counts(examined) -> None:
    one = examined(gain=10, risk=0.07, loss=0.01)
    silent = replace(one, evidence=replace(one.evidence, predicted_loss=None))
    assert deliver(one, BALANCED.policy).risk == 0.01
    assert deliver(silent, BALANCED.policy).risk == 0.07
