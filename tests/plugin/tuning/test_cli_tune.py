"""The command from frames to a profile that restores, on six degraded astronaut faces."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.faces import AlignedFace
from facefidelity.core.images import write_picture
from facefidelity.guards.profile import load_profile
from facefidelity.plugin.cli.main import run
from facefidelity.restorers.registry import restorer_info
from facefidelity.restorers.settings import parse_settings

pytest.importorskip("optuna", reason="needs optuna (the tune extra)")

QUICK = ["--aligned", "--restorers", "classical", "--trials", "1", "--pairs", "4"]


@pytest.fixture(scope="module")
def tuned(
    astronaut_frames: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("tuned")
    (folder / "frames").mkdir()
    for frame in astronaut_frames.iterdir():
        (folder / "frames" / frame.name).write_bytes(frame.read_bytes())
    (folder / "frames" / "broken.png").write_bytes(b"no picture")
    words = ["tune", str(folder / "frames"), *QUICK, "--camera", "gate", "--max-identity-loss"]
    words += ["0.3", "-o", str(folder / "gate.yaml"), "--report", str(folder / "gate.html")]
    return folder, words


def test_from_frames_to_profile_and_page(
    tuned: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, words = tuned
    assert run([*words, "--format", "json"]) == 1  # one frame cannot be read
    out, err = capsys.readouterr()
    assert "broken.png" in err
    (line,) = out.splitlines()
    told = json.loads(line)
    assert (told["faces"], told["pairs"], told["trials"]) == (6, 4, 1)
    assert any("only 6 faces" in said for said in told["warnings"])
    assert told["sentence"].startswith("For camera gate:")
    profile = load_profile(folder / "gate.yaml")
    assert (profile.name, profile.restorer) == ("gate", told["restorer"] or "realesrgan")
    parse_settings(restorer_info(profile.restorer), profile.settings)
    assert profile.frames is not None
    assert (profile.frames.pictures, profile.frames.faces) == (7, 6)
    assert profile.camera is not None
    assert 40 < profile.camera.face_px.median < 110
    page = (folder / "gate.html").read_text(encoding="utf-8")
    assert "http" not in re.sub(r'http-equiv|xmlns="[^"]*"', "", page)
    assert "<script" not in page
    assert told["sentence"].split(";")[0] in page


def test_a_second_run_takes_everything_over(
    tuned: tuple[Path, list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from facefidelity.plugin.tuning.measuring import FaceExaminer

    folder, words = tuned
    if not (folder / "gate.yaml").exists():
        assert run(words) == 1
    before = (folder / "gate.yaml").read_bytes()
    monkeypatch.setattr(FaceExaminer, "examine", lambda *_: pytest.fail("measured again"))
    capsys.readouterr()
    assert run(words) == 1
    out = capsys.readouterr().out
    assert "For camera gate:" in " ".join(out.split())
    assert (folder / "gate.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("count", "said"), [(0, "no face in 1 frames"), (1, "one face in 1 frames")]
)
def test_too_few_faces_are_refused_in_words(
    count: int,
    said: str,
    astronaut_face: AlignedFace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    picture = astronaut_face.pixels if count else np.full((512, 512, 3), 90, np.uint8)
    write_picture(tmp_path / "a.png", picture)
    words = [
        "tune",
        str(tmp_path / "a.png"),
        *QUICK,
        "--camera",
        "x",
        "-o",
        str(tmp_path / "x.yaml"),
    ]
    assert run(words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x.yaml").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["-o", "x.txt"], "expected --output as a .yaml"),
        (["-o", "x.yaml", "--restorers", "clasical"], "did you mean classical"),
        (["-o", "x.yaml", "--policy", "observe"], "only observes"),
        (["-o", "x.yaml", "--max-identity-loss", "2"], "between 0 and 1"),
    ],
)
def test_wrong_use_is_refused_before_any_work(
    wrong: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["tune", "frames", "--camera", "x", *wrong]) == 2
    assert said in capsys.readouterr().err


def test_without_optuna_the_extra_is_named(
    astronaut_frames: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "optuna", None)
    words = ["tune", str(astronaut_frames), *QUICK, "--camera", "x", "-o", str(tmp_path / "x.yaml")]
    assert run(words) == 1
    assert "facefidelity[tune]" in capsys.readouterr().err


def test_every_option_is_in_its_section() -> None:
    import typer

    from facefidelity.plugin.cli.main import app

    page = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
    section = page.split("## tune\n")[1].split("\n## ")[0]
    command = typer.main.get_command(app).commands["tune"]
    flags = {word for one in command.params for word in one.opts if word.startswith("--")}
    assert [one for one in flags - {"--output", "--format", "--help"} if one not in section] == []
