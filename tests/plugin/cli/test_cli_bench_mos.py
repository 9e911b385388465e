"""``bench mos`` and head calibration as a user runs them: files, exit codes, no half files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings as read_rated
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.benchmark.ratings import RatingTable
from facefidelity.assessor.benchmark.ratings.raters import Panel, simulate_ratings
from facefidelity.assessor.calibration import load_calibration
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import HEADS
from facefidelity.plugin.cli.bench.calibration import run_head_calibration
from facefidelity.plugin.cli.formats import OutputFormat
from facefidelity.plugin.cli.main import run

pytest.importorskip("scipy", reason="needs scipy (the bench extra)")


def write_ratings(table: RatingTable, path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["rater", "image", "dimension", "score"])
        columns = zip(table.rater, table.image, table.head, table.score, strict=True)
        writer.writerows((table.raters[r], table.images[i], HEADS[h], s) for r, i, h, s in columns)
    return path


@pytest.fixture
def ratings(tmp_path) -> Path:
    """Twenty raters, the last one a spammer whom the screening finds, 300 pictures."""
    rng = np.random.default_rng(0)
    truth = {"noise": rng.uniform(5, 95, 300), "overall": rng.uniform(5, 95, 300)}
    table = simulate_ratings(truth, Panel(spammer_share=0.05), seed=0)
    return write_ratings(table, tmp_path / "ratings.csv")


def json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_it_writes_one_row_a_picture_and_names_who_was_left_out(ratings, tmp_path, capsys):
    out = tmp_path / "made" / "mos.csv"
    assert run(["bench", "mos", str(ratings), "-o", str(out), "--format", "json"]) == 0
    printed = json_lines(capsys.readouterr().out)
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(rows) == 300
    assert list(rows[0])[:5] == ["file", "noise", "noise_ci", "noise_sd", "noise_n"]
    told = [line for line in printed if line["kind"] == "mos"]
    assert [line["file"] for line in told] == [row["file"] for row in rows]
    assert float(rows[7]["overall"]) == told[7]["overall"]
    rejected = [line for line in printed if line["kind"] == "rejected"]
    assert {"spammer-19"} == {line["rater"] for line in rejected}
    assert all("far from the others" in line["reason"] for line in rejected)
    assert rows[0]["overall_n"] == "19"
    assert [p.name for p in out.parent.iterdir()] == ["mos.csv"]


def test_without_screening_everybody_counts(ratings, tmp_path, capsys):
    out = tmp_path / "mos.csv"
    words = ["bench", "mos", str(ratings), "-o", str(out), "--no-screening", "--format", "json"]
    assert run(words) == 0
    assert {line["kind"] for line in json_lines(capsys.readouterr().out)} == {"mos"}
    assert next(csv.DictReader(out.open(encoding="utf-8")))["overall_n"] == "20"


def test_the_text_and_the_page_say_who_was_rejected_and_why(ratings, tmp_path, capsys):
    out, page = tmp_path / "mos.csv", tmp_path / "mos.md"
    assert run(["bench", "mos", str(ratings), "-o", str(out), "--report", str(page)]) == 0
    text = capsys.readouterr().out
    assert "rejected in noise: spammer-19" in text
    written = page.read_text(encoding="utf-8")
    assert "| spammer-19 | overall |" in written
    assert "BT.500-15" in written
    assert "left out" in written
    assert "correlation with the others" in written


def test_a_name_cannot_break_the_page(tmp_path):
    path = tmp_path / "ratings.csv"
    lines = [f'"a|b<script>",p{i}.png,noise,{1 + i % 5}' for i in range(5)]
    path.write_text("rater,image,dimension,score\n" + "\n".join(lines))
    page = tmp_path / "mos.md"
    words = ["bench", "mos", str(path), "-o", str(tmp_path / "mos.csv"), "--report", str(page)]
    assert run(words) == 0
    written = page.read_text(encoding="utf-8")
    assert "a\\|b\\<script\\>" in written
    assert "under six raters" in written


def test_evaluation_reads_what_it_writes(ratings, tmp_path):
    out = tmp_path / "mos.csv"
    run(["bench", "mos", str(ratings), "-o", str(out)])
    rated = read_rated(out, find_preset("sfiqa-sim"))
    assert rated.heads == ("noise", "overall")
    assert len(rated.pictures) == 300
    assert not rated.problems
    first = next(csv.DictReader(out.open(encoding="utf-8")))
    assert rated.pictures[0].ratings["noise"] == pytest.approx(float(first["noise"]))
    assert rated.pictures[0].half_widths["noise"] == pytest.approx(float(first["noise_ci"]))


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("rater,image,dimension,score\na,p,noise,9\n", [], "line 2"),
        ("rater,image,dimension,score\na,p,noice,3\n", [], "did you mean noise"),
        ("rater,image,dimension,score\na,p,noise,3\n", ["--scale", "1-9"], "one of '1-5', '0-"),
    ],
)
def test_wrong_input_is_one_line_and_writes_nothing(tmp_path, capsys, text, words, told):
    path, out = tmp_path / "ratings.csv", tmp_path / "mos.csv"
    path.write_text(text)
    assert run(["bench", "mos", str(path), "-o", str(out), *words]) == 2
    complaint = capsys.readouterr().err
    assert told in complaint
    assert complaint.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["ratings.csv"]


def test_the_ratings_are_never_overwritten(ratings, tmp_path, capsys):
    before = ratings.read_bytes()
    assert run(["bench", "mos", str(ratings), "-o", str(ratings)]) == 2
    out = str(tmp_path / "x.csv")
    assert run(["bench", "mos", str(ratings), "-o", out, "--report", str(ratings)]) == 2
    assert run(["bench", "mos", str(ratings), "-o", out, "--report", out]) == 2
    assert "other names" in capsys.readouterr().err
    assert ratings.read_bytes() == before


@pytest.fixture
def rated_faces(astronaut_face, tmp_path) -> Path:
    """Twelve blurs of one face, rated on another scale than the assessor's, and a CSV of them."""
    face = cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)
    assessor = Assessor(threads=1)
    rows = []
    for number, sigma in enumerate(np.linspace(0.4, 5, 12)):
        blurred = cv2.GaussianBlur(face, (0, 0), float(sigma))
        name = f"face-{number}.png"
        cv2.imwrite(str(tmp_path / name), cv2.cvtColor(blurred, cv2.COLOR_RGB2BGR))
        rows.append((name, 30 + assessor.score(blurred).sharpness / 2))
    table = tmp_path / "mos.csv"
    lines = "".join(f"{name},{score:.2f}\n" for name, score in rows)
    table.write_text("file,sharpness\n" + lines)
    return table


