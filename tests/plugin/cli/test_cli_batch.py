"""Batches as a user types them: processes, going on, and the journal's commands."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from facefidelity.plugin.batch.local import InProcess, open_engine
from facefidelity.plugin.batch.pool import WorkerPool
from facefidelity.plugin.batch.recipe import GuardRecipe
from facefidelity.plugin.cli import tally as tally_module
from facefidelity.plugin.cli.main import run

WORDS = ["--restorer", "classical", "--set", "strength=0"]


@pytest.fixture
def folder(astronaut, put_picture, tmp_path: Path) -> Path:
    for number in range(3):
        put_picture(f"in/{number}.png", np.ascontiguousarray(astronaut[:230, 90 + number : 340]))
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    return tmp_path / "in"


def stable_lines(out: Path) -> list[dict]:
    lines = [json.loads(line) for line in (out / "decisions.jsonl").read_text().splitlines()]
    for line in lines:
        del line["output"], line["seconds"]
        for candidate in line["candidates"]:
            del candidate["seconds"]
    return lines


def test_two_jobs_give_the_bytes_of_one(folder, tmp_path, capsys) -> None:
    outs = [tmp_path / "one", tmp_path / "two"]
    for out, more in zip(outs, ([], ["--jobs", "2", "--report"]), strict=True):
        assert run(["restore", str(folder), "-o", str(out), *WORDS, *more]) == 1
        assert capsys.readouterr().err.count("broken.png") == 2
    pictures = [[(out / f"{number}.png").read_bytes() for number in range(3)] for out in outs]
    assert pictures[0] == pictures[1]
    assert stable_lines(outs[0]) == stable_lines(outs[1])
    digests = []
    for out in outs:
        assert run(["journal", "summary", str(out), "--format", "json"]) == 0
        digests.append(json.loads(capsys.readouterr().out)["digest"])
    assert digests[0] == digests[1]
    assert (outs[1] / "report.html").read_text().count("picture-") > 3


def test_resume_and_the_journals_commands(folder, tmp_path, capsys) -> None:
    out, table = tmp_path / "out", tmp_path / "table.csv"
    words = ["restore", str(folder), "-o", str(out), *WORDS]
    assert run([*words, "--resume"]) == 1
    capsys.readouterr()
    assert run([*words, "--resume"]) == 1
    assert "3 pictures (3 done earlier)" in capsys.readouterr().out
    assert run([*words, "--resume", "--policy", "strict"]) == 2
    said = capsys.readouterr().err
    assert "guards policy name strict, was balanced" in said
    assert said.count("\n") == 1
    assert run(["journal", "verify", str(out)]) == 0
    assert "unbroken" in capsys.readouterr().out
    assert run(["journal", "export", str(out), "-o", str(table)]) == 0
    capsys.readouterr()
    rows = list(csv.DictReader(table.open()))
    assert [row["kind"] for row in rows] == ["picture", "face"] * 3 + ["picture"]
    assert {row["restorer"] for row in rows if row["kind"] == "face"} == {"classical"}
    assert "expected a picture" in rows[-1]["problem"]
    (out / "1.png").write_bytes(b"changed")
    assert run(["journal", "verify", str(out), "--format", "json"]) == 1
    (finding,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (finding["kind"], Path(finding["path"]).name) == ("output", "1.png")


def test_parquet_holds_the_same_table(folder, tmp_path, capsys) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow (the parquet extra)")
    out = tmp_path / "out"
    run(["restore", str(folder / "0.png"), "-o", str(out), *WORDS])
    for suffix in ("parquet", "jsonl"):
        target = str(tmp_path / f"table.{suffix}")
        assert run(["journal", "export", str(out), "-o", target, "--format", "json"]) == 0
    table = parquet.read_table(tmp_path / "table.parquet").to_pylist()
    lines = [json.loads(line) for line in (tmp_path / "table.jsonl").read_text().splitlines()]
    assert table == lines
    assert len(table) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["journal", "summary", "NONE"], "expected a journal"),
        (["journal", "export", "NONE", "-o", "x.xlsx"], ".parquet, .csv, .jsonl"),
        (["restore", "IN", "-o", "OUT", "--jobs", "2", "--no-isolate"], "leave one away"),
        (["restore", "IN", "-o", "OUT", "--jobs", "0"], "equal to 1"),
    ],
)
def test_wrong_use_of_batches_is_one_line(folder, tmp_path, capsys, words, said) -> None:
    places = {"NONE": tmp_path / "none", "IN": folder, "OUT": tmp_path / "out"}
    assert run([str(places.get(word, word)) for word in words]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_the_table_stays_short(folder, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(tally_module, "_MOST_ROWS", 1)
    run(["restore", str(folder), "-o", str(tmp_path / "out"), *WORDS])
    assert "and 2 more, all in decisions.jsonl" in capsys.readouterr().out


def test_networks_with_several_pictures_get_a_process_that_can_be_ended(monkeypatch) -> None:
    built: list[object] = []
    monkeypatch.setattr(WorkerPool, "__init__", lambda self, *args, **options: built.append(args))
    monkeypatch.setattr(GuardRecipe, "build", lambda self, **options: built.append("here"))
    network, filters = GuardRecipe(restorer="realesrgan"), GuardRecipe(restorer="classical")
    assert isinstance(open_engine(network, 2), WorkerPool)
    assert isinstance(open_engine(network, 1), InProcess)
    assert isinstance(open_engine(network, 2, isolate=False), InProcess)
    assert isinstance(open_engine(filters, 2), InProcess)
    assert isinstance(open_engine(filters, 2, isolate=True), WorkerPool)
    assert isinstance(open_engine(filters, 9, jobs=3), WorkerPool)
    assert [one[1] for one in built if one != "here"] == [1, 1, 3]
