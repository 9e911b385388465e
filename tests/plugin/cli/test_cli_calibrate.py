"""`calibrate` from a table and from frames to a profile, and where no threshold holds."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.core.scores import QualityScores
from facefidelity.guards.profile import CameraProfile, load_profile, save_profile
from facefidelity.plugin.cameras import calibration_run
from facefidelity.plugin.cameras.weights import weights_in_use
from facefidelity.plugin.cli import calibrate_parts
from facefidelity.plugin.cli.main import run

pytest.importorskip("scipy", reason="needs scipy (the tune extra)")

PAIRS = 10
FREE = {"min_overall_gain": 0.0, "max_landmark_shift": 1.0, "min_consistency": 0.0}


@pytest.fixture
def profile(fake_judge, monkeypatch, tmp_path) -> Path:
    """A profile whose judge is quick and says what it is told."""
    monkeypatch.setattr(calibration_run, "default_judge", lambda _threads: fake_judge)
    monkeypatch.setattr(calibrate_parts, "open_recogniser", lambda *_: fake_judge.embedder)
    path = tmp_path / "gate.yaml"
    weights = weights_in_use(fake_judge, "classical", {})
    said = {"name": "gate", "restorer": "classical", "weights": weights, "thresholds": FREE}
    save_profile(CameraProfile(**said, tool_version="0", tuned_at="d"), path)
    return path


@pytest.fixture
def table(put_picture, astronaut_face, tmp_path) -> Path:
    """Ten restorations, the last of which is said to be lost."""
    rows = []
    for number in range(PAIRS):
        lq = cv2.convertScaleAbs(astronaut_face.pixels, beta=number)
        put_picture(f"lq{number}.png", lq)
        put_picture(f"hq{number}.png", cv2.convertScaleAbs(lq, beta=40))
        rows.append([f"lq{number}.png", f"hq{number}.png", int(number == PAIRS - 1)])
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="") as lines:
        csv.writer(lines).writerows([["lq", "hq", "lost"], *rows])
    return path


def sharpness(face: np.ndarray) -> QualityScores:
    edges = float(np.abs(cv2.Laplacian(face, cv2.CV_32F)).mean())
    return QualityScores(90, 90, 90, 90, 90, min(edges, 100.0))


def words_of(profile: Path, *more: str) -> list[str]:
    return ["calibrate", str(profile), "--aligned", "--alpha", "0.4", "--delta", "0.2", *more]


def test_a_table_calibrates_the_profile_and_again_changes_nothing(
    profile, table, capsys, tmp_path
) -> None:
    pytest.importorskip("matplotlib", reason="needs matplotlib (the tune extra)")
    plot, made = tmp_path / "gate.png", tmp_path / "made.yaml"
    words = words_of(profile, "--pairs", str(table), "-o", str(made), "--plot", str(plot))
    assert run([*words, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["profile"], told["pairs"], told["lost"]) == (str(made), PAIRS, 1)
    block = load_profile(made).calibration
    assert block is not None
    assert block.bound <= 0.4
    assert (block.truth, block.source) == ("given", "pairs")
    assert load_profile(profile).calibration is None
    assert plot.read_bytes().startswith(b"\x89PNG")
    before = made.read_bytes()
    again = words_of(made, "--pairs", str(table))
    assert run(again) == 0
    said = capsys.readouterr().out
    assert "with 80 % confidence" in said
    assert f"profile in {made}" in said
    assert made.read_bytes() == before


def test_frames_calibrate_the_profile_with_self_made_pairs(
    profile, fake_judge, put_picture, astronaut_face, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(
        fake_judge.assessor, "score_batch", lambda faces: [sharpness(face) for face in faces]
    )
    rng = np.random.default_rng(0)
    for number in range(8):
        noise = rng.normal(0, 2 + number, astronaut_face.pixels.shape)
        frame = np.clip(astronaut_face.pixels + noise, 0, 255).astype(np.uint8)
        put_picture(f"frames/{number}.png", frame)
    put_picture("frames/small.png", astronaut_face.pixels[:8, :8])
    code = run(words_of(profile, str(tmp_path / "frames"), "--self"))
    out, err = capsys.readouterr()
    assert code in {0, 1}
    assert "is the guard's own embedder" in err
    block = load_profile(profile).calibration
    assert block is not None, err
    assert (block.source, block.truth, block.pairs) == ("self", "fixed", 6)
    assert f"of 6 pairs {block.accepted} are delivered, 0 of them lost the person" in out


def test_where_no_threshold_holds_the_profile_stays_as_it_was(profile, table, capsys) -> None:
    before = profile.read_bytes()
    words = words_of(profile, "--pairs", str(table))
    words[words.index("0.4")] = "0.2"
    assert run(words) == 1
    err = capsys.readouterr().err
    assert "no threshold holds" in err
    assert "1 of 10 delivered faces lost the person" in err
    assert profile.read_bytes() == before


def test_too_few_pairs_are_refused_with_the_number_needed(profile, table, capsys) -> None:
    words = words_of(profile, "--pairs", str(table))
    words[words.index("0.4")] = "0.01"
    assert run(words) == 2
    assert "at least 161 pairs" in capsys.readouterr().err
