"""The command line: a mix of pictures and clips, JSON, and errors of one sentence."""

from __future__ import annotations

import json
import shutil

import cv2
import numpy as np
import pytest

from facefidelity.plugin.cli.main import run

from .conftest import head_frame

CLASSICAL = ["--restorer", "classical", "--set", "strength=0", "--no-isolate"]


@pytest.fixture
def astronaut_clip(astronaut, put_clip):
    """Three frames of her head moving to the right."""
    frames = [
        np.ascontiguousarray(astronaut[0:240, 130 - 2 * number : 370 - 2 * number])
        for number in range(3)
    ]
    return put_clip("clips/in/gate.mov", frames, sound=True)


@pytest.fixture(autouse=True)
def _folder(tmp_path):
    (tmp_path / "clips" / "in").mkdir(parents=True)


def test_restore_does_pictures_and_clips(astronaut, astronaut_clip, put_picture, tmp_path, capsys):
    put_picture("clips/small.png", cv2.resize(astronaut, (256, 256)))
    out = tmp_path / "out"
    words = ["restore", str(tmp_path / "clips"), "-o", str(out), *CLASSICAL]
    assert run([*words, "--detect-every", "5", "--format", "json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (out / "small.png").exists()
    assert (out / "in" / "gate.mp4").exists()
    assert (out / "in" / "gate.decisions.jsonl").exists()
    kinds = [line.get("kind", "picture") for line in lines]
    assert kinds == ["picture", "clip", "track"]
    assert (lines[1]["frames"], lines[1]["tracks"]) == (3, 1)


def test_bestshot_writes_a_face_and_its_line(astronaut_clip, tmp_path, capsys):
    out = tmp_path / "faces"
    assert run(["bestshot", str(astronaut_clip), "-o", str(out), "--detect-every", "3"]) == 0
    assert "1 people" in capsys.readouterr().out
    (line,) = (out / "bestshots.jsonl").read_text().splitlines()
    assert json.loads(line)["picture"].endswith("gate_track001.png")


def test_a_broken_clip_is_named_and_the_next_one_is_done(put_clip, tmp_path, capsys):
    (tmp_path / "clips" / "a.mp4").write_bytes(b"no clip at all")
    put_clip("clips/b.mp4", [head_frame([])] * 3)
    out = tmp_path / "out"
    assert run(["restore", str(tmp_path / "clips"), "-o", str(out), *CLASSICAL]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "a.mp4: expected a clip in" in said.err
    assert "no face found" in said.out
    assert [path.name for path in sorted(out.iterdir())] == ["b.decisions.jsonl", "b.mp4"]


def test_two_clips_of_one_name_do_not_overwrite_each_other(put_clip, tmp_path, capsys):
    first = put_clip("clips/a.mp4", [head_frame([])] * 3)
    shutil.copy(first, tmp_path / "clips" / "a.m4v")
    words = ["restore", str(tmp_path / "clips"), "-o", str(tmp_path / "out"), *CLASSICAL]
    assert run(words) == 1
    assert "already writes" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["restore", "bestshot"])
def test_a_clip_that_is_not_there_is_named(command, tmp_path, capsys):
    assert run([command, str(tmp_path / "none.mp4"), "-o", str(tmp_path / "out")]) == 1
    assert "none.mp4" in capsys.readouterr().err


def test_what_holds_of_pictures_only_is_refused_beside_a_clip(put_clip, tmp_path, capsys):
    clip = put_clip("clips/a.mp4", [head_frame([])] * 3)
    assert run(["restore", str(clip), "-o", str(tmp_path / "out"), "--aligned"]) == 2
    assert "expected pictures beside --aligned" in capsys.readouterr().err


def test_bestshot_wants_a_score_that_exists_and_clips(tmp_path, capsys):
    assert run(["bestshot", str(tmp_path), "-o", str(tmp_path / "o"), "--by", "beauty"]) == 2
    assert run(["bestshot", str(tmp_path / "clips"), "-o", str(tmp_path / "o")]) == 2
    assert "expected clips" in capsys.readouterr().err
