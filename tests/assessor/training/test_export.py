"""ONNX out and back in: the same weights, the same scores, nothing of this machine."""

from __future__ import annotations

import getpass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")
pytest.importorskip("onnxscript", reason="needs onnxscript (the train extra)")

from facefidelity.assessor.runtime import Assessor as Runtime  # noqa: E402
from facefidelity.assessor.training.export import export_onnx, read_network  # noqa: E402
from facefidelity.assessor.training.network import Assessor  # noqa: E402
from facefidelity.assessor.training.plan import NetworkPlan  # noqa: E402
from facefidelity.core.errors import UnsupportedWeights, WriteFailed  # noqa: E402

SMALL = NetworkPlan(channels=(4, 4, 8, 8), source_channels=(4, 4, 8), width=16)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A network whose normalisation has seen something, its file, and their difference."""
    torch.manual_seed(0)
    network = Assessor(SMALL).train()
    network(torch.rand(8, 3, 256, 256) * 255, torch.rand(8, 3, 256, 256) * 255)
    path = tmp_path_factory.mktemp("onnx") / "new" / "assessor.onnx"
    return network, path, export_onnx(network, path)


def test_onnxruntime_says_what_torch_says(exported) -> None:
    network, path, difference = exported
    assert 0 <= difference <= 0.05
    rng = np.random.default_rng(1)
    faces, sources = rng.integers(0, 256, (2, 5, 256, 256, 3), np.uint8)
    with torch.no_grad():
        planes = [torch.from_numpy(x).permute(0, 3, 1, 2).float() for x in (faces, sources)]
        scores, given = (x.clamp(0, 100).numpy() for x in network.eval()(*planes))
    came, supported = Runtime(path, threads=1).score_restored(list(faces), list(sources))
    np.testing.assert_allclose([list(one.as_dict().values()) for one in came], scores, atol=0.06)
    np.testing.assert_allclose(supported, given[:, 0], atol=0.06)


def test_weights_come_back_bit_for_bit(exported) -> None:
    network, path, _ = exported
    plan, state = read_network(path)
    assert plan == SMALL
    wanted = network.state_dict()
    assert list(state) == list(wanted)
    for name, value in wanted.items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(state[name], value.contiguous()), name
    again = Assessor(plan)
    again.load_state_dict(state)
    face = torch.rand(2, 3, 256, 256) * 255
    with torch.no_grad():
        assert torch.equal(again.eval()(face, face)[0], network.eval()(face, face)[0])


def test_onnxruntime_can_fuse_the_normalisation(exported, tmp_path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "run.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(exported[1], options, providers=["CPUExecutionProvider"])
    stored, run = (onnx.load(p) for p in (exported[1], tmp_path / "run.onnx"))
    assert "BatchNormalization" in {node.op_type for node in stored.graph.node}
    assert "BatchNormalization" not in {node.op_type for node in run.graph.node}


def test_the_file_tells_nothing_of_this_machine(exported) -> None:
    _, path, _ = exported
    content = path.read_bytes()
    home = str(Path(__file__).resolve().parents[3])
    words = [home, str(path.parent), ".py", "site-packages", "/home/", "Traceback", "torch.nn"]
    words.append(f"/{getpass.getuser()}/")
    assert [word for word in words if word.encode() in content] == []
    assert sorted(p.name for p in path.parent.iterdir()) == ["assessor.onnx"]


def test_a_file_that_differs_too_much_is_not_left(exported, tmp_path, monkeypatch) -> None:
    network, path, _ = exported
    model = onnx.load(path)
    made = SimpleNamespace(model_proto=model)
    monkeypatch.setattr(torch.onnx, "export", lambda *_, **__: made)
    export_onnx(network, tmp_path / "same.onnx")
    bias = _weight(model)
    bias.CopyFrom(onnx.numpy_helper.from_array(np.full(6, 0.6, np.float32), bias.name))
    (tmp_path / "old.onnx").write_bytes(b"old")
    with pytest.raises(UnsupportedWeights, match="points of torch"):
        export_onnx(network, tmp_path / "old.onnx")
    assert (tmp_path / "old.onnx").read_bytes() == b"old"
    with pytest.raises(WriteFailed, match=r"same\.onnx"):
        export_onnx(network, tmp_path / "old.onnx" / "same.onnx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old.onnx", "same.onnx"]


def lose_plan(model) -> None:
    del model.metadata_props[:]


def break_plan(model) -> None:
    model.metadata_props[0].value = '{"depth": 3}'


def lose_weight(model) -> None:
    model.graph.initializer.remove(_weight(model))


def bend_weight(model) -> None:
    _weight(model).dims[0] = 2
    _weight(model).dims.append(3)


def _weight(model):
    return next(each for each in model.graph.initializer if each.name == "head_bias")


@pytest.mark.parametrize("change", [lose_plan, break_plan, lose_weight, bend_weight])
def test_what_is_not_whole_is_refused(exported, tmp_path, change) -> None:
    _, path, _ = exported
    model = onnx.load(path)
    change(model)
    onnx.save(model, tmp_path / "changed.onnx")
    with pytest.raises(UnsupportedWeights, match=r"changed\.onnx"):
        read_network(tmp_path / "changed.onnx")


@pytest.mark.parametrize("content", [b"", b"no model", None])
def test_what_is_no_model_is_refused(tmp_path, content) -> None:
    path = tmp_path / "x.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnsupportedWeights, match=r"x\.onnx"):
        read_network(path)


def test_half_a_model_is_refused(exported, tmp_path) -> None:
    content = exported[1].read_bytes()
    (tmp_path / "half.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(UnsupportedWeights, match=r"half\.onnx"):
        read_network(tmp_path / "half.onnx")


@pytest.mark.slow
def test_the_shipped_plan_fits_into_twelve_megabytes(tmp_path) -> None:
    torch.manual_seed(0)
    export_onnx(Assessor(), tmp_path / "a.onnx")
    assert (tmp_path / "a.onnx").stat().st_size <= 12_000_000
