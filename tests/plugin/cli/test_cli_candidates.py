"""``--candidates`` on the command line, with a judge that says what it is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facefidelity.core.protocols import RestorerInfo
from facefidelity.plugin import pipeline
from facefidelity.plugin.cli.main import run
from facefidelity.restorers import registry
from facefidelity.restorers.settings import NoSettings


class Broken:
    info = RestorerInfo("broken", "test", 0, NoSettings, "none", "yes", "a test")

    def restore(self, face, settings):
        raise RuntimeError("boom")


@pytest.fixture
def photo(astronaut_face, put_picture, fake_judge, monkeypatch):
    """Path of an aligned face; the judge is a fake and "broken" is registered."""
    monkeypatch.setattr(pipeline, "default_judge", lambda threads: fake_judge)
    monkeypatch.setattr(registry, "_entries", registry._entries)
    registry.register_restorer(Broken.info, Broken)
    return put_picture("in/face.png", np.array(astronaut_face.pixels[::4, ::4]))


def test_every_candidate_is_recorded_and_a_failing_one_is_named(photo, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["restore", str(photo), "-o", str(out), "--aligned", "--report", "--format", "json"]
    assert run([*words, "--candidates", "broken,classical:strength=0.2|0.6,identity"]) == 0
    captured = capsys.readouterr()
    (record,) = [json.loads(line) for line in captured.out.splitlines()]
    assert record == json.loads((out / "decisions.jsonl").read_text())
    tried = [(one["restorer"], one["settings"].get("strength")) for one in record["candidates"]]
    assert tried == [("broken", None), ("classical", 0.2), ("classical", 0.6), ("identity", None)]
    assert all(one["seconds"] >= 0 for one in record["candidates"])
    assert [one["chosen"] for one in record["candidates"]].count(True) == 1
    assert record["restorer"] == "classical"
    complaints = captured.err.splitlines()
    assert len(complaints) == 2
    assert "a candidate failed: broken failed" in complaints[0] and "boom" in complaints[0]
    assert "identity" in complaints[1]
    page = (out / "report.html").read_text("utf-8")
    assert "Candidates" in page and "classical (strength=0.2)" in page


def test_it_fails_where_every_candidate_does(photo, tmp_path, capsys):
    words = ["restore", str(photo), "-o", str(tmp_path / "out"), "--aligned"]
    assert run([*words, "--candidates", "broken,identity"]) == 1
    assert "boom" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--candidates", "classical:strength"],
        ["--candidates", "classical", "--restorer", "identity"],
        ["--candidates", "classical", "--set", "strength=0.1"],
        ["--candidates", "clasical"],
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(words, photo, tmp_path, capsys):
    assert run(["restore", str(photo), "-o", str(tmp_path / "out"), "--aligned", *words]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and captured.out == ""
