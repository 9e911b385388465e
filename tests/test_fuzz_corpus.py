"""What fuzzing found once stays mended: the corpus, and a few fresh inputs to every parser."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def load(name: str):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fuzz(request: pytest.FixtureRequest):
    pytest.importorskip("c2pa", reason="needs c2pa-python (the provenance extra)")
    load("fuzz_seeds")
    yield load("fuzz_targets"), load("fuzz")
    for name in ("fuzz_seeds", "fuzz_targets", "fuzz"):
        sys.modules.pop(name, None)


def test_every_kept_input_is_taken_or_refused(fuzz) -> None:
    targets, engine = fuzz
    wrong = [line for target in targets.make_targets() for line in engine.replay(target)]
    assert wrong == []
    known = {target.name for target in targets.make_targets()}
    assert {path.name for path in engine.CORPUS.iterdir() if path.is_dir()} <= known | {
        "onnx", "checkpoint", "safetensors",
    }  # fmt: skip


def test_whole_inputs_are_taken_and_bombs_refused(fuzz) -> None:
    targets, engine = fuzz
    for target in targets.make_targets():
        tally = engine.Tally()
        for data in target.seeds:
            engine.try_input(target, data, tally)
        assert tally.tried == len(target.seeds)
        assert tally.taken or target.name == "known_pairs", target.name


def test_changed_inputs_differ_and_repeat(fuzz) -> None:
    _, engine = fuzz
    changes = [(0.5, "insert", b"xx", 0), (0.0, "flip", b"y", 1), (1.0, "cut", b"z", 0)]
    assert engine._change(b"abcd", changes) == b"cbxxcd"
    assert engine._change(b"", changes) == engine._change(b"", changes)
