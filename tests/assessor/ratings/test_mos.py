"""MOS and their intervals: worked cases, coverage of the truth, and what screening brings."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from facefidelity.assessor.benchmark.ratings import (
    SCALES,
    RatingTable,
    average_ratings,
    screen_raters,
)
from facefidelity.assessor.benchmark.ratings.raters import Panel, simulate_ratings
from facefidelity.assessor.benchmark.ratings.table import Rating
from facefidelity.core.errors import InvalidInput, NotRegistered

pytest.importorskip("scipy", reason="needs scipy (the bench extra)")


def test_a_worked_case():
    scores = [("a", 2.0), ("b", 3.0), ("c", 4.0)]
    table = RatingTable.collect([Rating(r, "p", "noise", s) for r, s in scores], SCALES["1-5"])
    mos = average_ratings(table)
    assert mos.heads == ("noise",)
    assert mos.mean[0, 0] == pytest.approx(50.0)
    assert mos.deviation[0, 0] == pytest.approx(25.0)
    assert mos.half_width[0, 0] == pytest.approx(4.302653 * 25.0 / np.sqrt(3))
    assert mos.raters[0, 0] == 3


def test_a_repeat_makes_no_second_rater():
    ratings = [("a", 1.0), ("a", 5.0), ("b", 5.0)]
    table = RatingTable.collect([Rating(r, "p", "noise", s) for r, s in ratings], SCALES["1-5"])
    mos = average_ratings(table)
    assert mos.raters[0, 0] == 2
    assert mos.mean[0, 0] == pytest.approx(75.0)


def test_one_rater_has_no_interval_and_nobody_no_score():
    ratings = [Rating("a", "p", "noise", 80.0), Rating("a", "q", "overall", 10.0)]
    rows = average_ratings(RatingTable.collect(ratings, SCALES["0-100"])).rows()
    assert rows[0] == {
        "file": "p",
        "noise": 80.0,
        "noise_ci": None,
        "noise_sd": None,
        "noise_n": 1,
        "overall": None,
        "overall_ci": None,
        "overall_sd": None,
        "overall_n": 0,
    }


def test_the_csv_has_one_row_a_picture():
    truth = {"sharpness": np.array([10.0, 90.0]), "noise": np.array([50.0, 50.0])}
    mos = average_ratings(simulate_ratings(truth, Panel(raters=8), seed=2))
    rows = list(csv.DictReader(io.StringIO(mos.to_csv())))
    assert [row["file"] for row in rows] == ["image-0000.png", "image-0001.png"]
    heads = [name for name in rows[0] if "_" not in name]
    assert heads == ["file", "noise", "sharpness"]
    assert float(rows[0]["sharpness"]) < float(rows[1]["sharpness"])
    assert rows[0]["noise_n"] == "8"


def coverage(raters: int, scale: str) -> float:
    """Share of 40 x 50 intervals that hold the truth."""
    inside = []
    for seed in range(40):
        truth = np.random.default_rng(seed).uniform(25, 75, 50)
        mos = average_ratings(
            simulate_ratings({"overall": truth}, Panel(raters=raters), scale=scale, seed=seed)
        )
        inside.append(np.abs(mos.mean[:, 0] - truth) <= mos.half_width[:, 0])
    return float(np.mean(inside))


@pytest.mark.parametrize(("raters", "scale"), [(6, "0-100"), (20, "0-100"), (20, "1-5")])
def test_intervals_hold_the_truth_in_about_95_of_100(raters, scale):
    assert 0.92 <= coverage(raters, scale) <= 0.98


def test_screening_brings_the_means_nearer_to_the_truth():
    before, after = [], []
    for seed in range(10):
        truth = np.random.default_rng(seed).uniform(5, 95, 60)
        table = simulate_ratings(
            {"overall": truth}, Panel(spammer_share=0.1, inconsistency=8.0), seed=seed
        )
        for found, screening in ((before, None), (after, screen_raters(table))):
            error = average_ratings(table, screening).mean[:, 0] - truth
            found.append(np.sqrt(np.mean(error**2)))
    assert np.mean(after) < 0.9 * np.mean(before)


def test_rejected_raters_are_left_out_of_their_dimension_only():
    truth = {"noise": np.linspace(5, 95, 60)}
    table = simulate_ratings(truth, Panel(raters=20, spammer_share=0.05), seed=0)
    screening = screen_raters(table)
    assert "spammer-19" in screening.rejected("noise")
    kept = 20 - len(screening.rejected("noise"))
    assert set(average_ratings(table, screening).raters[:, 0]) == {kept}
    assert set(average_ratings(table).raters[:, 0]) == {20}


def test_the_simulated_panel_is_repeatable_and_bounded():
    truth = {"noise": np.linspace(0, 100, 30)}
    panel = Panel(raters=6, spammer_share=0.5, repeat_share=0.5, rated_share=0.5)
    one, two, three = (simulate_ratings(truth, panel, seed=s) for s in (1, 1, 2))
    assert one.score.tolist() == two.score.tolist() != three.score.tolist()
    assert set(one.score.tolist()) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert sum(name.startswith("spammer") for name in one.raters) == 3
    assert one.cube("noise").shape[2] == 2
    with pytest.raises(NotRegistered):
        simulate_ratings({"noice": truth["noise"]}, panel)
    with pytest.raises(InvalidInput):
        Panel(spammer_share=1.5)
