"""Training in miniature: it learns, repeats itself, goes on after a stop, keeps what it has."""

from __future__ import annotations

import csv

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")
pytest.importorskip("scipy", reason="needs scipy (the train extra)")

from facefidelity.assessor.training import trainer  # noqa: E402
from facefidelity.assessor.training.data import FaceSet, join_sets  # noqa: E402
from facefidelity.assessor.training.measurement import evaluate, predict  # noqa: E402
from facefidelity.assessor.training.network import Assessor  # noqa: E402
from facefidelity.assessor.training.retention import keep_unrated  # noqa: E402
from facefidelity.assessor.training.trainer import load_trained, train  # noqa: E402
from facefidelity.core.errors import (  # noqa: E402
    InvalidInput,
    UnsupportedWeights,
    WeightsMissing,
    WriteFailed,
)
from facefidelity.core.scores import HEADS  # noqa: E402


def weights(network) -> dict[str, bytes]:
    return {k: v.detach().contiguous().numpy().tobytes() for k, v in network.state_dict().items()}


def curve(folder) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_it_learns_a_simple_relation(make_set, tiny_plan, tmp_path) -> None:
    plan, held_out = tiny_plan(pictures=400, check_every=80), make_set(24, 1)
    told = []
    network = train(
        make_set(24, 0), held_out, plan, tmp_path, progress=lambda *facts: told.append(facts)
    )
    rows = curve(tmp_path)
    assert [int(row["pictures"]) for row in rows] == list(range(80, 401, 80))
    assert tuple(rows[0]) == trainer.CURVE_COLUMNS
    assert float(rows[-1]["loss"]) < 0.5 * float(rows[0]["loss"])
    scores = evaluate(predict(network, held_out), held_out)
    assert scores["overall"] > 0.9
    assert float(rows[-1]["srcc_overall"]) == pytest.approx(scores["overall"], abs=1e-4)
    assert [seen for seen, _, _ in told] == list(range(8, 401, 8))
    assert {planned for _, planned, _ in told} == {400}
    assert not network.training


