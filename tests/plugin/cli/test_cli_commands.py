"""The command line as a user types it: exit codes, one-line errors, JSON and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.images import read_picture
from facefidelity.core.scores import HEADS
from facefidelity.plugin.cli.main import run

COMPARE_KEYS = {
    "before",
    "after",
    "scores_before",
    "scores_after",
    "cosine_similarity",
    "fidelity_given_source",
    "identity_state",
    "identity_risk",
    "decision",
    "blend",
    "reasons",
}


@pytest.fixture
def small(astronaut) -> np.ndarray:
    return np.ascontiguousarray(astronaut[:260, 90:350])


def json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_restore_writes_picture_log_and_report(small, put_picture, tmp_path, capsys):
    photo, out = put_picture("in/photo.png", small), tmp_path / "out"
    arguments = ["restore", str(photo), "-o", str(out), "--restorer", "classical", "--report"]
    assert run([*arguments, "--format", "json"]) == 0
    printed = json_lines(capsys.readouterr().out)
    logged = json_lines((out / "decisions.jsonl").read_text())
    assert printed == logged
    assert len(logged) == 1
    assert logged[0]["decision"] in {"ACCEPT", "BLEND", "REJECT"}
    assert (out / "photo.png").is_file()
    assert "<script>" in (out / "report.html").read_text()
    assert sorted(p.name for p in out.iterdir()) == [
        "decisions.jsonl",
        "journal.sqlite",
        "photo.png",
        "report.html",
        "report_drift",
    ]
    assert [p.name for p in (out / "report_drift").iterdir()] == ["picture-1-1.png"]


def test_restore_twice_gives_the_same_bytes(small, put_picture, tmp_path):
    photo = put_picture("in/photo.png", small)
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        assert run(["restore", str(photo), "-o", str(out), "--restorer", "classical"]) == 0
    first, second = ((out / "photo.png").read_bytes() for out in outs)
    assert first == second


def test_observe_delivers_the_input(small, put_picture, tmp_path):
    photo, out = put_picture("in/photo.png", small), tmp_path / "out"
    words = [
        "restore",
        str(photo),
        "-o",
        str(out),
        "--restorer",
        "classical",
        "--policy",
        "observe",
    ]
    assert run(words) == 0
    assert read_picture(out / "photo.png").pixels.tobytes() == small.tobytes()


def test_bad_inputs_are_named_and_the_rest_goes_on(small, put_picture, tmp_path, capsys):
    good = put_picture("in/good.png", small)
    folder = good.parent
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("this is no picture")
    (folder / "cut.png").write_bytes(good.read_bytes()[:2000])
    (folder / "loop").symlink_to(folder)
    odd = Path(os.fsdecode(os.path.join(os.fsencode(folder), b"odd\xff.png")))
    odd.write_bytes(good.read_bytes())
    put_picture("in/pixel.png", np.zeros((1, 1, 3), np.uint8))
    out = tmp_path / "out"
    words = ["restore", str(folder), "-o", str(out), "--restorer", "classical", "--format", "json"]
    assert run([*words, str(tmp_path / "missing.png")]) == 1
    captured = capsys.readouterr()
    complaints = captured.err.strip().splitlines()
    assert len(complaints) == 4
    for name in ("empty.jpg", "text.jpg", "cut.png", "missing.png"):
        assert sum(name in line for line in complaints) == 1
    assert {Path(r["path"]).name for r in json_lines(captured.out)} == {
        "good.png",
        "odd\\udcff.png",
    }
    written = {p.name.encode("utf-8", "surrogateescape") for p in out.iterdir()}
    assert written == {
        b"decisions.jsonl",
        b"good.png",
        b"journal.sqlite",
        b"odd\xff.png",
        b"pixel.png",
    }


def test_two_inputs_of_one_name_do_not_overwrite_each_other(small, put_picture, tmp_path, capsys):
    one, two = put_picture("a/x.png", small), put_picture("b/x.png", small)
    out = tmp_path / "out"
    assert run(["restore", str(one), str(two), "-o", str(out), "--restorer", "classical"]) == 1
    assert "already writes" in capsys.readouterr().err


def test_an_input_is_never_overwritten(small, put_picture, capsys):
    photo = put_picture("in/photo.png", small)
    before = photo.read_bytes()
    assert run(["restore", str(photo), "-o", str(photo.parent), "--restorer", "classical"]) in {
        1,
        2,
    }
    assert photo.read_bytes() == before
    assert capsys.readouterr().err.count("\n") == 1


def test_assess_prints_the_contract(small, put_picture, capsys):
    photo = put_picture("in/photo.png", small)
    assert run(["assess", str(photo), "--format", "json"]) == 0
    (record,) = json_lines(capsys.readouterr().out)
    assert {"path", "face", "box", "landmarks", "scores"} <= set(record)
    assert set(record["scores"]) == set(HEADS)
    assert np.array(record["landmarks"]).shape == (5, 2)


def test_assess_says_why_there_is_no_score(put_picture, capsys):
    flat = put_picture("in/flat.png", np.full((90, 90, 3), 99, np.uint8))
    assert run(["assess", str(flat), "--format", "json"]) == 0
    (record,) = json_lines(capsys.readouterr().out)
    assert (record["face"], record["problem"]) == (None, "no face found")


def test_compare_prints_the_contract_and_writes_png(astronaut_face, put_picture, tmp_path, capsys):
    lq = put_picture("before/x.png", astronaut_face.pixels)
    brighter = np.clip(astronaut_face.pixels * 1.1, 0, 255).astype(np.uint8)
    put_picture("after/x.png", brighter)
    out = tmp_path / "out"
    words = ["compare", str(lq.parent), str(tmp_path / "after"), "--aligned", "-o", str(out)]
    assert run([*words, "--format", "json"]) == 0
    (record,) = json_lines(capsys.readouterr().out)
    assert set(record) >= COMPARE_KEYS
    assert record["identity_state"] in {"kept", "lost", "never_there"}
    assert (out / "x.png").is_file()


def test_compare_of_whole_pictures_uses_one_affine(small, put_picture, tmp_path, capsys):
    before = put_picture("before.png", small)
    after = put_picture("after.png", np.repeat(np.repeat(small, 2, 0), 2, 1))
    out = tmp_path / "out"
    words = ["compare", str(before), str(after), "-o", str(out), "--format", "json"]
    assert run(words) == 0
    (record,) = json_lines(capsys.readouterr().out)
    assert record["landmark_shift"] is None or record["landmark_shift"] < 0.05
    assert read_picture(out / "after.png").pixels.shape == (520, 520, 3)


def test_compare_asks_reference_pictures(small, astronaut, put_picture, capsys):
    photo = put_picture("enrolled.png", astronaut)
    before, after = put_picture("before/a.png", small), put_picture("after/a.png", small // 2 + 60)
    words = ["compare", str(before), str(after), "--format", "json", "--reference", str(photo)]
    assert run(words) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["references"]["pictures"] == 1
    assert record["references"]["embedder"] == "dlib-degraded-v1"
    assert record["references"]["probability_before"] > 0.9


def test_compare_of_a_picture_with_itself_failed(astronaut_face, put_picture, capsys):
    same = put_picture("x.png", astronaut_face.pixels)
    assert run(["compare", str(same), str(same), "--aligned", "--format", "json"]) == 0
    (record,) = json_lines(capsys.readouterr().out)
    assert (record["decision"], record["reasons"]) == ("FAILED", ["RESTORER_DID_NOTHING"])


def test_compare_names_what_has_no_partner(small, put_picture, tmp_path, capsys):
    put_picture("before/x.png", small)
    put_picture("after/y.png", small)
    words = ["compare", str(tmp_path / "before"), str(tmp_path / "after")]
    assert run(words) == 1
    assert capsys.readouterr().err.count("no picture called") == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["restore", "PHOTO"], 2, "output"),
        (["restore", "PHOTO", "-o", "OUT", "--restorer", "gfpgn"], 2, "did you mean"),
        (["restore", "PHOTO", "-o", "OUT", "--policy", "strickt"], 2, "did you mean strict"),
        (["restore", "PHOTO", "-o", "OUT", "--set", "strength"], 2, "key=value"),
        (["restore", "PHOTO", "-o", "OUT", "--set", "input_size=9999"], 2, "input_size"),
        (["restore", "PHOTO", "-o", "OUT", "--ext", "exe"], 2, "--ext"),
        (["restore", "EMPTY", "-o", "OUT"], 2, "found none"),
        (["restore", "PHOTO", "-o", "OUT", "--restorer", "codeformer-onnx"], 1, "models pull"),
        (["compare", "PHOTO", "EMPTY"], 2, "two files or two folders"),
        (["compare", "PHOTO", "PHOTO", "--report"], 2, "-o"),
        (["bogus"], 2, "bogus"),
    ],
)
def test_wrong_use_is_one_line(
    words, code, said, small, put_picture, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path / "home"))
    photo = put_picture("in/photo.png", small)
    (tmp_path / "empty").mkdir()
    places = {"PHOTO": photo, "OUT": tmp_path / "out", "EMPTY": tmp_path / "empty"}
    assert run([str(places.get(word, word)) for word in words]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_every_command_shows_an_example(capsys):
    for command in (["restore"], ["assess"], ["compare"], ["models", "list"], ["doctor"]):
        assert run([*command, "--help"]) == 0
        assert "Example: facefidelity" in capsys.readouterr().out


def test_the_decisions_of_an_earlier_run_are_kept(small, put_picture, tmp_path) -> None:
    photo, out = put_picture("in/photo.png", small), tmp_path / "out"
    words = ["-o", str(out), "--restorer", "classical"]
    assert run(["restore", str(photo), *words]) == 0
    first = (out / "decisions.jsonl").read_bytes()
    assert run(["restore", str(tmp_path / "missing.png"), *words]) == 1
    assert (out / "decisions.jsonl").read_bytes() == b""
    assert (out / "decisions.previous.jsonl").read_bytes() == first


def test_a_failing_restorer_is_named_and_counted(small, put_picture, tmp_path, capsys) -> None:
    photo, out = put_picture("in/photo.png", small), tmp_path / "out"
    assert run(["restore", str(photo), "-o", str(out), "--restorer", "identity"]) == 1
    captured = capsys.readouterr()
    assert "photo.png: face 0" in captured.err
    assert read_picture(out / "photo.png").pixels.tobytes() == small.tobytes()


def test_an_output_folder_that_cannot_be_made_is_wrong_use(put_picture, capsys) -> None:
    picture = put_picture("in/flat.png", np.full((60, 60, 3), 90, np.uint8))
    assert run(["restore", str(picture), "-o", str(picture / "sub")]) == 2
    assert "folder" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX signals")
def test_a_stopped_batch_leaves_whole_files(small, put_picture, tmp_path) -> None:
    for number in range(150):
        put_picture(f"in/{number:03d}.png", small)
    out = tmp_path / "out"
    # A shell's background job starts with SIGINT ignored, and so would the batch.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code = heed + "from facefidelity.plugin.cli.main import main; main()"
    words = ["restore", str(tmp_path / "in"), "-o", str(out), "--restorer", "classical"]
    batch = subprocess.Popen(
        [sys.executable, "-c", code, *words, "--report"], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(out.glob("*.png"))) < 2:
        time.sleep(0.05)
    batch.send_signal(signal.SIGINT)
    _, said = batch.communicate(timeout=60)
    assert batch.returncode == 130
    assert said == "facefidelity: stopped; what was written is whole\n"
    pictures = sorted(out.glob("*.png"))
    assert 2 <= len(pictures) < 150
    assert all(read_picture(path).pixels.shape == small.shape for path in pictures)
    kinds = {p.suffix for p in out.iterdir() if p.name != "report_drift"}
    assert kinds == {".png", ".jsonl", ".html", ".sqlite"}
    json_lines((out / "decisions.jsonl").read_text())
