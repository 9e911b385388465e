"""``facefidelity models``: what it prints, what it asks, and its exit codes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from facefidelity.core.errors import ChecksumMismatch, InvalidInput, NotRegistered
from facefidelity.core.weights import WeightsFile, WeightsStore, registered_weights
from facefidelity.plugin.cli import models

BODY = b"weights of a small network"


def small(name: str, commercial_use: str) -> WeightsFile:
    return WeightsFile(
        name=name,
        url=f"https://example.org/{name}",
        size_bytes=len(BODY),
        sha256=hashlib.sha256(BODY).hexdigest(),
        licence=f"licence of {name}",
        commercial_use=commercial_use,
        used_by=("test",),
    )


class HandyStore(WeightsStore):
    """Pulls by writing the bytes itself."""

    def pull(self, name: str, progress: object = None) -> Path:
        if not self.path(name).exists():
            self.path(name).write_bytes(BODY)
        return self.require(name)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsStore:
    store = HandyStore(tmp_path, files=[small("free.onnx", "yes"), small("limited.onnx", "no")])
    monkeypatch.setattr(models, "_store", lambda: store)
    return store


def run(*arguments: str) -> Result:
    return CliRunner().invoke(models.app, list(arguments))


def json_lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_list_shows_every_registered_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    text, lines = run("list"), json_lines(run("list", "--format", "json"))
    assert [line["name"] for line in lines] == [file.name for file in registered_weights()]
    for file in registered_weights():
        assert file.name in text.stdout
        assert file.licence in text.stdout
    assert {line["state"] for line in lines} == {"missing"}
    assert not (tmp_path / "weights").exists()


def test_list_as_json_tells_state_and_facts(store: WeightsStore) -> None:
    store.path("free.onnx").write_bytes(BODY)
    store.path("limited.onnx").write_bytes(b"wrong")
    free, limited = json_lines(run("list", "--format", "json"))
    assert (free["state"], limited["state"]) == ("present", "corrupt")
    assert free["path"] == str(store.path("free.onnx"))
    assert limited["licence"] == "licence of limited.onnx"


def test_pull_shows_the_licence_first(store: WeightsStore) -> None:
    result = run("pull", "free.onnx")
    assert result.exit_code == 0
    licence, done = result.stdout.splitlines()
    assert "licence of free.onnx" in licence
    assert "commercial use: yes" in licence
    assert str(store.path("free.onnx")) in done


def test_pull_of_a_limited_licence_needs_a_yes(store: WeightsStore) -> None:
    refused = run("pull", "free.onnx", "limited.onnx")
    assert isinstance(refused.exception, InvalidInput)  # which the command line ends with 2
    assert re.search(r"limited\.onnx .* run again with --yes", str(refused.exception))
    assert "licence of limited.onnx" in refused.stdout
    assert not store.path("limited.onnx").exists()
    assert not store.path("free.onnx").exists()
    assert run("pull", "limited.onnx", "--yes").exit_code == 0
    assert run("pull", "limited.onnx").exit_code == 0  # here already: nothing to agree to


def test_pull_as_json_prints_json_lines_only(store: WeightsStore) -> None:
    result = run("pull", "limited.onnx", "--yes", "--format", "json")
    licence, done = json_lines(result)
    assert (licence["event"], licence["commercial_use"]) == ("licence", "no")
    assert (done["event"], done["path"]) == ("pulled", str(store.path("limited.onnx")))
    assert result.stderr == ""


def test_errors_reach_the_border_as_our_own(store: WeightsStore) -> None:
    assert isinstance(run("pull", "fre.onnx").exception, NotRegistered)
    assert isinstance(run("where", "fre.onnx").exception, NotRegistered)
    assert isinstance(run("verify", "fre.onnx").exception, NotRegistered)
    store.path("free.onnx").write_bytes(b"wrong")
    assert isinstance(run("pull", "free.onnx").exception, ChecksumMismatch)
    assert store.path("free.onnx").read_bytes() == b"wrong"


def test_verify_checks_what_is_here(store: WeightsStore) -> None:
    empty = run("verify")
    assert (empty.exit_code, "no weights file is in" in empty.stdout) == (0, True)
    store.path("free.onnx").write_bytes(BODY)
    assert run("verify").stdout == "free.onnx: ok\n"
    store.path("limited.onnx").write_bytes(b"wrong")
    result = run("verify", "--format", "json")
    assert result.exit_code == 1
    assert [line["state"] for line in json_lines(result)] == ["present", "corrupt"]
    assert result.stderr == "facefidelity: not usable: limited.onnx\n"


def test_verify_of_a_named_file_that_is_missing_fails_with_the_line(store: WeightsStore) -> None:
    result = run("verify", "free.onnx")
    assert result.exit_code == 1
    assert "run: facefidelity models pull free.onnx" in result.stdout


def test_where_prints_only_the_place(store: WeightsStore) -> None:
    assert run("where").stdout == f"{store.root}\n"
    assert run("where", "free.onnx").stdout == f"{store.path('free.onnx')}\n"
    assert json_lines(run("where", "--format", "json")) == [{"root": str(store.root)}]
    (line,) = json_lines(run("where", "free.onnx", "--format", "json"))
    assert line["state"] == "missing"


@pytest.mark.parametrize("command", ["list", "pull", "verify", "where"])
def test_every_help_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"facefidelity models {command}" in result.stdout
