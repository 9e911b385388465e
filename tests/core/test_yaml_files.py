"""YAML from anywhere: plain, bounded, and refused in one sentence where it is not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.yaml_files import read_yaml, shown_value


@pytest.fixture
def put(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "x.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_plain_data_is_read(put) -> None:
    assert read_yaml(put("a: [1, {b: c}]\n"), "a file") == {"a": [1, {"b": "c"}]}
    assert read_yaml(put(""), "a file") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &x [1]\nb: *x\n", "alias"),
        ("[" * 20_000, "levels"),
        ("!!python/object/apply:os.system [id]", "could not determine a constructor"),
        (b"\xff\xfe\x00", "codec"),
        ("a: [", "expected the node content"),
        ("{[]: 1}", "unhashable"),
        ("? {a: 1}\n: 2", "unhashable"),
        ("2026-99-99", "month"),
        ("9" * 5000, "digits"),
    ],
)
def test_anything_else_is_refused(put, text: str | bytes, told: str) -> None:
    with pytest.raises(InvalidInput, match="expected a file at") as refusal:
        read_yaml(put(text), "a file")
    assert told in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_a_large_file_is_not_read(put) -> None:
    path = put("a: 1\n")
    with path.open("ab") as file:
        file.truncate(9 << 20)
    with pytest.raises(InvalidInput, match="8 MiB"):
        read_yaml(path, "a file")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.yaml"):
        read_yaml(tmp_path / "none.yaml", "a file")


def test_a_value_that_is_huge_once_written_out_is_shown_short() -> None:
    value: list[object] = ["x"] * 9
    for _ in range(12):
        value = [value] * 9
    started = time.perf_counter()
    assert len(shown_value(value)) <= 60
    assert shown_value("abc") == "'abc'"
    assert time.perf_counter() - started < 1
