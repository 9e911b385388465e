"""``bench guard`` as a user types it, with a guard and a recogniser that obey."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy (the test extra)")
pytest.importorskip("matplotlib", reason="needs matplotlib (the test extra)")

from facefidelity.core.images import write_picture
from facefidelity.plugin.cli.bench import guard_parts
from facefidelity.plugin.cli.main import run

from .conftest import PEOPLE, PixelRecogniser, capture_of, restored_of

FACTS = ("file", "person", "sex", "camera", "restoration", "source", "reference")


@pytest.fixture
def faked(fake_judge, monkeypatch):
    monkeypatch.setattr(guard_parts, "default_judge", lambda threads: fake_judge)
    monkeypatch.setattr(guard_parts, "open_recogniser", lambda name, threads: PixelRecogniser())


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Four captures with a restoration each, the last of somebody else; everybody's portrait."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "people").mkdir()
    for person in range(PEOPLE):
        portrait = np.full((64, 64, 3), 8 * person + 4, np.uint8)
        write_picture(folder / "people" / f"{person}.png", portrait)
    with (folder / "sfiqa_sim.csv").open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(FACTS)
        for person in range(4):
            lq = capture_of(person, person)
            hq = restored_of(lq, person if person < 3 else 20)
            for name, pixels in ((f"{person}_lq.png", lq), (f"{person}_hq.png", hq)):
                write_picture(folder / name, pixels)
                kind = "none" if name.endswith("lq.png") else "brighter"
                source, portrait = f"{person}_lq.png", f"people/{person}.png"
                writer.writerow([name, person, "female", "dome", kind, source, portrait])
    return folder


def command(folder: Path, *words: str) -> list[str]:
    faces = ["--gallery", str(folder / "people")]
    return ["bench", "guard", "--data", str(folder), "--recogniser", "x.onnx", *faces, *words]


def test_the_tables_and_the_report(folder, faked, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(command(folder, "--policy", "balanced", "--resamples", "100", "-o", str(out))) == 0
    told = capsys.readouterr()
    assert "30 people; with fewer than 400" in told.err
    assert "accept everything" in told.out
    assert "4 pairs, gallery of 30 people" in told.out
    rows = json.loads((out / "guard.json").read_text())["rows"]
    (found,) = (r for r in rows if r["part"] == "rule" and r["rule"] == "balanced")
    assert found["lost_among_all"] == 0.25
    page = (out / "guard.md").read_text()
    assert str(folder) not in page
    shown = re.findall(r"!\[[^]]*\]\(([^)]*)\)", page)
    assert shown
    assert all((out / name).is_file() for name in shown)


def test_json_lines_and_a_tuning_table(folder, faked, capsys):
    words = ["--policy", "balanced", "--tune", str(folder), "--limit", "3", "--format", "json"]
    assert run(command(folder, *words, "--resamples", "100")) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    subject = rows[0]
    assert (subject["pairs"], subject["gallery"], subject["tuned_on"]) == (3, 30, "sfiqa_sim.csv")
    assert any(row.get("rule", "").endswith(", tuned") for row in rows)


def test_rows_that_fail_are_named_and_the_rest_goes_on(folder, faked, capsys):
    lines = (folder / "sfiqa_sim.csv").read_text().splitlines()
    lines[2] = lines[2].replace("0_hq.png", "gone.png")
    lines[4] = lines[4].replace("1_hq.png,1,", "1_hq.png,nobody,").replace("people/1.png", "")
    broken = folder / "broken.csv"
    broken.write_text("\n".join(lines))
    words = command(folder, "--policy", "balanced", "--resamples", "100")
    words[3] = str(broken)
    assert run(words) == 1
    errors = capsys.readouterr().err.splitlines()
    assert any("line 3, gone.png" in line for line in errors)
    assert any("line 5" in line and "nobody" in line for line in errors)
    broken.unlink()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--policy", "observe"], "change pixels"),
        (["--policy", "bold"], "balanced"),
        (["--gallery", "nowhere"], "pristine"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(folder, faked, words, told, capsys, tmp_path):
    assert run(command(folder, *words)) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error


def test_a_table_without_restorations_is_refused(folder, faked, capsys):
    captures = folder / "captures.csv"
    lines = (folder / "sfiqa_sim.csv").read_text().splitlines()
    captures.write_text("\n".join(lines[:2]))
    words = command(folder)
    words[3] = str(captures)
    assert run(words) == 2
    assert "--restored N" in capsys.readouterr().err
    captures.unlink()


def test_the_guards_own_embedder_is_refused(folder, fake_judge, monkeypatch, capsys):
    monkeypatch.setattr(guard_parts, "default_judge", lambda threads: fake_judge)
    monkeypatch.setattr(guard_parts, "open_recogniser", lambda *a: fake_judge.embedder)
    assert run(command(folder)) == 2
    assert "own embedder" in capsys.readouterr().err
