"""Ratings are kept answer by answer, and `bench mos` reads what was kept."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from facefidelity.assessor.benchmark.ratings import (
    RatingsFile,
    StudyPlan,
    average_ratings,
    open_study,
    read_ratings,
    screen_raters,
)
from facefidelity.core.errors import InvalidInput, WriteFailed
from facefidelity.core.images import write_picture

HEADS = ("noise", "overall")
PLAN = StudyPlan(tuple("abcde"), HEADS)


@pytest.fixture
def file(tmp_path: Path) -> RatingsFile:
    return RatingsFile(tmp_path / "ratings.csv", PLAN)


def rate_all(file: RatingsFile, rater: str, score: float = 3) -> None:
    while (shown := file.next_for(rater)) is not None:
        file.answer(rater, shown.order, dict.fromkeys(HEADS, score), 1.5)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_a_session_from_the_first_to_the_last_picture(file):
    rate_all(file, "ann")
    kept = rows(file.path)
    assert len(kept) == PLAN.length * len(HEADS)
    shown = [(one.image, str(one.order), str(one.repeat)) for one in PLAN.presentations("ann")]
    assert [(r["image"], r["order"], r["repeat"]) for r in kept[::2]] == shown
    assert {r["dimension"] for r in kept} == set(HEADS)
    assert {r["session"] for r in kept} == {PLAN.key}
    assert file.answered("ann") == PLAN.length
    assert file.next_for("ann") is None


def test_it_goes_on_where_it_stopped(file):
    shown = PLAN.presentations("ben")
    assert file.next_for("ben") == shown[0]
    assert file.answer("ben", 0, {"noise": 1, "overall": 5}) == shown[1]
    again = RatingsFile(file.path, PLAN)
    assert again.next_for("ben") == shown[1]
    assert again.next_for("ann") == PLAN.presentations("ann")[0]
    assert again.progress() == {"ben": 1}


@pytest.mark.parametrize("order", [0, 2, -1, 99])
def test_only_the_next_picture_is_answered(file, order):
    file.answer("ann", 0, {"noise": 1, "overall": 5})
    before = file.path.read_bytes()
    with pytest.raises(InvalidInput, match="picture 2"):
        file.answer("ann", order, {"noise": 1, "overall": 5})
    assert file.path.read_bytes() == before


@pytest.mark.parametrize(
    "scores",
    [
        {"noise": 1},
        {"noise": 1, "overall": None},
        {"noise": 0, "overall": 3},
        {"noise": 1, "overall": 5.5},
        {"noise": 1, "overall": float("nan")},
    ],
)
def test_half_an_answer_is_none(file, scores):
    with pytest.raises(InvalidInput):
        file.answer("ann", 0, scores)
    assert not file.path.exists()


def test_another_studys_file_is_refused(file):
    rate_all(file, "ann")
    other = RatingsFile(file.path, StudyPlan(tuple("abcdef"), HEADS))
    with pytest.raises(InvalidInput, match="another one"):
        other.next_for("ann")
    file.path.write_text("rater,image,dimension,score\nann,a,noise,3\n")
    with pytest.raises(InvalidInput, match="other columns"):
        file.answered("ann")


def test_a_full_disk_loses_only_the_answer_that_was_given(file, monkeypatch):
    file.answer("ann", 0, {"noise": 1, "overall": 5})
    before = file.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("facefidelity.core.files.os.fsync", full)
    with pytest.raises(WriteFailed, match="No space"):
        file.answer("ann", 1, {"noise": 1, "overall": 5})
    assert file.path.read_bytes() == before


def test_bench_mos_reads_it_and_the_repeats_count_once(file):
    for number, rater in enumerate(("ann", "ben", "cid")):
        rate_all(file, rater, 2 + number)
    table = read_ratings(file.path, "1-5")
    assert table.raters == ("ann", "ben", "cid")
    assert set(table.images) == set(PLAN.images)
    assert table.cube("noise").shape == (3, 5, 2)
    means = average_ratings(table, screen_raters(table))
    assert means.mean == pytest.approx(np.full((5, 2), 50.0))
    assert (means.raters == 3).all()


def test_a_folder_as_a_study(tmp_path):
    for name in ("b.png", "sub/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_picture(tmp_path / name, np.full((64, 64, 3), 90, np.uint8))
    study = open_study(tmp_path, heads=HEADS, scale="0-100", seed=4)
    assert study.plan.images == ("b.png", "sub/a.png")
    assert study.plan.practice()
    assert study.picture("sub/a.png").shape == (64, 64, 3)
    assert study.ratings.path == tmp_path / "ratings.csv"
    for name in ("../secret.png", "/etc/passwd", "c.png"):
        with pytest.raises(InvalidInput, match="picture of this study"):
            study.picture(name)


def test_a_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="found none"):
        open_study(tmp_path)
    with pytest.raises(InvalidInput, match="folder of pictures"):
        open_study(tmp_path / "nowhere")
