"""The search finds a known optimum, gives up early, and goes on after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest

from facefidelity.core.errors import WorkStopped, WriteFailed
from facefidelity.plugin.tuning.cache import ExaminedCache
from facefidelity.plugin.tuning.measuring import Examined
from facefidelity.plugin.tuning.outcomes import Trial
from facefidelity.plugin.tuning.proposals import Proposals
from facefidelity.plugin.tuning.search import Search, SearchPlan, SearchResult
from facefidelity.plugin.tuning.space import Choice, SearchSpace, spread_policies
from facefidelity.restorers.registry import restorer_info

pytest.importorskip("optuna", reason="needs optuna (the tune extra)")

SPACE = SearchSpace.of([restorer_info("classical")])


class KnownOptimum:
    """Twenty pairs on which one setting is best, the gain falling off with the distance to it."""

    def __init__(self, make, pairs: int = 20, slow: float = 0.0) -> None:
        self.make = make
        self.pairs = pairs
        self.slow = slow
        self.asked: Counter[str] = Counter()

    def __len__(self) -> int:
        return self.pairs

    def examine(self, choice: Choice, count: int, **_: object) -> list[Examined]:
        self.asked[choice.key] += 1
        values = dict(choice.settings)
        gain = 20 - 12 * abs(values["strength"] - 0.75) - 6 * abs(values["sharpen"] - 0.5)
        seconds = self.slow if values["strength"] == 1.0 else 0.1
        return [self.make(gain, 0.05, seconds=seconds)] * min(count, self.pairs)


def run(pairs: KnownOptimum, path: Path | None, **plan: object) -> SearchResult:
    made = SearchPlan(**{"trials": 30, "patience": 30, "budget": 0.05, **plan})
    return Search(SPACE, spread_policies(None), pairs, made).run(path, "camera")


def best(result: SearchResult) -> float:
    found = [one.best_within(0.05) for one in result.trials if one.complete]
    return max(one.merit for one in found if one is not None)


def test_finds_a_setting_near_the_optimum(examined) -> None:
    pairs = KnownOptimum(examined)
    result = run(pairs, None)
    assert len(result.trials) == 30
    assert len({one.choice.key for one in result.trials}) == 30
    assert best(result) >= 18.5
    assert any(one.problem and "behind" in one.problem for one in result.trials)
    assert result.trials[0].choice == SPACE.defaults()[0]


def test_the_same_seed_tries_the_same(examined) -> None:
    first, second = (run(KnownOptimum(examined), None, trials=12) for _ in range(2))
    assert [t.choice for t in first.trials] == [t.choice for t in second.trials]


def test_ends_with_the_grid_with_patience_and_with_time(examined) -> None:
    small = SearchSpace({"classical": {"strength": (0.0, 0.4, 1.0)}})

    class Small(KnownOptimum):
        def examine(self, choice: Choice, count: int, **given: object) -> list[Examined]:
            return [self.make(5.0)] * min(count, self.pairs)

    search = Search(small, spread_policies("strict"), Small(examined), SearchPlan(budget=0.05))
    result = search.run(None, "camera")
    assert (len(result.trials), result.stopped) == (3, "every choice was tried")
    patient = run(KnownOptimum(examined), None, patience=3)
    assert patient.stopped == "nothing better came in 3 trials"
    assert run(KnownOptimum(examined), None, seconds=0.0).stopped == "the time was over"


def test_what_is_too_slow_is_given_up_after_one_face(examined) -> None:
    result = run(KnownOptimum(examined, slow=9.0), None)
    slow = [one for one in result.trials if dict(one.choice.settings)["strength"] == 1.0]
    assert slow
    assert all(one.faces == 1 and "too slow: 9.0 s" in (one.problem or "") for one in slow)


def test_a_finished_record_is_taken_over_whole(examined, tmp_path: Path) -> None:
    path = tmp_path / "gate.study.db"
    first = run(KnownOptimum(examined), path, trials=8)
    again = run(KnownOptimum(examined), path, trials=8)
    assert again.reused == 8
    assert [one.choice for one in again.trials] == [one.choice for one in first.trials]
    more = run(KnownOptimum(examined), path, trials=11)
    assert (more.reused, len(more.trials)) == (8, 11)


def test_the_time_of_earlier_runs_counts(examined, tmp_path: Path, monkeypatch) -> None:
    class Slow(KnownOptimum):
        def examine(self, choice: Choice, count: int, **given: object) -> list[Examined]:
            time.sleep(0.03)
            return super().examine(choice, count, **given)

    path = tmp_path / "gate.study.db"
    run(Slow(examined), path, trials=4)
    assert 0.12 <= Proposals(SPACE, path, "camera", 0, 4).spent() < 60.0
    with monkeypatch.context() as patched:
        patched.setattr(Proposals, "spent", lambda _: 3600.0)
        over = run(KnownOptimum(examined), path, trials=8, seconds=600.0)
    assert (len(over.trials), over.stopped) == (4, "the time was over")
    assert len(run(KnownOptimum(examined), path, trials=8, seconds=600.0).trials) == 8


def test_time_is_left_over_for_the_check_of_what_was_found(examined) -> None:
    asked: list[int] = []

    def reserve(trials: tuple[Trial, ...]) -> float:
        asked.append(len(trials))
        return 0.0 if len(trials) < 3 else 600.0

    plan = SearchPlan(seconds=300.0, patience=30)
    search = Search(SPACE, spread_policies(None), KnownOptimum(examined), plan, reserve=reserve)
    result = search.run(None, "camera")
    assert (len(result.trials), result.stopped) == (3, "the time was over")
    assert sorted(set(asked)) == [0, 1, 2, 3]


def test_who_is_told_may_stop_it_and_it_goes_on(examined, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def tell(*what: object) -> None:
        told.append(what)
        if len(told) == 5:
            raise WorkStopped("enough")

    plan, path = SearchPlan(trials=6, patience=30), tmp_path / "x.db"
    first = KnownOptimum(examined)
    with pytest.raises(WorkStopped):
        Search(SPACE, spread_policies(None), first, plan, tell).run(path, "camera")
    assert told[0][0].startswith("trying classical")
    assert {total for _, _, total in told} == {6}
    result = run(KnownOptimum(examined), path, trials=6)
    assert result.reused >= 1
    assert len(result.trials) == 6


def test_goes_on_after_kill_9_without_repeating(examined, tmp_path: Path) -> None:
    path = tmp_path / "gate.study.db"
    script = f"""
        import os, sys
        from pathlib import Path
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from conftest import make_examined
        from test_tuning_search import KnownOptimum, run
        class Killed(KnownOptimum):
            def examine(self, choice, count, **given):
                if len(self.asked) > 4:
                    os.kill(os.getpid(), 9)
                return super().examine(choice, count, **given)
        run(Killed(make_examined), Path({str(path)!r}), trials=20)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == -9, done.stderr
    pairs = KnownOptimum(examined)
    result = run(pairs, path, trials=12)
    assert result.reused == 4  # it was killed in the middle of the fifth
    assert len({one.choice.key for one in result.trials}) == 12


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gate.study.db").write_text("not a database, but long enough to be looked at")
    with pytest.raises(WriteFailed, match="move the file away"):
        ExaminedCache(tmp_path / "gate.study.db", "context")


def test_the_cache_keeps_by_face_choice_and_context(examined, tmp_path: Path) -> None:
    path = tmp_path / "gate.study.db"
    with ExaminedCache(path, "one") as cache:
        cache.put("face", "choice", examined(12.0))
    with ExaminedCache(path, "one") as cache:
        found = cache.get("face", "choice")
        assert found is not None
        assert found.evidence is not None
        assert found.evidence.overall_gain == pytest.approx(12.0)
        assert cache.get("other", "choice") is None
    with ExaminedCache(path, "another") as cache:
        assert cache.get("face", "choice") is None
