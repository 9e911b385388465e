"""Training in miniature: the loss falls, resuming equals not breaking off, ONNX says the same."""

from __future__ import annotations

import csv

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")
pytest.importorskip("scipy", reason="needs scipy (the train extra)")

from facefidelity.assessor.runtime import Assessor as Runtime  # noqa: E402
from facefidelity.assessor.training import export, trainer  # noqa: E402
from facefidelity.assessor.training.losses import assessor_loss  # noqa: E402
from facefidelity.assessor.training.network import Assessor, cut_views  # noqa: E402
from facefidelity.assessor.training.trainer import (  # noqa: E402
    SimSet,
    TrainingPlan,
    evaluate,
    predict,
    train,
)
from facefidelity.assessor.views import INNER_FACE, MOSAIC_OFFSETS  # noqa: E402
from facefidelity.core.errors import UnsupportedWeights  # noqa: E402
from facefidelity.core.scores import HEADS  # noqa: E402

PLAN = TrainingPlan(epochs=3, batch=8, learning_rate=3e-3, seed=1)


def small_network() -> Assessor:
    return Assessor(channels=(8, 8, 12, 16), width=32, layers=1)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Every run trains a network that takes milliseconds, in a known number of threads."""
    monkeypatch.setattr(trainer, "Assessor", small_network)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def simset(count: int, seed: int) -> SimSet:
    """Pictures whose brightness and grain are their labels."""
    rng = np.random.default_rng(seed)
    level, grain = rng.uniform(40, 200, count), rng.uniform(0, 30, count)
    fields = rng.normal(0, 1, (count, 256, 256, 1)) * grain[:, None, None, None]
    images = np.clip(level[:, None, None, None] + fields, 0, 255)
    labels = np.stack([100 - 3 * grain] + [level / 2.55] * 5, axis=1).astype(np.float32)
    return SimSet(np.repeat(images.astype(np.uint8), 3, axis=3), labels)


@pytest.fixture(scope="module")
def data() -> SimSet:
    return simset(32, 0)


@pytest.fixture(scope="module")
def held_out() -> SimSet:
    return simset(8, 1)


def weights(network) -> dict[str, bytes]:
    return {k: v.detach().contiguous().numpy().tobytes() for k, v in network.state_dict().items()}


def curve(folder) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_loss_falls_and_the_curve_is_kept(data, held_out, tmp_path):
    network = train(data, held_out, TrainingPlan(epochs=5, batch=8, learning_rate=4e-3), tmp_path)
    rows = curve(tmp_path)
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4, 5]
    assert float(rows[-1]["loss"]) < 0.6 * float(rows[0]["loss"])
    assert {f"srcc_{head}" for head in HEADS} <= set(rows[0])
    assert predict(network, held_out).shape == (8, 6)


def test_a_resumed_run_ends_in_the_weights_of_an_unbroken_one(
    data, held_out, tmp_path, monkeypatch
):
    whole = weights(train(data, held_out, PLAN, tmp_path / "whole"))
    calls = []

    def broken(predicted, labels):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return evaluate(predicted, labels)

    with monkeypatch.context() as patched:
        patched.setattr(trainer, "evaluate", broken)
        with pytest.raises(KeyboardInterrupt):
            train(data, held_out, PLAN, tmp_path / "broken")
    resumed = weights(train(data, held_out, PLAN, tmp_path / "broken"))
    assert [row["epoch"] for row in curve(tmp_path / "broken")] == ["1", "2", "3"]
    assert resumed == whole
    assert weights(train(data, held_out, PLAN, tmp_path / "broken")) == whole


def test_a_break_while_saving_leaves_the_former_checkpoint(data, held_out, tmp_path, monkeypatch):
    train(data, held_out, TrainingPlan(epochs=1, batch=8), tmp_path)

    def broken(state, path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", broken)
        with pytest.raises(OSError, match="disk full"):
            train(data, held_out, PLAN, tmp_path, resume=False)
    assert torch.load(tmp_path / "last.pt", weights_only=True)["epoch"] == 1


def test_another_seed_is_another_network(data, held_out, tmp_path):
    one, other = (
        weights(train(data, held_out, TrainingPlan(1, 8, seed=seed), tmp_path / str(seed)))
        for seed in (1, 2)
    )
    assert one != other


def test_batches_hold_every_picture_once_with_its_own_label(data):
    seen = []
    for faces, target in data.batches(5, np.random.default_rng(0)):
        assert faces.shape[1:] == (3, 256, 256)
        for face, label in zip(faces, target, strict=True):
            assert float(face.mean()) / 2.55 == pytest.approx(float(label[5]), abs=1.0)
            seen.append(round(float(label[5]), 3))
    assert sorted(seen) == sorted(round(float(label[5]), 3) for label in data.labels)
    fresh = simset(32, 0)
    np.testing.assert_array_equal(data.images, fresh.images)


def test_without_a_generator_batches_keep_the_order(data):
    labels = torch.cat([target for _, target in data.batches(7, None)]).numpy()
    np.testing.assert_array_equal(labels, data.labels)


def test_evaluation_is_the_rank_correlation_of_each_head():
    labels = np.random.default_rng(0).uniform(0, 100, (20, 6)).astype(np.float32)
    assert all(v == pytest.approx(1) for v in evaluate(labels**3, labels).values())
    assert all(v == pytest.approx(-1) for v in evaluate(-labels, labels).values())
    assert tuple(evaluate(labels, labels)) == HEADS


def test_the_loss_is_least_at_the_truth_and_prefers_order_and_line():
    target = torch.rand(16, 6, generator=torch.Generator().manual_seed(0)) * 100
    best = float(assessor_loss(target, target))
    assert best < 0.05
    for worse in (target + 20, target.flip(0), 100 - target, target * 0.2, target * 0 + 50):
        assert float(assessor_loss(worse, target)) > best + 0.05
    assert float(assessor_loss(100 - target, target)) > float(assessor_loss(target + 20, target))


@pytest.mark.parametrize("count", [1, 2, 16])
def test_the_gradient_is_finite_where_nothing_varies(count):
    predicted = torch.full((count, 6), 50.0, requires_grad=True)
    assessor_loss(predicted, torch.full((count, 6), 30.0)).backward()
    assert torch.isfinite(predicted.grad).all()


def test_the_views_are_cut_where_views_says():
    face = torch.arange(256 * 256, dtype=torch.float32).reshape(1, 1, 256, 256).repeat(1, 3, 1, 1)
    whole, inner, mosaic = (view[0, 0] for view in cut_views(face))
    assert whole.shape == inner.shape == mosaic.shape == (128, 128)
    pixels = face[0, 0]
    assert float(whole[0, 0]) == float(pixels[:2, :2].mean())
    top, left = INNER_FACE
    assert torch.equal(inner, pixels[top : top + 128, left : left + 128])
    for i, y in enumerate(MOSAIC_OFFSETS):
        for j, x in enumerate(MOSAIC_OFFSETS):
            tile = mosaic[32 * i : 32 * i + 32, 32 * j : 32 * j + 32]
            assert torch.equal(tile, pixels[y : y + 32, x : x + 32])


def test_the_full_network_has_six_scores_and_the_size_that_was_chosen():
    network = Assessor().eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 3, 256, 256)).shape == (2, 6)
    assert 1.5e6 < sum(p.numel() for p in network.parameters()) < 3e6


@pytest.mark.slow
def test_the_exported_file_says_what_the_network_says(data, held_out, tmp_path):
    pytest.importorskip("onnxscript", reason="needs onnxscript (the train extra)")
    network = train(data, held_out, TrainingPlan(epochs=2, batch=8), tmp_path)
    difference = export.export_onnx(network, tmp_path / "out" / "assessor.onnx")
    assert 0 <= difference <= 0.05
    expected = np.clip(predict(network, held_out), 0, 100)
    scores = Runtime(tmp_path / "out" / "assessor.onnx", threads=1).score_batch(
        list(held_out.images)
    )
    came = [list(one.as_dict().values()) for one in scores]
    np.testing.assert_allclose(came, expected, atol=0.06)
    with pytest.raises(UnsupportedWeights, match="points of torch"):
        export.export_onnx(network, tmp_path / "strict.onnx", tolerance=-1.0)
