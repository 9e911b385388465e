"""What every adapter promises, run over each of them on one picture of two colours.

The adapters are the rows of adapter_rows.py, beside this file.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest


def load_rows() -> ModuleType:
    place = Path(__file__).with_name("adapter_rows.py")
    spec = importlib.util.spec_from_file_location("adapter_rows", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules["adapter_rows"] = module
    spec.loader.exec_module(module)
    return module


adapters = load_rows()

FACE = (slice(150, 230), slice(110, 160)), (slice(150, 230), slice(235, 285))
"""Inside the face of the whole card, left and right of its middle."""
HALVES = (slice(100, 400), slice(60, 200)), (slice(100, 400), slice(312, 450))


@pytest.fixture(params=adapters.ROWS)
def row(request: pytest.FixtureRequest) -> Any:
    return adapters.ROWS[request.param]


@pytest.fixture
def picture(row: Any, card: np.ndarray, whole_card: np.ndarray) -> np.ndarray:
    return card if row[0] else whole_card


def test_what_is_accepted_is_brighter_and_red_stays_left(
    row: Any, picture: np.ndarray, guard_of: Any, request: pytest.FixtureRequest
) -> None:
    given = picture.copy()
    run = row[1](adapters.Kit(guard_of(), False, request))
    first, decisions = run(given)
    again, _ = run(given)

    assert decisions == ["ACCEPT"]
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert np.array_equal(given, picture)
    left, right = (first[part].mean(axis=(0, 1)) for part in (HALVES if row[0] else FACE))
    assert left == pytest.approx([220, 60, 60], abs=4)
    assert right == pytest.approx([60, 60, 220], abs=4)


def test_what_is_refused_keeps_every_byte(
    row: Any, picture: np.ndarray, guard_of: Any, refusing: Any, request: pytest.FixtureRequest
) -> None:
    pixels, decisions = row[1](adapters.Kit(guard_of(refusing), False, request))(picture.copy())
    assert decisions == ["REJECT"]
    assert np.array_equal(pixels, picture)


def test_what_fails_says_so_and_keeps_every_byte(
    row: Any, picture: np.ndarray, guard_of: Any, request: pytest.FixtureRequest
) -> None:
    pixels, decisions = row[1](adapters.Kit(guard_of(), True, request))(picture.copy())
    assert decisions == ["FAILED"]
    assert np.array_equal(pixels, picture)


def test_a_mixture_lies_between(
    row: Any, picture: np.ndarray, guard_of: Any, accepting: Any, request: pytest.FixtureRequest
) -> None:
    guard = guard_of(accepting)
    guard.judge_of_pairs = HalfwayJudge()
    pixels, decisions = row[1](adapters.Kit(guard, False, request))(picture.copy())
    assert decisions == ["BLEND"]
    part = HALVES[0] if row[0] else FACE[0]
    assert pixels[part].mean(axis=(0, 1)) == pytest.approx([200, 40, 40], abs=4)


class HalfwayJudge:
    """Blends everything by half."""

    assessor = SimpleNamespace(name="none")

    def judge(self, restoration: Any, policy: Any, source: Any = None) -> Any:
        from facefidelity.core.scores import QualityScores
        from facefidelity.guards.judgement import Judgement
        from facefidelity.guards.verdict import Decision, Evidence, Reason, Verdict

        scores = QualityScores(50, 50, 50, 50, 50, 50)
        evidence = Evidence(scores, scores, 0.9, "none", None, 50, 0.9, 0.9, 0.0, 0.1)
        mixed = (restoration.lq.astype(int) + restoration.hq) // 2
        verdict = Verdict(
            Decision.BLEND, 0.5, (Reason.BLEND_WITHIN_RISK,), policy.name, evidence, "half"
        )
        return Judgement(verdict, mixed.astype(np.uint8))
