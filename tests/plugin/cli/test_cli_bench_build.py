"""``bench build`` as a user types it, on mirrored and jittered copies of the astronaut's face."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from facefidelity.assessor.benchmark.build_plan import PAPER_CAMERAS
from facefidelity.assessor.benchmark.dataset import jitter
from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.benchmark.simulate import codecs
from facefidelity.assessor.benchmark.simulate.named import camera_names
from facefidelity.core.images import write_picture
from facefidelity.core.scores import HEADS
from facefidelity.plugin.cli.bench.build import build as build_command
from facefidelity.plugin.cli.main import app, run

NEEDS_AV = pytest.mark.skipif(find_spec("av") is None, reason="needs PyAV (the test extra)")
FAST = ["--cameras", "street_bullet", "--size", "3"]


@pytest.fixture(scope="module")
def faces(astronaut_face, tmp_path_factory) -> Path:
    """Four faces and their table: two for training, all four of the split that is asked for."""
    folder = tmp_path_factory.mktemp("pristine") / "faces"
    folder.mkdir()
    lines = ["file,sex,ethnicity,split"]
    for number in range(4):
        face = astronaut_face.pixels[:, ::-1] if number % 2 else astronaut_face.pixels
        moved = jitter(np.ascontiguousarray(face), np.random.default_rng(number))
        write_picture(folder / f"face{number}.png", moved)
        lines.append(f"face{number}.png,female,white,{'train' if number == 3 else 'test'}")
    (folder.parent / "faces.csv").write_text("\n".join(lines) + "\n")
    return folder


def build(faces: Path, out: Path, *words: str) -> int:
    return run(["bench", "build", "--faces", str(faces), "-o", str(out), *words])


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "sfiqa_sim.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def paper_set(faces, tmp_path_factory) -> Path:
    """The paper's three cameras, two shards of captures, in one process."""
    if find_spec("av") is None:
        pytest.skip("needs PyAV (the test extra)")
    out = tmp_path_factory.mktemp("one") / "set"
    table = str(faces.parent / "faces.csv")
    words = ["--table", table, "--split", "test", "--size", "15", "--restored", "1", "--seed", "3"]
    assert build(faces, out, *words) == 0
    return out


def test_two_processes_and_another_run_make_the_same_bytes(faces, paper_set, tmp_path):
    table = str(faces.parent / "faces.csv")
    words = ["--table", table, "--split", "test", "--size", "15", "--restored", "1", "--seed", "3"]
    assert build(faces, tmp_path / "set", *words, "--jobs", "2") == 0
    assert sums(tmp_path / "set") == sums(paper_set)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_the_table_says_what_is_in_the_folder(paper_set):
    rows = rows_of(paper_set)
    assert len(rows) == 15 + 3
    files = {path.relative_to(paper_set).as_posix() for path in paper_set.rglob("*.png")}
    assert {row["file"] for row in rows} == files
    assert {row["camera"] for row in rows} == set(PAPER_CAMERAS)
    assert {row["person"] for row in rows} == {"face0", "face1", "face2"}
    for row in rows:
        assert row["file"].startswith(f"images/{row['camera']}/")
        assert (row["sex"], row["ethnicity"], row["split"]) == ("female", "white", "test")
        assert all(0 <= float(row[head]) <= 100 for head in HEADS)
        assert json.loads(row["provenance"])["face_px"] > 0
        image = cv2.imread(str(paper_set / row["file"]))
        assert image.shape == (256, 256, 3)
    restored = [row for row in rows if row["restoration"] != "none"]
    assert len(restored) == 3
    captures = {row["file"]: row for row in rows if row["restoration"] == "none"}
    for row in rows:
        source = captures[row["source"]]
        assert (source["person"], source["camera"]) == (row["person"], row["camera"])
        assert (source is row) == (row["restoration"] == "none")
    night = [row["colorfulness"] for row in rows if row["camera"] == "night_ir"]
    assert max(map(float, night[2:])) < 2


def test_the_evaluation_reads_what_was_built(paper_set):
    rated = read_ratings(paper_set, find_preset("sfiqa-sim"))
    assert len(rated.pictures) == 18
    assert set(rated.heads) == set(HEADS)