def test_heads_are_calibrated_from_a_table_of_pictures(rated_faces, tmp_path, capsys):
    out = tmp_path / "calibration.json"
    assert run_head_calibration(rated_faces, out) == 0
    fitted = load_calibration(out)
    assert list(fitted.heads) == ["sharpness"]
    assert fitted.assessor == Assessor(threads=1).name
    found = fitted.heads["sharpness"]
    assert found.pictures == 12
    assert found.rmse_after < 0.3 * found.rmse_before
    assert "sharpness" in capsys.readouterr().out


def test_a_calibration_tells_programs_in_json(rated_faces, tmp_path, capsys):
    out = tmp_path / "calibration.json"
    assert run_head_calibration(rated_faces, out, output_format=OutputFormat.json) == 0
    (line,) = json_lines(capsys.readouterr().out)
    assert (line["head"], line["pictures"]) == ("sharpness", 12)


def test_assess_uses_a_calibration(rated_faces, tmp_path, capsys):
    out, face = tmp_path / "calibration.json", str(tmp_path / "face-3.png")
    run_head_calibration(rated_faces, out)
    capsys.readouterr()
    words = ["assess", face, "--aligned", "--format", "json"]
    assert run(words) == 0
    assert run([*words, "--calibration", str(out)]) == 0
    before, after = (line["scores"]["sharpness"] for line in json_lines(capsys.readouterr().out))
    assert after == pytest.approx(30 + before / 2, abs=4)
    assert run([*words, "--calibration", str(rated_faces)]) == 2


def test_pictures_that_cannot_be_scored_are_named_and_the_others_used(
    rated_faces, tmp_path, capsys
):
    with rated_faces.open("a") as table:
        table.write("gone.png,50\nface-0.png,bad\n")
    out = tmp_path / "calibration.json"
    assert run_head_calibration(rated_faces, out) == 1
    complaints = capsys.readouterr().err.splitlines()
    assert any("gone.png" in line for line in complaints)
    assert any("line 15" in line for line in complaints)
    assert load_calibration(out).heads["sharpness"].pictures == 12


def test_too_few_rated_pictures_write_nothing(rated_faces, tmp_path):
    kept = rated_faces.read_text().splitlines()[:8]
    rated_faces.write_text("\n".join(kept))
    out = tmp_path / "calibration.json"
    with pytest.raises(InvalidInput, match=r"at least 10 rated pictures"):
        run_head_calibration(rated_faces, out)
    assert not out.exists()