def test_two_runs_are_one_and_another_seed_is_another(make_set, tiny_plan, tmp_path) -> None:
    sets = make_set(16, 0), make_set(4, 1)
    found = [
        weights(train(*sets, tiny_plan(pictures=32, seed=seed), tmp_path / name))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_a_stopped_run_goes_on_also_with_more_pictures(make_set, tiny_plan, tmp_path) -> None:
    data, held_out, plan = make_set(16, 0), make_set(4, 1), tiny_plan(pictures=128)

    def stop(seen: int, *_: object) -> None:
        if seen == 80:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(data, held_out, plan, tmp_path, progress=stop)
    assert torch.load(tmp_path / "last.pt", weights_only=True)["step"] == 8
    resumed = []
    grown = join_sets([data, make_set(8, 2)])
    last = train(grown, held_out, plan, tmp_path, progress=lambda *facts: resumed.append(facts[0]))
    assert resumed == [72, 80, 88, 96, 104, 112, 120, 128]
    assert [row["pictures"] for row in curve(tmp_path)] == ["32", "64", "96", "128"]
    assert weights(load_trained(tmp_path / "last.pt")) == weights(last)


def test_resuming_takes_up_weights_average_and_optimiser(make_set, tiny_plan, tmp_path) -> None:
    """A stop where a pass ends changes nothing at all."""
    data, held_out, plan = make_set(16, 0), make_set(4, 1), tiny_plan(pictures=96)
    whole = weights(train(data, held_out, plan, tmp_path / "whole"))

    def stop(seen: int, *_: object) -> None:
        if seen == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(data, held_out, plan, tmp_path / "broken", progress=stop)
    assert weights(train(data, held_out, plan, tmp_path / "broken")) == whole


def test_a_finished_run_is_not_trained_again(make_set, tiny_plan, tmp_path) -> None:
    sets, plan = (make_set(16, 0), make_set(4, 1)), tiny_plan(pictures=32)
    first = weights(train(*sets, plan, tmp_path))
    assert weights(train(*sets, plan, tmp_path)) == first
    assert len(curve(tmp_path)) == 1


def test_the_average_forgets_the_first_weights(make_set, tiny_plan, tmp_path) -> None:
    """With the decay of long runs, after few steps, the average is near the network."""
    plan = tiny_plan(pictures=240, ema_decay=0.998, check_every=240)
    train(make_set(16, 0), make_set(4, 1), plan, tmp_path)
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    torch.manual_seed(plan.seed)
    first = Assessor(plan.network).state_dict()

    def away(a, b) -> float:
        keys = [k for k in first if first[k].is_floating_point() and "running" not in k]
        return float(sum(((a[k] - b[k]) ** 2).sum() for k in keys) ** 0.5)

    average = {k.removeprefix("module."): v for k, v in state["average"].items()}
    travelled = away(state["network"], first)
    assert away(average, state["network"]) < 0.25 * travelled
    assert away(average, first) > 0.75 * travelled


@pytest.mark.parametrize("error", [OSError("disk full"), RuntimeError("write failed")])
def test_a_full_disk_leaves_the_former_checkpoint(
    make_set, tiny_plan, tmp_path, monkeypatch, error
) -> None:
    sets = make_set(16, 0), make_set(4, 1)
    train(*sets, tiny_plan(pictures=32), tmp_path)

    def broken(state, path):
        path.write_bytes(b"half")
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", broken)
        with pytest.raises(WriteFailed, match=r"last\.pt"):
            train(*sets, tiny_plan(pictures=64), tmp_path)
    assert torch.load(tmp_path / "last.pt", weights_only=True)["step"] == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["curve.csv", "last.pt"]


class Hostile:
    """A pickle that would run a command."""

    def __reduce__(self):
        return (print, ("ran",))


CORRUPT = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no checkpoint"),
    "half": lambda path: path.write_bytes(path.read_bytes()[:2000]),
    "tensor": lambda path: torch.save(torch.zeros(3), path),
    "list": lambda path: torch.save([1, 2], path),
    "foreign": lambda path: torch.save({"model": {}}, path),
    "other plan": lambda path: torch.save(
        torch.load(path, weights_only=True) | {"plan": "{}"}, path
    ),
    "bad plan": lambda path: torch.save(
        torch.load(path, weights_only=True) | {"plan": '{"depth": 3}'}, path
    ),
    "hostile": lambda path: torch.save({"plan": Hostile()}, path),
}


@pytest.mark.parametrize("corrupt", CORRUPT.values(), ids=CORRUPT.keys())
def test_a_foreign_checkpoint_is_refused_and_never_run(
    make_set, tiny_plan, tmp_path, corrupt, capsys
) -> None:
    sets, plan = (make_set(16, 0), make_set(4, 1)), tiny_plan(pictures=32)
    train(*sets, plan, tmp_path)
    corrupt(tmp_path / "last.pt")
    with pytest.raises(UnsupportedWeights, match=r"last\.pt"):
        load_trained(tmp_path / "last.pt")
    with pytest.raises((UnsupportedWeights, InvalidInput), match=r"last\.pt"):
        train(*sets, tiny_plan(pictures=64), tmp_path)
    assert "ran" not in capsys.readouterr().out


def test_another_network_does_not_go_on_from_this_one(make_set, tiny_plan, tmp_path) -> None:
    sets, plan = (make_set(16, 0), make_set(4, 1)), tiny_plan(pictures=32)
    train(*sets, plan, tmp_path)
    wider = plan.network.model_copy(update={"width": 32})
    with pytest.raises(InvalidInput, match="another folder"):
        train(*sets, plan.model_copy(update={"network": wider}), tmp_path)


def test_a_missing_checkpoint_is_named(tmp_path) -> None:
    with pytest.raises(WeightsMissing, match=r"last\.pt"):
        load_trained(tmp_path / "last.pt")


