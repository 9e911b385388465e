"""From scored pictures to verdicts: an honest predictor, a poor one, and people who differ."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy (the test extra)")

from facefidelity.assessor.benchmark.evaluation.agreement import Estimate
from facefidelity.assessor.benchmark.evaluation.contrasts import Contrast
from facefidelity.assessor.benchmark.evaluation.datasets import (
    RatedPicture,
    RowProblem,
)
from facefidelity.assessor.benchmark.evaluation.evaluation import (
    Subject,
    evaluate,
)
from facefidelity.assessor.benchmark.evaluation.examination import (
    ExaminedPicture,
    collect,
)
from facefidelity.assessor.benchmark.evaluation.peers import Peer
from facefidelity.assessor.benchmark.evaluation.report import (
    as_markdown,
    write_report,
)
from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import HEADS

GUESS = Peer("guess", "sharpness", 1, lambda face: 0.0, "a coin")
SUBJECT = Subject("assessor-x", "/data/my.csv", "own", HEADS, peers=(GUESS,))
KINDS = ("camera", "sex", "ethnicity", "restoration")


def examined(people=40, each=6, *, vectors=False, widths=True):
    rng = np.random.default_rng(0)
    own = np.random.default_rng(1).normal(size=(people, 64)) / 8
    rows = []
    for index in range(people * each):
        person = index // each
        truth = rng.uniform(5, 95, len(HEADS))
        sex = ("female", "male")[person % 2]
        wobble = 4 if sex == "male" else 25  # women are scored worse on purpose
        rated = RatedPicture(
            line=index + 2,
            name=f"{index}.png",
            path=Path(f"{index}.png"),
            facts={
                "person": str(person),
                "sex": sex,
                "ethnicity": ("x", "y")[person % 4 // 2],
                "camera": ("a", "b", "c")[index % 3],
            },
            source=None,
            reference=None,
            ratings=dict(zip(HEADS, truth.tolist(), strict=True)),
            half_widths=dict.fromkeys(HEADS, 8.0) if widths else {},
        )
        scores = np.clip(truth + rng.normal(0, wobble, len(HEADS)), 0, 100)
        face = own[person] + rng.normal(size=64) * (1.02 - truth[4] / 100) / 2
        vector = (face / np.linalg.norm(face)).astype(np.float32) if vectors else None
        peers = {"guess": float(rng.normal())}
        # Every second picture is a restoration; what its source says follows the truth closely.
        supported = float(truth[4] + rng.normal(0, 1)) if index % 2 else math.nan
        rows.append(ExaminedPicture(rated, scores, supported, None, peers, vector, None))
    return collect(rows)


@pytest.fixture(scope="module")
def result():
    problems = [RowProblem(3, "x.png", "expected a picture, got none")]
    return evaluate(SUBJECT, examined(), problems, group_by=KINDS, resamples=200)


def test_every_head_and_group_is_measured(result):
    mine = [one for one in result.agreements if one.predictor == "assessor-x"]
    groups = {(one.kind, one.group) for one in mine}
    expected = {("all", "all"), *(("camera", c) for c in "abc"), ("sex", "male"), ("sex", "female")}
    assert expected | {("ethnicity", "x"), ("ethnicity", "y")} == groups
    assert len(mine) == len(groups) * len(HEADS)
    for one in mine:
        for estimate in (one.srcc, one.krcc, one.plcc, one.rmse, one.outlier_ratio):
            low, high = estimate.interval
            assert low <= estimate.value <= high
    assert {one.people for one in mine if one.kind == "all"} == {40}


def test_fidelity_given_the_source_is_measured_on_restorations_only(result):
    (given,) = result.of("assessor-x given source", "fidelity")
    assert given.pictures == 120
    assert given.srcc.value > 0.99 > result.of("assessor-x", "fidelity")[0].srcc.value
    assert not result.of("assessor-x given source", "overall")
    assert "| fidelity given source | 120 |" in as_markdown(result)


def test_a_better_predictor_is_called_better_with_certainty(result):
    (srcc,) = (c for c in result.contrasts if (c.kind, c.statistic) == ("all", "srcc"))
    assert (srcc.head, srcc.other, srcc.verdict) == ("sharpness", "guess", "better")
    assert srcc.p_corrected < 1e-6
    assert srcc.difference.interval[0] > 0.5
    kinds = {c.statistic: c.verdict for c in result.contrasts if c.kind == "all"}
    assert kinds == {"srcc": "better", "rmse": "better", "outlier_ratio": "better"}


def test_a_predictor_is_the_same_as_itself():
    data = examined(people=20)
    data.peers["guess"] = data.scores[:, HEADS.index("sharpness")].copy()
    found = evaluate(SUBJECT, data, group_by=(), resamples=100).contrasts
    assert {one.verdict for one in found} == {"same"}


@pytest.mark.parametrize(
    ("p_corrected", "interval", "statistic", "verdict"),
    [
        (0.01, (0.1, 0.3), "srcc", "better"),
        (0.01, (0.1, 0.3), "rmse", "worse"),
        (0.20, (0.1, 0.3), "srcc", "same"),
        (0.01, (-0.1, 0.3), "srcc", "same"),
        (math.nan, (0.1, 0.3), "srcc", "same"),
        (0.01, (math.nan, math.nan), "srcc", "same"),
    ],
)
def test_a_verdict_needs_both_the_test_and_the_interval(p_corrected, interval, statistic, verdict):
    difference = Estimate(0.2, interval)
    one = Contrast(
        "all", "all", "noise", "x", statistic, 9, 0.9, 0.7, difference, 0.001, p_corrected
    )
    assert one.verdict == verdict


def test_unequal_people_show_in_the_gap(result):
    overall = {fair.head: fair for fair in result.fairness}["overall"]
    ranks = {one.group: one.srcc.value for one in overall.groups}
    assert set(ranks) == {"female x", "female y", "male x", "male y"}
    assert ranks["male x"] - ranks["female x"] > 0.03
    assert overall.gap == pytest.approx(max(ranks.values()) - min(ranks.values()))


def test_unrated_heads_and_failed_peers_are_left_out_row_by_row():
    data = examined(people=10)
    data.peers["guess"][:5] = math.nan
    for picture in data.pictures[:7]:
        del picture.ratings["noise"]
    found = evaluate(SUBJECT, data, group_by=(), resamples=100)
    counts = {(one.predictor, one.head): one.pictures for one in found.agreements}
    assert counts["assessor-x", "noise"] == 53
    assert counts["assessor-x", "sharpness"] == 60
    assert counts["guess", "sharpness"] == 55


def test_discarding_by_fidelity_saves_errors():
    subject = Subject("assessor-x", "t.csv", "own", HEADS, (GUESS,), recogniser="judge")
    data = examined(vectors=True)
    found = evaluate(subject, data, group_by=(), resamples=100).discarding
    assert found is not None
    rows = {row["score"]: row["auc"] for row in found.as_rows()}
    assert 0.2 < found.fnmr < 0.8
    assert rows["ideal"] < rows["fidelity"] < rows["random"] - 0.1
    assert abs(rows["guess"] - rows["random"]) < 0.03


def test_discarding_needs_persons():
    subject = Subject("assessor-x", "t.csv", "own", HEADS, recogniser="judge")
    data = examined(people=20, vectors=True)
    for picture in data.pictures:
        del picture.facts["person"]
    with pytest.raises(InvalidInput, match="names the person"):
        evaluate(subject, data, group_by=(), resamples=100)


def test_no_picture_is_no_evaluation():
    with pytest.raises(InvalidInput, match="at least one picture"):
        collect([])


def test_the_page_says_what_was_done(result):
    page = as_markdown(result)
    assert all(f"| {head} |" in page for head in HEADS)
    for words in (
        "40 persons",
        "four-parameter logistic",
        "Holm",
        "Widest gap",
        "line 3: expected",
    ):
        assert words in page
    without = evaluate(SUBJECT, examined(widths=False), group_by=(), resamples=100)
    for picture in without.examined.pictures:
        del picture.facts["person"]
    assert "persons unknown" in as_markdown(without)


def test_the_files(result, tmp_path):
    pytest.importorskip("matplotlib", reason="needs matplotlib (the test extra)")
    written = write_report(result, tmp_path)
    names = {path.name for path in written}
    assert names == {"evaluation.md", "evaluation.json", "evaluation.csv", "scatter.png"}
    document = json.loads((tmp_path / "evaluation.json").read_text())
    parts = {row["part"] for row in document["rows"]}
    assert parts == {"agreement", "contrast", "fairness", "problem"}
    with (tmp_path / "evaluation.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(result.agreements)
    assert float(rows[0]["srcc_low"]) < float(rows[0]["srcc"])
    assert (tmp_path / "scatter.png").read_bytes().startswith(b"\x89PNG")
