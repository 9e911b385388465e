"""A disk that fills up: one clear line each, whole files only, nothing hidden."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, WriteFailed
from facefidelity.plugin.batch.local import guard_pictures
from facefidelity.plugin.batch.plan import plan_batch
from facefidelity.plugin.cli.main import run
from facefidelity.plugin.pipeline import Guard
from facefidelity.plugin.report import ReportWriter


@pytest.fixture
def photo(put_picture, astronaut) -> Path:
    return put_picture("in/photo.png", np.ascontiguousarray(astronaut[:260, 90:350]))


def test_a_log_that_cannot_be_written_stops_the_batch_in_one_sentence(
    photo, tmp_path, fake_judge, monkeypatch
) -> None:
    plans = plan_batch([photo], tmp_path / "out")
    guard = Guard("classical", judge=fake_judge)
    truly_open = Path.open

    def full(path: Path, mode: str = "r", *args, **options):
        if path.name == "decisions.jsonl" and mode == "a":
            raise OSError(errno.ENOSPC, "No space left on device")
        return truly_open(path, mode, *args, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(WriteFailed, match="No space left on device; the batch stops"):
        list(guard_pictures(plans, guard, tmp_path / "out" / "decisions.jsonl"))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "decisions.jsonl",
        "journal.sqlite",
        "photo.png",
    }
    assert (tmp_path / "out" / "decisions.jsonl").read_bytes() == b""


@pytest.mark.parametrize("step", ["add_picture", "write"])
def test_a_report_that_cannot_be_written_hides_nothing_else(
    photo, tmp_path, monkeypatch, capsys, step
) -> None:
    def full(*args, **options):
        raise InvalidInput("expected space for the report, got none; free the disk")

    monkeypatch.setattr(ReportWriter, step, full)
    words = ["restore", str(photo), "-o", str(tmp_path / "out"), "--restorer", "classical"]
    assert run([*words, "--report", "--format", "json"]) == 1
    captured = capsys.readouterr()
    assert len([json.loads(line) for line in captured.out.splitlines()]) == 1
    assert captured.err.count("\n") == 1
    assert "there will be no report" in captured.err
