"""Numbers of the report, on pairs whose truth was made."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy (the test extra)")
pytest.importorskip("matplotlib", reason="needs matplotlib (the test extra)")

from facefidelity.plugin.benchmark.columns import Columns, rules_of, tune_cosine
from facefidelity.plugin.benchmark.findings import (
    GuardGroup,
    measure_risk,
    measure_rule,
    naming_of,
)
from facefidelity.plugin.benchmark.intervals import auc, brier, estimate, reliability
from facefidelity.plugin.benchmark.report import GuardSubject, make_report
from facefidelity.plugin.benchmark.report_files import write_report

from .conftest import PEOPLE, POLICIES


def everything(columns: Columns) -> GuardGroup:
    return GuardGroup("all", "all", np.arange(len(columns)))


def test_auc_counts_ties_as_half_and_needs_five_of_a_kind():
    truth = np.array([True] * 5 + [False] * 5)
    assert auc(np.arange(10.0)[::-1], truth) == 1.0
    assert auc(np.zeros(10), truth) == 0.5
    assert auc(np.array([9.0, 8, 7, 6, 0, 5, 4, 3, 2, 1]), truth) == pytest.approx(20 / 25)
    assert math.isnan(auc(np.zeros(9), truth[:9]))


def test_brier_and_reliability():
    risk, truth = np.array([0.0, 0.05, 1.0, 1.0]), np.array([False, True, True, False])
    assert brier(risk, truth) == pytest.approx((0 + 0.95**2 + 0 + 1) / 4)
    assert reliability(risk, truth) == [(0.025, 0.5, 2), (1.0, 0.5, 2)]


def test_an_interval_is_over_persons():
    values = np.repeat([0.0, 1.0], 50)
    rows = np.arange(100)
    by_person = estimate(lambda r: values[r].mean(), np.repeat([0, 1], 50), rows, 200)
    alone = estimate(lambda r: values[r].mean(), np.arange(100), rows, 200)
    assert by_person.value == alone.value == 0.5
    assert by_person.interval == (0.0, 1.0)
    assert 0.35 < alone.interval[0] < alone.interval[1] < 0.65
    assert math.isnan(estimate(lambda r: 1.0, np.arange(100), rows[:0], 200).value)


def test_what_each_rule_loses_and_keeps(examined):
    columns = Columns(examined)
    rules = rules_of(columns, POLICIES, 0.5, "tuned")
    found = {rule.name: measure_rule(columns, rule, everything(columns), 100) for rule in rules}
    everyone, cosine = found["accept everything"], found["cosine >= 0.500, tuned"]
    assert (everyone.accepted, everyone.blended) == (1.0, 0.0)
    assert everyone.lost_among_all.value == 2 / 5  # the third and the fourth
    assert everyone.gain_kept.value == 1.0
    assert cosine.accepted == 4 / 5  # the fourth is a stranger to the guard's embedder
    assert cosine.lost_among_treated.value == 1 / 4
    assert cosine.lost_among_all.value == 1 / 5
    assert cosine.gain_kept.value == pytest.approx(4 / 5, abs=0.01)
    assert everyone.worse.value == 2 / 5
    half = found["pixel alpha 0.5 everywhere"]
    assert (half.accepted, half.blended) == (0.0, 1.0)
    assert half.gain_kept.value == pytest.approx(0.5, abs=0.05)
    # Fidelity never falls in the fake assessor: the naive rule lets everything pass.
    assert found["naive: overall up, fidelity down"].accepted == 1.0
    strict = found["strict"]
    assert strict.accepted == 4 / 5
    assert strict.lost_among_treated.value <= 2 / 5


def test_gain_on_offer_is_that_of_the_restorations_that_rose(examined):
    columns = Columns(examined)
    columns.gain = np.array([10.0, 10.0, -5.0, -5.0, 0.0])
    everyone = rules_of(columns, POLICIES, 0.5, "tuned")[0]
    found = measure_rule(columns, everyone, everything(columns), 100)
    assert (found.gain_kept.value, found.gain_taken.value) == (1.0, 0.5)


def test_the_naive_rule_refuses_rising_overall_with_falling_fidelity(examined):
    columns = Columns(examined)
    columns.fidelity_change = np.array([-1.0, 1.0, -1.0, 0.0, 1.0])
    columns.gain = np.array([5.0, 5.0, -5.0, 5.0, 5.0])
    assert columns.naive.tolist() == [True, False, False, False, False]


def test_the_cosine_threshold_is_the_least_within_the_guards_loss(examined):
    columns = Columns(examined)
    columns.cosine = np.array([0.9, 0.8, 0.3, 0.2, 0.7])
    columns.hq_rank1 = np.array([True, True, False, False, True])
    for one in examined:
        object.__setattr__(one.by_policy["balanced"], "rank1", True)
    assert tune_cosine(columns, "balanced") == 0.7
    columns.hq_rank1[:] = False
    assert tune_cosine(columns, "balanced") == np.nextafter(0.9, 1)


def test_captures_without_identity(examined):
    columns = Columns(examined)
    columns.never_there = np.array([False, True, False, False, True])
    rules = rules_of(columns, POLICIES, 0.5, "tuned")
    found = naming_of(columns, rules[-3:])
    assert (found.absent, found.named, found.present, found.misnamed) == (1, 1.0, 4, 0.25)
    assert found.accepted["balanced"] == found.named_accepted["balanced"] == 1


def test_the_risk_as_a_prediction(examined):
    columns = Columns(list(examined) * 5)
    found = measure_risk(columns, everything(columns), 100)
    assert found.unidentified == 3 / 5
    assert found.lost == 2 / 5
    # Of those known in the capture, two are lost and the guard sees one of these.
    assert found.auc_lost.value == pytest.approx(0.75)
    assert found.pairs == 25
    assert found.people == 5


def test_the_report_says_everything_and_pairs_can_be_counted_again(examined, tmp_path):
    columns = Columns(list(examined) * 10)
    subject = GuardSubject("a", "fixed", "pixel", PEOPLE, POLICIES, ("made.csv",), None)
    report = make_report(subject, columns, None, (), resamples=100)
    written = write_report(report, tmp_path / "guard.md", "facefidelity bench guard")
    assert [path.name for path in written] == [
        "guard.md",
        "guard.json",
        "guard.csv",
        "guard.png",
        "guard_edc.png",
    ]
    assert all(path.stat().st_size for path in written)
    text = written[0].read_text()
    assert "Fewer than 400 people" in text
    assert "which flatters it" in text
    assert str(tmp_path) not in text
    assert "| camera | a | " not in text  # 30 pairs of one camera, 20 of the other: too small
    rows = json.loads(written[1].read_text())["rows"]
    assert {row["part"] for row in rows} == {
        "subject",
        "risk",
        "rule",
        "naming",
        "reliability",
        "discard",
    }
    with written[2].open() as lines:
        pairs = list(csv.DictReader(lines))
    lost = sum(row["source_rank1"] == "1" and row["restored_rank1"] == "0" for row in pairs)
    (told,) = (r for r in rows if r["part"] == "rule" and r["rule"] == "accept everything")
    assert lost / len(pairs) == pytest.approx(told["lost_among_all"])