def test_the_data_card_says_the_truth(paper_set):
    card = (paper_set / "DATA_CARD.md").read_text(encoding="utf-8")
    assert "not ratings by people" in card
    assert "15 captures of 3 people and 3 restorations of them (simulated restorers)" in card
    for name in PAPER_CAMERAS:
        assert f"| {name} | 5 | no |" in card
    assert "| female | white | 3 |" in card
    assert "--faces faces --table faces.csv --split test --cameras" in card
    assert "--size 15 --restored 1 --seed 3" in card
    assert str(paper_set.parent) not in card
    facts = json.loads((paper_set / "build.json").read_text())
    assert (facts["size"], facts["restored"], facts["seed"], facts["people"]) == (15, 1, 3, 3)
    assert facts["libraries"]["numpy"] == np.__version__
    assert facts["recognisers"][0] in card


def test_json_and_an_own_camera_without_a_table(faces, tmp_path, capsys):
    own = tmp_path / "mine.yaml"
    own.write_text(
        "name: mine\nsummary: a test\nface_px: [60, 60]\ncodec: jpeg\nquality: [70, 70]\n"
    )
    words = ["--cameras", str(own), "--size", "3", "--format", "json"]
    assert build(faces, tmp_path / "set", *words) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["pictures"], told["people"]) == (3, 3)
    assert Path(told["folder"]) == tmp_path / "set"
    rows = rows_of(tmp_path / "set")
    assert {row["camera"] for row in rows} == {"mine"}
    assert {row["sex"] for row in rows} == {"unknown"}
    card = (tmp_path / "set" / "DATA_CARD.md").read_text()
    assert "--cameras mine.yaml" in card
    assert "restorations" not in card


def test_a_broken_face_is_named_and_nothing_is_left(faces, tmp_path, capsys):
    bad = tmp_path / "faces"
    bad.mkdir()
    for path in faces.glob("*.png"):
        (bad / path.name).write_bytes(path.read_bytes())
    (bad / "face2.png").write_bytes((bad / "face2.png").read_bytes()[:5000])
    assert build(bad, tmp_path / "set", *FAST) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "face2.png" in line
    assert [path.name for path in tmp_path.iterdir()] == ["faces"]


def refused(capsys, faces: Path, out: Path, *words: str) -> str:
    before = sorted(out.parent.rglob("*"))
    assert build(faces, out, *words) in {1, 2}
    assert sorted(out.parent.rglob("*")) == before
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_folder_with_something_in_it_is_left_alone(faces, tmp_path, capsys):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("mine")
    assert "an empty or new folder" in refused(capsys, faces, tmp_path / "set", *FAST)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cameras", "periscope", "--size", "3"], "webcam_beauty"),
        (["--cameras", "night-ir", "--size", "3"], "did you mean night_ir"),
        (["--cameras", "none.yaml", "--size", "3"], "a camera's YAML file at none.yaml"),
        (["--cameras", ",", "--size", "3"], "at least one camera"),
        (["--cameras", "street_bullet,analogue_dvr", "--size", "3"], "2 cameras share evenly"),
        ([*FAST, "--restored", "4"], "0 to 3 restored captures"),
        ([*FAST, "--restorers", "magic"], "no restorer is called 'magic'"),
        ([*FAST, "--split", "test"], "expected --table with --split"),
        ([*FAST, "--table", "none.csv"], "a CSV of people at none.csv"),
    ],
)
def test_wrong_use_is_one_sentence(faces, tmp_path, capsys, words, told):
    assert told in refused(capsys, faces, tmp_path / "set", *words)


def test_a_split_of_nobody_names_the_splits(faces, tmp_path, capsys):
    table = str(faces.parent / "faces.csv")
    line = refused(capsys, faces, tmp_path / "set", *FAST, "--table", table, "--split", "exam")
    assert "'exam'" in line
    assert "test, train" in line


def test_too_few_faces(faces, tmp_path, capsys):
    few = tmp_path / "few"
    few.mkdir()
    (few / "a.png").write_bytes((faces / "face0.png").read_bytes())
    assert "at least 3 people, got 1" in refused(capsys, few, tmp_path / "set", *FAST)


def test_without_pyav_it_says_so_before_any_work(faces, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    codecs._pyav.cache_clear()
    try:
        line = refused(capsys, faces, tmp_path / "set", "--size", "3")
    finally:
        codecs._pyav.cache_clear()
    assert "facefidelity[bench]" in line


def test_the_help_names_every_camera():
    command = typer.main.get_command(app).commands["bench"].commands["build"]
    (option,) = [one for one in command.params if "--cameras" in one.opts]
    assert all(name in option.help for name in (*camera_names(), "random", "YAML"))
    assert option.default == ",".join(PAPER_CAMERAS)
    assert "facefidelity bench build --faces" in build_command.__doc__