def test_too_little_to_learn_from_is_refused_not_waited_for(make_set, tiny_plan, tmp_path) -> None:
    with pytest.raises(InvalidInput, match="at least 2 pictures"):
        train(make_set(1, 0), make_set(4, 1), tiny_plan(), tmp_path)


def test_a_last_batch_of_one_picture_is_left_out(make_set, tiny_plan, tmp_path) -> None:
    train(make_set(9, 0), make_set(4, 1), tiny_plan(pictures=48), tmp_path)
    assert torch.load(tmp_path / "last.pt", weights_only=True)["step"] == 6


def test_a_device_that_is_not_there_is_named(make_set, tiny_plan, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InvalidInput, match="CUDA"):
        train(make_set(4, 0), make_set(4, 1), tiny_plan(device="cuda"), tmp_path)


def test_statistics_may_stay_as_they_are(make_set, tiny_plan, tmp_path) -> None:
    plan = tiny_plan(pictures=32, frozen_statistics=True)
    torch.manual_seed(7)
    start = Assessor(plan.network).state_dict()
    before = {k: v.clone() for k, v in start.items()}
    after = train(make_set(16, 0), make_set(4, 1), plan, tmp_path, start=start).state_dict()
    same = {k for k in before if torch.equal(before[k], after[k])}
    assert same == {k for k in before if "running" in k or k.endswith("num_batches_tracked")}


def test_a_network_without_source_view_learns(make_set, tiny_plan, tmp_path) -> None:
    network = tiny_plan().network.model_copy(update={"source": False})
    held_out = make_set(4, 1)
    found = train(make_set(8, 0), held_out, tiny_plan(pictures=16, network=network), tmp_path)
    assert np.isfinite(predict(found, held_out)[:, :6]).all()
    assert np.isnan(predict(found, held_out)[:, 6]).all()


def test_evaluation_is_the_rank_correlation_of_what_is_known() -> None:
    rng = np.random.default_rng(0)
    labels = rng.uniform(0, 100, (20, 6)).astype(np.float32)
    images = np.zeros((20, 256, 256, 3), np.uint8)
    labels[:, HEADS.index("noise")] = np.nan
    labels[2:, HEADS.index("contrast")] = np.nan
    labels[:5, HEADS.index("overall")] = np.nan
    data = FaceSet([images], labels, np.arange(20) // 2 * 2)
    predicted = np.column_stack([labels, -labels[:, 4]])
    predicted[:5, 5] = rng.uniform(0, 100, 5)
    predicted[:, :2] = 7.0
    scores = evaluate(predicted.astype(np.float32), data)
    unknown = {name for name, value in scores.items() if np.isnan(value)}
    assert unknown == {"noise", "sharpness", "contrast"}  # unrated, constant, two pictures
    assert scores["overall"] == pytest.approx(1)
    assert scores["fidelity_given_source"] == pytest.approx(-1)


def test_heads_that_nobody_rated_keep_what_they_say(make_set, tiny_plan) -> None:
    plan = tiny_plan()
    torch.manual_seed(3)
    state = Assessor(plan.network).state_dict()
    data = make_set(6, 0)
    data.labels[:, [0, 4]] = np.nan
    data.labels[1, 2] = np.nan
    network = Assessor(plan.network)
    network.load_state_dict(state)
    predicted = predict(network, data)
    kept = keep_unrated(data, plan.network, state)
    np.testing.assert_array_equal(kept.labels[:, [0, 4]], predicted[:, [0, 4]])
    np.testing.assert_array_equal(kept.fidelity_given_source(), predicted[:, 6])
    np.testing.assert_array_equal(kept.labels[:, [1, 2, 3, 5]], data.labels[:, [1, 2, 3, 5]])
    assert np.isnan(data.labels[:, 0]).all()
    full = make_set(6, 0)
    assert keep_unrated(full, plan.network, state) is full
