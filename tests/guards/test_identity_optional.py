"""Embedders that come as a file: tiny random networks through the true loaders."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from facefidelity.core.errors import (
    ChecksumMismatch,
    InvalidInput,
    NotRegistered,
    UnsupportedWeights,
    WeightsMissing,
)
from facefidelity.core.faces import LandmarkScheme
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.core.weights import WeightsFile, WeightsStore
from facefidelity.guards.identity import (
    DlibEmbedder,
    EmbedderSpec,
    OnnxEmbedder,
    create_embedder,
    embedder_names,
)
from facefidelity.guards.identity.registry import embedder_spec

RNG = np.random.default_rng(3)
FACES = [RNG.integers(0, 256, (512, 512, 3), dtype=np.uint8) for _ in range(5)]


def tiny_network(path, side: int = 112, batch: int | str = "batch", *, zero: bool = False) -> None:
    """Save an average over 14 px cells followed by a random projection to 8 numbers."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    cells = (side // 14) ** 2 * 3
    projection = np.zeros((cells, 8)) if zero else np.random.default_rng(1).normal(size=(cells, 8))
    graph = helper.make_graph(
        [
            helper.make_node("AveragePool", ["x"], ["p"], kernel_shape=[14, 14], strides=[14, 14]),
            helper.make_node("Flatten", ["p"], ["f"]),
            helper.make_node("MatMul", ["f", "w"], ["y"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, side, side])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 8])],
        [numpy_helper.from_array(projection.astype(np.float32), "w")],
    )
    opset = [helper.make_opsetid("", 17)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    )
    onnx.checker.check_model(str(path))


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "tiny.onnx"
    tiny_network(path)
    return path


def test_names_and_close_matches():
    assert embedder_names() == ("dlib", "dlib-degraded", "sface", "arcface")
    assert isinstance(create_embedder(threads=1), DlibEmbedder)
    with pytest.raises(NotRegistered, match="arcface"):
        create_embedder("arcfac")


@pytest.mark.parametrize("name", ["sface", "arcface"])
def test_optional_weights_that_are_missing_say_what_to_pull(name, tmp_path):
    with pytest.raises(WeightsMissing, match=embedder_spec(name).weights):
        create_embedder(name, store=WeightsStore(tmp_path))


@pytest.mark.parametrize("name", ["sface", "arcface"])
def test_optional_embedder_opens_from_the_store_only_when_whole(name, tmp_path, network):
    data = network.read_bytes()
    file = WeightsFile(
        name=embedder_spec(name).weights,
        url="http://localhost/never",
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        licence="none",
        commercial_use="yes",
        used_by=(),
    )
    (tmp_path / file.name).write_bytes(data)
    embedder = create_embedder(name, threads=1, store=WeightsStore(tmp_path, [file]))
    assert embedder.embed(FACES[0]).embedder == embedder_spec(name).name
    (tmp_path / file.name).write_bytes(data[:-1] + b"!")
    with pytest.raises(ChecksumMismatch):
        create_embedder(name, store=WeightsStore(tmp_path, [file]))


def test_values_reach_the_network_as_the_recogniser_wants_them(network):
    """OpenCV feeds SFace RGB 0..255; InsightFace feeds ArcFace RGB (v - 127.5) / 127.5."""
    seen = {}
    for name in ("sface", "arcface"):
        embedder = OnnxEmbedder(embedder_spec(name), network, threads=1)
        chip = np.zeros((1, 112, 112, 3), np.uint8)
        chip[..., 0] = 255  # red only
        session = embedder._session

        class Spy:
            def run(self, outputs, feed, name=name, session=session):
                seen[name] = feed["x"]
                return session.run(outputs, feed)

        embedder._session = Spy()
        embedder.describe(chip)
    assert seen["sface"].shape == (1, 3, 112, 112)
    np.testing.assert_allclose(seen["sface"].mean(axis=(0, 2, 3)), [255, 0, 0])
    np.testing.assert_allclose(seen["arcface"].mean(axis=(0, 2, 3)), [1, -1, -1], rtol=1e-6)


def test_eyes_and_mouth_land_on_the_arcface_template():
    spec = embedder_spec("arcface")
    to_chip = spec.frame_to_chip
    landed = TEMPLATES[LandmarkScheme.FFHQ5] @ to_chip[:, :2].T + to_chip[:, 2]
    # The two templates are averages of differently shaped faces: 2.1 px at the nose remain.
    assert np.abs(landed - np.array(spec.template)).max() < 2.5


@pytest.mark.parametrize("batch", [1, 2, "batch"])
def test_networks_of_a_fixed_batch_give_the_same(tmp_path, batch):
    path = tmp_path / "fixed.onnx"
    tiny_network(path, batch=batch)
    embedder = OnnxEmbedder(embedder_spec("sface"), path, threads=1)
    together = embedder.embed_batch(FACES)
    assert len(together) == len(FACES)
    for one, face in zip(together, FACES, strict=True):
        assert one.vector.shape == (8,)
        np.testing.assert_allclose(one.vector, embedder.embed(face).vector, atol=1e-6)


def test_an_unmeasured_embedder_has_no_probability(network):
    embedder = OnnxEmbedder(embedder_spec("sface"), network, threads=1)
    with pytest.raises(InvalidInput, match="--embedder sface"):
        _ = embedder.calibration


def test_files_that_are_no_embedder_are_refused(tmp_path):
    text = tmp_path / "text.onnx"
    text.write_bytes(b"<html>not found</html>")
    with pytest.raises(UnsupportedWeights, match=r"text\.onnx"):
        OnnxEmbedder(embedder_spec("sface"), text)
    other = tmp_path / "other.onnx"
    tiny_network(other, side=140)
    with pytest.raises(UnsupportedWeights, match="112"):
        OnnxEmbedder(embedder_spec("sface"), other)
    dead = tmp_path / "dead.onnx"
    tiny_network(dead, zero=True)
    with pytest.raises(UnsupportedWeights, match="finite"):
        OnnxEmbedder(embedder_spec("sface"), dead, threads=1).embed(FACES[0])


def test_a_spec_that_cannot_be_is_refused():
    with pytest.raises(InvalidInput, match="five template points"):
        EmbedderSpec("x", "x.onnx", 112, LandmarkScheme.FFHQ5, ((1.0, 2.0),))
