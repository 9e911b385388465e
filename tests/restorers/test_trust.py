"""Weights of unknown source are refused before they are parsed, unless somebody trusts them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.errors import UntrustedWeights, WeightsMissing
from facefidelity.core.weights import registered_weights, require_trusted
from facefidelity.core.weights import trust as trust_module
from facefidelity.core.weights.verification import sha256_of
from facefidelity.plugin.candidates import make_candidates
from facefidelity.plugin.cli.main import run
from facefidelity.restorers.registry import create_restorer, restorer_info, restorer_names
from facefidelity.restorers.settings import parse_settings


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"certainly no network")
    return path


def test_an_unknown_file_is_refused_and_named(unknown: Path) -> None:
    with pytest.raises(UntrustedWeights, match="--trust") as refusal:
        require_trusted(unknown, trust=False)
    assert sha256_of(unknown)[:16] in str(refusal.value)
    require_trusted(unknown, trust=True)


def test_a_registered_file_is_taken_under_any_name(
    unknown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(registered_weights()[0], sha256=sha256_of(unknown))
    monkeypatch.setattr(trust_module, "registered_weights", lambda: (known,))
    require_trusted(unknown, trust=False)


def test_a_file_that_changed_is_asked_again(unknown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = replace(registered_weights()[0], sha256=sha256_of(unknown))
    monkeypatch.setattr(trust_module, "registered_weights", lambda: (known,))
    require_trusted(unknown, trust=False)
    unknown.write_bytes(b"something else altogether")
    with pytest.raises(UntrustedWeights):
        require_trusted(unknown, trust=False)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="No such file"):
        require_trusted(tmp_path / "none.onnx", trust=False)


@pytest.mark.parametrize(
    "name", [name for name in restorer_names() if name not in {"classical", "identity"}]
)
def test_every_restorer_with_weights_asks(name: str, unknown: Path) -> None:
    with pytest.raises(UntrustedWeights):
        create_restorer(name, weights=unknown)


def test_a_path_in_the_settings_is_refused_before_any_picture(unknown: Path) -> None:
    for name in ("onnx", "spandrel"):
        with pytest.raises(UntrustedWeights):
            make_candidates([(name, {"path": str(unknown)})])
    assert make_candidates([("onnx", {"path": str(unknown)})], trust=True)


def test_a_path_at_restore_time_is_refused_too(unknown: Path) -> None:
    restorer = create_restorer("onnx")
    settings = parse_settings(restorer_info("onnx"), {"path": str(unknown)})
    with pytest.raises(UntrustedWeights):
        restorer.restore(np.zeros((512, 512, 3), np.uint8), settings)


def test_the_command_line_says_it_in_one_sentence(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.png").write_bytes(b"never looked at")
    words = ["restore", str(tmp_path), "-o", str(tmp_path / "out"), "--restorer", "onnx"]
    assert run([*words, "--set", f"path={unknown}"]) == 2
    said = capsys.readouterr().err
    assert "say --trust" in said
    assert said.count("\n") == 1
    assert not list((tmp_path / "out").glob("*.png"))
