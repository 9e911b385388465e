"""400 hostile files among 50 good ones: nothing crashes or is lost, every failure is named."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from facefidelity.core.images import printable_path, read_picture

_HERE = Path(__file__).parent
_RUN = """
import json, resource, sys
from facefidelity.plugin.cli.main import run
code = run(sys.argv[2:])
whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
peak = max(resource.getrusage(who).ru_maxrss for who in whose)
with open(sys.argv[1], "w") as file:
    json.dump({"code": code, "peak_bytes": peak * 1024}, file)
"""
_MOST_BYTES = 2 << 30


def load_generator():
    spec = importlib.util.spec_from_file_location("hostile_files", _HERE / "hostile_files.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["hostile_files"] = module
    spec.loader.exec_module(module)
    return module


class Batch:
    """One run over the hostile folder, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.source, self.out = folder / "in", folder / "out"
        generator = load_generator()
        self.planted = generator.plant(self.source)
        assert (len(self.planted.good), self.planted.hostile) == (50, 400)
        self.started_in = folder / "elsewhere"
        self.started_in.mkdir()
        words = ["restore", str(self.source), "-o", str(self.out), "--restorer", "classical"]
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(folder / "said.json"), *words, "--format", "json"],
            cwd=self.started_in,
            capture_output=True,
            check=False,
            timeout=180,
        )
        self.stderr = done.stderr.decode("utf-8", "replace")
        self.stdout = done.stdout.decode("utf-8")
        said = folder / "said.json"
        assert said.exists(), f"the process died: {done.returncode} {self.stderr[-2000:]}"
        self.code, self.peak_bytes = json.loads(said.read_text()).values()
        self.named = dict(self._complaints())

    def _complaints(self):
        for line in self.stderr.splitlines():
            if line.startswith("facefidelity: "):
                name, _, why = line.removeprefix("facefidelity: ").partition(": expected ")
                yield name, why

    def result(self, name: bytes) -> Path:
        return (self.out / os.fsdecode(name)).with_suffix(".png")

    def complaint(self, name: bytes) -> str | None:
        return self.named.get(printable_path(self.source / os.fsdecode(name)))


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs pipes and links in the file system")
    return Batch(tmp_path_factory.mktemp("hostile"))


def test_every_good_picture_is_done(batch: Batch) -> None:
    missing = [name for name in batch.planted.good if not batch.result(name).is_file()]
    assert missing == []
    for name in batch.planted.good[:8]:
        before = read_picture(batch.source / os.fsdecode(name))
        assert read_picture(batch.result(name)).pixels.shape == before.pixels.shape


def test_every_bad_file_is_named_with_a_reason_and_has_no_result(batch: Batch) -> None:
    unnamed = [name for name in batch.planted.bad if not batch.complaint(name)]
    assert unnamed == []
    assert [name for name in batch.planted.bad if batch.result(name).exists()] == []


def test_every_other_file_is_either_done_or_named(batch: Batch) -> None:
    lost = [
        name
        for name in batch.planted.either
        if batch.result(name).is_file() == bool(batch.complaint(name))
    ]
    assert lost == []
    done = [name for name in batch.planted.either if batch.result(name).is_file()]
    assert len(done) > 60
    assert [
        name for name in batch.planted.either if name.startswith(b"odd-") and name not in done
    ] == []


def test_it_ends_in_order_within_two_gigabytes(batch: Batch) -> None:
    assert batch.code == 1
    assert batch.peak_bytes < _MOST_BYTES
    assert "Traceback" not in batch.stderr
    assert "unexpected" not in batch.stderr
    assert [json.loads(line) for line in batch.stdout.splitlines()] == []


def test_names_are_data_to_every_part(batch: Batch) -> None:
    """No name was run by a shell, and none reaches the terminal as it is."""
    assert list(batch.started_in.iterdir()) == []
    assert not list(batch.source.rglob("owned"))
    assert "\x1b[31m" not in batch.stderr
    assert "\u202e" not in batch.stderr
    partial = [path for path in batch.out.rglob("*") if path.name.endswith(".part")]
    assert partial == []
