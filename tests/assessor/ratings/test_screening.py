"""BT.500 screening: a case worked by hand, what it catches, what it cannot, and odd panels."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.assessor.benchmark.ratings import (
    SCALES,
    RatingTable,
    check_consistency,
    screen_raters,
)
from facefidelity.assessor.benchmark.ratings.raters import Panel, simulate_ratings
from facefidelity.assessor.benchmark.ratings.table import Rating


def table_of(scores: np.ndarray, head: str = "noise", scale: str = "0-100") -> RatingTable:
    """(raters, pictures) scores, NaN where there is none."""
    ratings = [
        Rating(f"r{i}", f"p{j}", head, float(value))
        for i, row in enumerate(scores)
        for j, value in enumerate(row)
        if np.isfinite(value)
    ]
    return RatingTable.collect(ratings, SCALES[scale])


def by_rater(table: RatingTable) -> dict[str, tuple[int, int, int, bool]]:
    return {
        c.rater: (c.high, c.low, c.presentations, c.rejected) for c in screen_raters(table).checks
    }


# Ten raters. Nine agree around 50 with small steps; the tenth is far off.
# Kurtosis of (46..54, x) with x far off is about 8: the sqrt(20) rule, which ten raters cannot
# break (9 / sqrt(10) < sqrt(20)). With NEAR the kurtosis is 3.75 and 2 deviations hold.
NEAR = np.array([48, 48.5, 49, 49.5, 50, 50.5, 51, 51.5, 52])


def column(off: float) -> np.ndarray:
    return np.r_[NEAR, off]


def kurtosis(values: np.ndarray) -> float:
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2)


def test_the_counts_of_a_worked_case():
    off = 54.2
    assert 2 <= kurtosis(column(off)) <= 4
    assert off >= column(off).mean() + 2 * column(off).std(ddof=1)
    up, down = column(off), column(100 - off)
    scores = np.stack([up, down, up, down, *[column(50)] * 6], axis=1)
    found = by_rater(table_of(scores))
    assert found["r9"] == (2, 2, 10, True)
    assert all(not one[3] for name, one in found.items() if name != "r9")


def test_one_sided_raters_stay():
    up = column(54.2)
    found = by_rater(table_of(np.stack([up] * 4 + [column(50)] * 6, axis=1)))
    assert found["r9"] == (4, 0, 10, False)


def test_five_percent_is_not_over_five_percent():
    up, down = column(54.2), column(45.8)
    quiet = [column(50)]
    at_limit = np.stack([up, down, *quiet * 38], axis=1)
    over = np.stack([up, down, *quiet * 37], axis=1)
    assert by_rater(table_of(at_limit))["r9"] == (1, 1, 40, False)
    assert by_rater(table_of(over))["r9"] == (1, 1, 39, True)


def test_far_tails_use_the_wide_limits():
    off = 90.0
    assert kurtosis(column(off)) > 4
    scores = np.stack([column(off), column(100 - off)] * 5, axis=1)
    assert by_rater(table_of(scores))["r9"][:2] == (0, 0)


def test_with_thirty_raters_the_wide_limits_can_be_broken():
    many = np.r_[np.tile(NEAR, 4), 90.0]
    scores = np.stack([many, 100 - many] * 5, axis=1)
    assert by_rater(table_of(scores))["r36"] == (5, 5, 10, True)


def test_missing_ratings_do_not_count():
    up, down = column(54.2), column(45.8)
    scores = np.stack([up, down, up, down, *[column(50)] * 6], axis=1)
    scores[9, 4:] = np.nan
    scores[0, :] = np.nan
    found = by_rater(table_of(scores))
    assert "r0" not in found
    assert found["r9"][2] == 4


@pytest.mark.parametrize("raters", [1, 2, 3, 5])
def test_too_few_raters_reject_nobody_and_it_is_said(raters):
    scores = np.random.default_rng(0).uniform(0, 100, (raters, 40))
    screening = screen_raters(table_of(scores))
    assert screening.unscreened == ("noise",)
    assert not screening.rejected("noise")


def test_agreeing_and_constant_raters_make_no_limits():
    same = np.full((10, 20), 3.0)
    screening = screen_raters(table_of(same))
    assert screening.unscreened == ("noise",)
    assert not any(c.high or c.low for c in screening.checks)


def test_dimensions_are_screened_by_themselves():
    rng = np.random.default_rng(3)
    truth = {"noise": rng.uniform(5, 95, 300), "overall": rng.uniform(5, 95, 300)}
    good = simulate_ratings(truth, Panel(raters=19), seed=1)
    names, images = good.raters, good.images
    ratings = [
        Rating(names[r], images[i], ("noise", "overall")[int(h == 5)], s)
        for r, i, h, s in zip(good.rater, good.image, good.head, good.score, strict=True)
    ]
    for image in images:
        ratings.append(Rating("half", image, "noise", float(rng.integers(1, 6))))
        honest = float(np.clip(np.rint(1 + truth["overall"][int(image[6:10])] / 25), 1, 5))
        ratings.append(Rating("half", image, "overall", honest))
    screening = screen_raters(RatingTable.collect(ratings, SCALES["1-5"]))
    assert screening.rejected("noise") == {"half"}
    assert "half" not in screening.rejected("overall")


def simulated(seed: int, **panel) -> RatingTable:
    truth = np.random.default_rng(seed + 100).uniform(5, 95, 300)
    return simulate_ratings({"overall": truth}, Panel(**panel), seed=seed)


def test_spammers_are_found_and_honest_raters_stay():
    found = honest = 0
    for seed in range(8):
        rejected = screen_raters(simulated(seed, spammer_share=0.1)).rejected("overall")
        spammers = {name for name in rejected if name.startswith("spammer")}
        found += len(spammers)
        honest += len(rejected - spammers)
    assert found >= 14  # of 16
    assert honest <= 3  # of 144


def test_what_the_procedure_cannot_see_shows_in_the_agreement():
    """A fifth of a panel that always says 3 widens every limit: BT.500 rejects none of them."""
    table = simulated(0, spammer_share=0.2, spam="constant")
    assert not any(name.startswith("spam") for name in screen_raters(table).rejected("overall"))
    unrelated = {row.rater for row in check_consistency(table) if row.correlation is None}
    assert unrelated == {name for name in table.raters if name.startswith("spam")}


def test_repeats_show_who_is_inconsistent():
    table = simulated(5, spammer_share=0.1, repeat_share=0.3)
    rows = {row.rater: row for row in check_consistency(table)}
    spam = [row for name, row in rows.items() if name.startswith("spammer")]
    real = [row for name, row in rows.items() if name.startswith("rater")]
    assert len(spam) == 2
    assert min(r.repeat_deviation for r in spam) > max(r.repeat_deviation for r in real)
    assert max(r.correlation for r in spam) < 0.3
    assert min(r.correlation for r in real) > 0.7
    assert all(60 <= row.repeated <= 120 and row.pictures == 300 for row in rows.values())


def test_repeat_deviation_and_bias_of_a_worked_case():
    ratings = [
        Rating("a", "p", "noise", 40.0),
        Rating("a", "p", "noise", 44.0),
        Rating("a", "q", "noise", 60.0),
        Rating("b", "p", "noise", 30.0),
        Rating("b", "q", "noise", 50.0),
    ]
    first, second = check_consistency(RatingTable.collect(ratings, SCALES["0-100"]))
    assert first.repeat_deviation == pytest.approx(np.sqrt(8.0))
    assert (first.repeated, first.pictures) == (1, 2)
    assert first.bias == pytest.approx(11.0)
    assert second.bias == pytest.approx(-11.0)
    assert second.repeat_deviation is None
    assert first.correlation is None


def test_a_constant_rater_has_no_correlation_and_a_lone_one_no_bias():
    scores = np.random.default_rng(1).uniform(20, 80, (7, 30))
    scores[6] = 50.0
    rows = {row.rater: row for row in check_consistency(table_of(scores))}
    assert rows["r6"].correlation is None
    (alone,) = check_consistency(table_of(scores[:1]))
    assert (alone.bias, alone.correlation) == (None, None)
