"""The Ray engine: the same results as here, in order, and a bad picture costs itself only."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, MissingExtra, WorkerFailed
from facefidelity.plugin.batch.journal_reading import summarise
from facefidelity.plugin.batch.journal_verification import verify_journal
from facefidelity.plugin.batch.local import run_batch
from facefidelity.plugin.batch.plan import PlannedPicture
from facefidelity.plugin.batch.process import Unable
from facefidelity.plugin.batch.ray_cluster import RayCluster, RayOptions
from facefidelity.plugin.batch.ray_engine import RayEngine
from facefidelity.plugin.batch.ray_worker import Attempts, GuardWorker, WorkerOrder, facts_text

LOCAL = RayOptions(address="local", workers=2, object_store_bytes=200 << 20)


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    """One Ray for all tests; its workers can import the obedient recipe."""
    if find_spec("ray") is None or find_spec("pyarrow") is None:
        pytest.skip("needs Ray: pip install 'facefidelity[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        cluster = RayCluster(LOCAL)
        yield cluster
        cluster.close()


@pytest.fixture
def run_ray(cluster, obedient) -> Callable[..., list[Any]]:
    def run(folder: Path, out: Path, flavour: str = "plain", **options: Any) -> list[Any]:
        out.mkdir(exist_ok=True)
        engine = RayEngine(obedient.ObedientRecipe(flavour), LOCAL, slack_seconds=1.0)
        plans = obedient.plans_of(folder, out)
        return list(run_batch(plans, engine, out / "decisions.jsonl", **options))

    return run


@pytest.mark.slow
def test_ray_goes_on_with_a_batch_that_was_begun_here_and_changes_nothing(
    inputs, obedient, run_here, run_ray, tmp_path, contents, capfd
) -> None:
    folder = inputs("a", "b", "c_once", "d_slow", "e_bad", "f", "g")
    out = tmp_path / "ray"
    out.mkdir()
    mine = obedient.plans_of(folder, out)
    begun = run_batch(mine, _here(obedient), out / "decisions.jsonl")
    assert [next(begun).plan.source.stem for _ in range(2)] == ["a", "b"]
    begun.close()
    capfd.readouterr()
    there = run_ray(folder, out, resume=True)
    assert capfd.readouterr() == ("", "")
    assert [one.plan.source.stem for one in there if one.earlier] == ["a", "b"]
    here = run_here(folder)
    assert [one.plan.source for one in there] == [one.plan.source for one in here]
    assert contents(out) == contents(tmp_path / "out")
    assert len(contents(out)) == 6
    digests = [summarise(one / "journal.sqlite").digest for one in (out, tmp_path / "out")]
    assert digests[0] == digests[1]
    assert list(verify_journal(out)) == []
    lines = [(one / "decisions.jsonl").read_text().count("\n") for one in (out, tmp_path / "out")]
    assert lines == [6, 6]


@pytest.mark.slow
def test_hanging_and_dying_pictures_fail_alone(inputs, run_ray, tmp_path) -> None:
    names = ("a", "b_hang", "c", "d_crash", "e", "f")
    outcomes = {one.plan.source.stem: one for one in run_ray(inputs(*names), tmp_path / "out")}
    assert list(outcomes) == list(names)
    failed = {name: one.error for name, one in outcomes.items() if one.error}
    assert set(failed) == {"b_hang", "d_crash"}
    assert all("the process that worked on it ended 2 times" in said for said in failed.values())
    assert summarise(tmp_path / "out" / "journal.sqlite").pictures == {"DONE": 4, "FAILED": 2}


def test_a_guard_that_cannot_be_built_is_said_before_any_picture(inputs, run_ray, tmp_path) -> None:
    with pytest.raises(InvalidInput, match="got nonsense"):
        run_ray(inputs("a"), tmp_path / "out", "unbuildable")
    assert not (tmp_path / "out" / "a.png").exists()


def test_no_gpu_to_share_is_said_at_once(cluster) -> None:
    if cluster.ray.cluster_resources().get("GPU"):
        pytest.skip("this machine has a GPU")
    with pytest.raises(InvalidInput, match="expected a GPU for --gpu-fraction"):
        RayCluster(RayOptions(address="local", gpu_fraction=0.5))


def test_ray_starts_without_telemetry_and_without_a_dashboard(cluster) -> None:
    from ray._common.usage import usage_lib

    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert not usage_lib.usage_stats_enabled()
    assert not cluster.ray._private.worker.global_worker.node.address_info.get("webui_url")


# What needs no Ray


def test_nobody_at_the_address_is_one_sentence_within_bounded_time() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(WorkerFailed, match="expected a Ray cluster at 127.0.0.1:") as caught:
            RayCluster(RayOptions(address=f"127.0.0.1:{free}"))
    assert time.monotonic() - started < 10
    assert "\n" not in str(caught.value)


def test_somebody_else_at_the_address_is_one_sentence_too() -> None:
    def answer() -> None:
        connection, _ = server.accept()
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(WorkerFailed, match="got something else that listens there"):
            RayCluster(RayOptions(address=f"127.0.0.1:{server.getsockname()[1]}"))


@pytest.mark.parametrize(
    "address", ["ray://head:10001", "head", "head:port", "head:99999", "a/b:1"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="host:port"):
        RayCluster(RayOptions(address=address))


@pytest.mark.parametrize("fraction", [-0.1, 1.5, float("nan"), float("inf")])
def test_what_is_no_share_of_a_gpu_is_refused(fraction: float) -> None:
    with pytest.raises(InvalidInput, match="--gpu-fraction"):
        RayCluster(RayOptions(address="local", gpu_fraction=fraction))


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"facefidelity\[ray\]"):
        RayCluster(RayOptions(address="local"))


def test_a_worker_that_cannot_build_its_guard_says_so_for_each_picture(obedient) -> None:
    worker = GuardWorker(WorkerOrder(obedient.ObedientRecipe("unbuildable"), ".", 1, 1.0), None)
    plans = np.array([PlannedPicture(Path("a"), Path("b"))], dtype=object)
    answer = worker({"number": np.array([4]), "plan": plans})
    assert isinstance(answer["worked"][0], Unable)
    assert answer["number"].tolist() == [4]


def test_attempts_are_counted_for_each_picture() -> None:
    attempts = Attempts()
    assert [attempts.begin(number) for number in (1, 2, 1, 1)] == [1, 1, 2, 3]


def test_a_machine_that_decides_otherwise_stops_the_batch(obedient) -> None:
    engine = RayEngine.__new__(RayEngine)
    facts = obedient.ObedientWorker().facts()
    engine._probed = SimpleNamespace(facts=facts)
    engine._cluster = SimpleNamespace(
        ray=SimpleNamespace(
            exceptions=SimpleNamespace(RayError=OSError, GetTimeoutError=TimeoutError)
        ),
        data_failures=(),
    )
    plans = [PlannedPicture(Path(name), Path(name)) for name in "ab"]
    other = facts_text(obedient.ObedientWorker("other").facts())
    engine._results = lambda _plans: iter([(0, "done", facts_text(facts)), (1, "done", other)])
    works = engine.works(plans)
    assert next(works) == (plans[0], "done")
    with pytest.raises(WorkerFailed, match="same release, settings and weights"):
        next(works)
    engine._results = lambda _plans: iter([(0, "done", facts_text(facts))])
    with pytest.raises(WorkerFailed, match="expected 2 results from Ray, got 1"):
        list(engine.works(plans))


def _here(obedient: Any) -> Any:
    from facefidelity.plugin.batch.local import InProcess

    return InProcess(obedient.ObedientWorker())
