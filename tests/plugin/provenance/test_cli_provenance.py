"""The command line's side: labels by default, --no-label, --sign, verify, --redact, no network."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.core.images import write_picture
from facefidelity.plugin.cli.main import run
from facefidelity.plugin.provenance import verify_picture


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def folder(tmp_path: Path, astronaut: np.ndarray) -> Path:
    """A face that the classical filter improves, and a picture without any."""
    place = tmp_path / "Erika"
    place.mkdir()
    noise = np.random.default_rng(0).normal(0, 12, (160, 160, 3))
    small = cv2.resize(astronaut[20:240, 110:330], (160, 160), interpolation=cv2.INTER_AREA)
    write_picture(place / "Mustermann.png", np.clip(small + noise, 0, 255).astype(np.uint8))
    write_picture(place / "wall.png", np.full((48, 48, 3), 90, np.uint8))
    return place


def restore(folder: Path, *words: str) -> tuple[int, Path]:
    out = folder.parent / "out"
    given = [
        "restore",
        str(folder),
        "-o",
        str(out),
        "--restorer",
        "classical",
        "--policy",
        "lenient",
    ]
    return run([*given, *words]), out


def test_the_main_job_labels_without_any_network(folder: Path, offline: None) -> None:
    code, out = restore(folder)
    assert code == 0
    face, wall = (verify_picture(out / name).label for name in ("Mustermann.png", "wall.png"))
    assert (wall.state, wall.face_count) == ("unchanged", 0)
    assert face.face_count == 1
    assert face.state == ("edited" if face.faces[0].blend else "unchanged")


def test_no_label_is_warned_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = restore(folder, "--no-label")
    assert code == 0
    assert "warning: --no-label" in capsys.readouterr().err
    assert verify_picture(out / "wall.png").label is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--sign"], "beside --sign, got neither"),
        (["--key", "k.pem"], "expected --sign beside"),
        (["--sign", "--no-label"], "got both"),
    ],
)
def test_contradictions_are_wrong_use(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    code, out = restore(folder, *words)
    assert code == 2
    assert told in capsys.readouterr().err
    assert not out.exists()


def test_sign_and_verify(
    folder: Path, signer, offline: None, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--sign", "--certificate", str(signer.certificate), "--key", str(signer.key)]
    code, out = restore(folder, *words)
    assert code == 0
    capsys.readouterr()
    anchors = ["--trust-anchors", str(signer.authority)]
    assert run(["verify", str(out), *anchors, "--format", "json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["signature"]["state"] for one in lines] == ["trusted", "trusted"]
    assert all(one["tamper_evident"] for one in lines)

    broken = bytearray((out / "wall.png").read_bytes())
    broken[broken.index(b"ff:policy") + 12] ^= 1
    (out / "wall.png").write_bytes(broken)
    assert run(["verify", str(out)]) == 1
    assert "signature is broken" in capsys.readouterr().out


def test_verify_says_plainly_what_a_label_is_worth(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = restore(folder)
    capsys.readouterr()
    assert run(["verify", str(out / "wall.png"), str(folder / "wall.png")]) == 0
    said = capsys.readouterr().out
    assert "Not signed: anybody can change or remove this label" in said
    assert "proves nothing either way" in said
    assert run(["verify", str(folder / "none.png")]) == 1
    assert run(["verify", str(folder.parent / "out" / "decisions.jsonl")]) == 1


def test_redact_keeps_names_and_pictures_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = restore(folder, "--report", "--redact", "--format", "json")
    assert code == 0
    record = json.loads((out / "decisions.jsonl").read_text().splitlines()[0])
    assert record["path"] == "sha256:" + record["input_sha256"][:16]
    assert record["output"] == "sha256:" + record["output_sha256"][:16]
    page = (out / "report.html").read_text()
    for text in ((out / "decisions.jsonl").read_text(), page, capsys.readouterr().out):
        assert "Mustermann" not in text
        assert "Erika" not in text
    assert "data:image" not in page
    assert not (out / "report_drift").exists()


def test_records_never_hold_an_embedding(folder: Path) -> None:
    _, out = restore(folder)
    for line in (out / "decisions.jsonl").read_text().splitlines():
        assert longest_list(json.loads(line)) < 100  # an embedding has 128 numbers


def longest_list(value: object) -> int:
    if isinstance(value, dict):
        return max([0, *map(longest_list, value.values())])
    return max([len(value), *map(longest_list, value)]) if isinstance(value, list) else 0
