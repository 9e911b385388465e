"""Worker processes: the same results in the same order, and a bad picture costs itself only."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facefidelity.core.errors import InvalidInput, WeightsMissing, WorkerFailed
from facefidelity.plugin.batch.journal_reading import summarise
from facefidelity.plugin.batch.journal_verification import verify_journal
from facefidelity.plugin.batch.local import run_batch
from facefidelity.plugin.batch.pool import WorkerPool

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX signals")


@pytest.fixture
def run_pool(obedient, tmp_path: Path) -> Callable[..., list[Any]]:
    def run(folder: Path, jobs: int, **recipe: Any) -> list[Any]:
        out = tmp_path / f"out{jobs}"
        out.mkdir(exist_ok=True)
        pool = WorkerPool(obedient.ObedientRecipe(**recipe), jobs, slack_seconds=1.0)
        plans = obedient.plans_of(folder, out)
        return list(run_batch(plans, pool, out / "decisions.jsonl"))

    return run


def test_processes_change_nothing_in_the_result(
    inputs, run_here, run_pool, tmp_path, contents
) -> None:
    folder = inputs(*[f"{number:02d}" for number in range(20)], "bad")
    here = run_here(folder)
    there = run_pool(folder, 2, pause_seconds=0.005)
    assert [one.plan.source for one in there] == [one.plan.source for one in here]
    assert contents(tmp_path / "out2") == contents(tmp_path / "out")
    digests = [summarise(tmp_path / one / "journal.sqlite").digest for one in ("out", "out2")]
    assert digests[0] == digests[1]


def test_hanging_dying_and_slow_pictures_cost_themselves_only(inputs, run_pool, tmp_path) -> None:
    names = ("a", "b_hang", "c", "d_crash", "e", "f_once", "g_slow", "h")
    started = time.monotonic()
    outcomes = {one.plan.source.stem: one for one in run_pool(inputs(*names), 2)}
    assert time.monotonic() - started < 60
    assert list(outcomes) == list(names)
    failed = {name: one.error for name, one in outcomes.items() if one.error}
    assert set(failed) == {"b_hang", "d_crash"}
    assert "sign of life within 2 s" in failed["b_hang"]
    assert "ended 2 times (signal 11)" in failed["d_crash"]
    assert outcomes["f_once"].records[0]["decision"] == "ACCEPT"
    assert outcomes["g_slow"].records[0]["decision"] == "FAILED"
    found = summarise(tmp_path / "out2" / "journal.sqlite")
    assert found.pictures == {"DONE": 5, "FAILED": 2, "INCOMPLETE": 1}
    assert list(verify_journal(tmp_path / "out2")) == []


def test_a_restorer_that_hangs_is_gone_with_its_process(inputs, obedient, tmp_path) -> None:
    folder = inputs("a_slow", "b")
    with WorkerPool(obedient.ObedientRecipe(), 1) as pool:
        first = pool._workers[0].process_id
        worked = [one for _, one in pool.works(obedient.plans_of(folder, tmp_path))]
        assert [one.records[0]["decision"] for one in worked] == ["FAILED", "ACCEPT"]
        assert pool._workers[0].process_id != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        last = pool._workers[0].process_id
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


def test_nothing_is_lost_where_every_worker_is_replaced_again_and_again(
    inputs, obedient, tmp_path
) -> None:
    folder = inputs("a_slow", "b_slow", "c")
    with WorkerPool(obedient.ObedientRecipe(), 1) as pool:
        found = []
        for plan, _ in pool.works(iter(obedient.plans_of(folder, tmp_path))):
            found.append(plan.source.stem)
            time.sleep(0.3)
    assert found == ["a_slow", "b_slow", "c"]


def test_what_no_worker_can_do_ends_the_batch(inputs, run_pool) -> None:
    with pytest.raises(WeightsMissing, match="pull them"):
        run_pool(inputs("a", "unable"), 1)
    with pytest.raises(InvalidInput, match="nonsense"):
        run_pool(inputs("a"), 1, flavour="unbuildable")
    with pytest.raises(WorkerFailed, match="code 3"):
        run_pool(inputs("a"), 1, flavour="stillborn")


def test_few_pictures_are_under_way_at_once(inputs, obedient, tmp_path) -> None:
    folder = inputs(*[f"{number:03d}" for number in range(40)])
    taken = 0

    def plans():
        nonlocal taken
        for plan in obedient.plans_of(folder, tmp_path):
            taken += 1
            yield plan

    with WorkerPool(obedient.ObedientRecipe(), 1) as pool:
        for count, _ in enumerate(pool.works(plans()), start=1):
            time.sleep(0.002)
            assert taken - count <= 4
    assert taken == 40


def test_workers_end_with_their_parent(obedient, tmp_path) -> None:
    import subprocess
    import sys

    here = Path(obedient.__file__).parent
    code = (
        f"import sys, os, signal; sys.path.insert(0, {str(here)!r})\n"
        "import obedient_recipe\n"
        "from facefidelity.plugin.batch.pool import WorkerPool\n"
        "pool = WorkerPool(obedient_recipe.ObedientRecipe(), 1)\n"
        "pool.facts()\n"
        "print(pool._workers[0].process_id, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    words = [sys.executable, "-c", code]
    parent = subprocess.run(words, capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    worker = int(parent.stdout)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{worker}/stat")
        if state.exists() and state.read_text().split()[2] == "Z":
            return
        time.sleep(0.02)
    pytest.fail("the worker outlived its parent")
