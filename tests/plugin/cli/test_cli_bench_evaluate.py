"""``bench evaluate`` as a user types it, on damaged crops of the astronaut."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy (the test extra)")
pytest.importorskip("matplotlib", reason="needs matplotlib (the test extra)")

from facefidelity.assessor.runtime import SHIPPED_WEIGHTS
from facefidelity.core.images import write_picture
from facefidelity.plugin.cli.main import run

QUICK = ["--no-peers", "--resamples", "100", "--threads", "1"]


@pytest.fixture(scope="module")
def table(astronaut_face, tmp_path_factory) -> Path:
    """24 pictures of one face: blur and noise from none to strong, rated accordingly."""
    folder = tmp_path_factory.mktemp("rated")
    face = cv2.resize(np.array(astronaut_face.pixels), (256, 256), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(0)
    with (folder / "ratings.csv").open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["file", "person", "camera", "noise", "sharpness"])
        for index in range(24):
            blur, grain = index % 6, index // 6
            picture = cv2.GaussianBlur(face, (0, 0), 0.8 * blur) if blur else face
            noisy = np.clip(picture + rng.normal(0, 8 * grain + 0.01, face.shape), 0, 255)
            write_picture(folder / f"{index}.png", noisy.astype(np.uint8))
            rating = [100 - 30 * grain, 100 - 18 * blur]
            writer.writerow([f"{index}.png", index % 8, "ab"[index % 2], *rating])
    return folder / "ratings.csv"


def test_the_report_and_the_tables(table, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["bench", "evaluate", "--data", str(table), "-o", str(out), *QUICK[1:]]
    assert run(words) == 0
    shown = capsys.readouterr().out
    assert "noise" in shown
    assert "laplacian" in shown
    assert "wrote" in shown
    document = json.loads((out / "evaluation.json").read_text())
    agreed = {
        (row["head"], row["predictor"]): row["srcc"]
        for row in document["rows"]
        if row["part"] == "agreement" and row["group_by"] == "all"
    }
    assert agreed["noise", document["assessor"]] > 0.8
    assert agreed["noise", "immerkaer"] > 0.8
    assert (out / "scatter.png").is_file()
    assert document["people"] == 8
    named = {
        document["rows"][i]["predictor"]
        for i in range(len(document["rows"]))
        if document["rows"][i]["part"] in {"agreement", "unavailable"}
    }
    assert {"niqe", "brisque"} <= named  # measured or said to be absent, never dropped


def test_json_lines_and_nothing_else(table, capsys):
    words = [
        "bench",
        "evaluate",
        "--data",
        str(table.parent),
        "--format",
        "json",
        "--group",
        "camera",
    ]
    assert run([*words, *QUICK]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["part"] for row in rows} == {"agreement"}
    assert {row["head"] for row in rows} == {"noise", "sharpness"}


def test_bad_rows_are_named_and_the_rest_goes_on(table, capsys):
    lines = table.read_text().splitlines()
    lines[2] = lines[2].replace(".png,", ".gone,", 1)
    lines[3] = ",".join([*lines[3].split(",")[:3], "nan", "50"])
    (table.parent / "page.png").write_bytes(b"not a picture")
    lines.append("page.png,1,a,50,50")
    broken = table.with_name("broken.csv")
    broken.write_text("\n".join(lines))
    assert run(["bench", "evaluate", "--data", str(broken), *QUICK]) == 1
    told = capsys.readouterr()
    errors = told.err.splitlines()
    assert [
        f"broken.csv, line {n}: expected" in line
        for n, line in zip((3, 4, 26), errors, strict=True)
    ] == [True] * 3
    assert "22" in told.out
    broken.unlink()


def test_a_baseline_on_the_same_pictures(table, capsys):
    words = ["bench", "evaluate", "--data", str(table), "--format", "json", *QUICK]
    assert run([*words, "--baseline", str(SHIPPED_WEIGHTS)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    verdicts = {row["verdict"] for row in rows if row["part"] == "contrast"}
    assert verdicts == {"same"}


def test_faces_are_found_where_they_are_not_aligned(astronaut, tmp_path, capsys):
    write_picture(tmp_path / "whole.png", astronaut)
    write_picture(tmp_path / "empty.png", np.full((90, 160, 3), 128, np.uint8))
    (tmp_path / "r.csv").write_text("file,overall\nwhole.png,80\nempty.png,10\n")
    words = ["bench", "evaluate", "--data", str(tmp_path), *QUICK]
    assert run([*words, "--align"]) == 1
    assert "found none" in capsys.readouterr().err
    assert run([*words, "--aligned"]) == 1
    assert "run with --align" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--preset", "gfiqa"], "gfiqa-20k"),
        (["--columns", "file"], "key=name"),
        (["--columns", "beauty=x"], "beauty"),
        (["--columns", "overall=MOS"], "overall=MOS"),
        (["--scale", "5"], "low:high"),
        (["--group", "age"], "camera"),
        (["--baseline", "laplacien"], "laplacian"),
        (["--recogniser", "nobody"], "sface"),
        (["--lower-is-better", "beauty"], "beauty"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(table, words, told, capsys):
    base = [word for word in QUICK if word != "--no-peers" or "--baseline" not in words]
    assert run(["bench", "evaluate", "--data", str(table), *base, *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_the_table_is_never_written_over(table, tmp_path, capsys):
    copy = tmp_path / "evaluation.csv"
    copy.write_text(table.read_text())
    assert run(["bench", "evaluate", "--data", str(copy), "-o", str(tmp_path), *QUICK]) == 2
    assert copy.read_text() == table.read_text()
    assert "choose another -o" in capsys.readouterr().err
