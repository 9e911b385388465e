"""Parts for the tests of batches: a folder of inputs, and a worker that does what names say."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from facefidelity.plugin.batch.local import InProcess, run_batch

HERE = Path(__file__).parent


@pytest.fixture
def obedient(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of `ObedientRecipe`, importable in worker processes as well."""
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module("obedient_recipe")


@pytest.fixture
def inputs(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder of inputs that the obedient worker reads."""

    def make(*names: str) -> Path:
        folder = tmp_path / "in"
        for number, name in enumerate(names):
            path = folder / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"{number} {name}".encode() * 50)
        return folder

    return make


@pytest.fixture
def run_here(obedient: ModuleType, tmp_path: Path) -> Callable[..., list[Any]]:
    """Run a batch in this process: (folder, flavour, options of run_batch) to its outcomes."""

    def run(folder: Path, flavour: str = "plain", **options: Any) -> list[Any]:
        out = options.pop("out", tmp_path / "out")
        out.mkdir(exist_ok=True)
        engine = InProcess(obedient.ObedientWorker(flavour))
        plans = obedient.plans_of(folder, out)
        return list(run_batch(plans, engine, out / "decisions.jsonl", **options))

    return run


def contents(out: Path) -> dict[str, bytes]:
    """Every result below a folder, without the files that tell times."""
    told = {"decisions.jsonl", "decisions.previous.jsonl", "journal.sqlite"}
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in told
    }


@pytest.fixture(name="contents")
def contents_fixture() -> Callable[[Path], dict[str, bytes]]:
    return contents
