from __future__ import annotations

import json

import pytest

from facefidelity.guards.profile import (
    CameraDescription,
    CameraProfile,
    WeightsHashes,
    save_profile,
)
from facefidelity.plugin.cli.main import run


@pytest.fixture
def profile(tmp_path):
    weights = WeightsHashes(assessor="a", embedder="e", risk_model="r", restorer="")
    path = tmp_path / "gate.yaml"
    kept = CameraDescription(faces=40, scores={"overall": tuple(map(float, range(40)))})
    save_profile(
        CameraProfile(
            name="gate",
            restorer="classical",
            weights=weights,
            camera=kept,
            tool_version="0",
            tuned_at="d",
        ),
        path,
    )
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--pairs CSV or --self"),
        (["--pairs", "x.csv", "--self"], "--pairs CSV or --self"),
        (["--self"], "frames with --self"),
        (["frames", "--pairs", "x.csv"], "frames with --self only"),
        (["--pairs", "x.csv", "--alpha", "0"], "alpha between 0 and 1"),
    ],
)
def test_calibrate_refuses_what_it_cannot_mean(profile, capsys, words, said):
    assert run(["calibrate", str(profile), *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--policy", "strict"], ["--restorer", "classical"]])
def test_an_option_that_the_profile_decides_is_refused_beside_it(profile, capsys, option, tmp_path):
    words = ["restore", "x.png", "-o", str(tmp_path / "out"), "--camera", str(profile), *option]
    assert run(words) == 2
    assert f"expected --camera or {option[0]}, got both" in capsys.readouterr().err


def test_weights_other_than_the_profile_s_are_refused_where_that_is_asked(
    profile, capsys, tmp_path
):
    words = ["restore", "x.png", "-o", str(tmp_path / "out"), "--camera", str(profile)]
    assert run([*words, "--strict-profile"]) == 1
    assert "assessor a in the profile" in capsys.readouterr().err


def test_a_record_names_the_camera_and_too_few_faces_are_said(
    profile, capsys, astronaut, put_picture, tmp_path
):
    picture = str(put_picture("frames/a.png", astronaut[:256, 128:384]))
    out = ["-o", str(tmp_path / "out"), "--format", "json"]
    assert run(["restore", picture, *out, "--camera", str(profile)]) == 0
    told = capsys.readouterr()
    record = json.loads(told.out)
    assert (record["camera"], len(record["camera_sha256"])) == ("gate", 64)
    assert record["policy"] == "gate (balanced)"
    assert told.err.count("weights differ") == 1
    assert run(["camera-check", str(profile), picture, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["alike"], found["faces"]) == (False, 1)
    assert "too few faces" in found["sentence"]


def test_one_batch_serves_many_cameras_and_goes_on_where_no_rule_matches(
    capsys, astronaut, put_picture, tmp_path
):
    cameras = tmp_path / "cameras"
    for name, strength in (("gate", 0.0), ("yard", 1.0)):
        save_profile(
            CameraProfile(
                name=name,
                restorer="classical",
                settings={"strength": strength},
                weights=WeightsHashes(assessor="a", embedder="e", risk_model="r", restorer=""),
                tool_version="0",
                tuned_at="d",
            ),
            cameras / f"{name}.yaml",
        )
    rules = (
        "rules:\n  - {profile: gate.yaml, name: 'gate_*'}\n  - {profile: yard.yaml, folder: yard}\n"
    )
    (cameras / "routes.yaml").write_text(rules)
    face = astronaut[:256, 128:384]
    for name in ("gate_1.png", "yard/a.png", "elsewhere.png"):
        put_picture(f"frames/{name}", face)
    out = tmp_path / "out"
    words = [str(tmp_path / "frames"), "-o", str(out), "--camera", str(cameras)]
    assert run(["restore", *words, "--format", "json"]) == 1
    told = capsys.readouterr()
    records = [json.loads(line) for line in told.out.splitlines()]
    found = {(one["camera"], one["policy"], one["settings"]["strength"]) for one in records}
    assert found == {("gate", "gate (balanced)", 0.0), ("yard", "yard (balanced)", 1.0)}
    assert "elsewhere.png" in told.err
    assert "no rule of" in told.err
    assert (out / "gate_1.png").is_file()
    assert (out / "yard" / "a.png").is_file()
