"""Faces and small ONNX networks for the tests of restorers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

OnnxWriter = Callable[..., Path]


@pytest.fixture(scope="session")
def face() -> np.ndarray:
    """(512, 512, 3) uint8 RGB: the astronaut's face, blurred and noisy; read-only."""
    data = pytest.importorskip("skimage.data", reason="needs scikit-image (extra: test)")
    cv2 = pytest.importorskip("cv2")
    small = cv2.resize(data.astronaut()[0:220, 120:340], (96, 96), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(7).normal(0, 6, small.shape)
    noisy = np.clip(small + noise, 0, 255).astype(np.uint8)
    picture = cv2.resize(noisy, (512, 512), interpolation=cv2.INTER_LINEAR)
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def colour_card() -> np.ndarray:
    """(512, 512, 3) uint8 RGB: left half red, right half blue, a little texture on both."""
    card = np.full((512, 512, 3), 20, np.uint8)
    card[:, :256, 0] = 200
    card[:, 256:, 2] = 200
    card[::8, ::8, 1] += 30
    card.setflags(write=False)
    return card


@pytest.fixture(scope="session")
def write_onnx(tmp_path_factory: pytest.TempPathFactory) -> OnnxWriter:
    """Writes a network that hands its input through, scaled by its weight input if it has one."""
    onnx = pytest.importorskip("onnx", reason="needs the package onnx (extra: test)")
    types = {"float32": 1, "float64": 11, "float16": 10}

    def write(
        *,
        size: Any = 64,
        channels: int = 3,
        weight: str | None = None,
        weight_shape: tuple[int, ...] = (1,),
        dtype: str = "float32",
        output: str = "picture",
        names: tuple[str, str] = ("input", "weight"),
        extra_inputs: int = 0,
    ) -> Path:
        helper, numpy_helper = onnx.helper, onnx.numpy_helper
        kind = types[dtype]
        shape = [1, channels, size, size]
        inputs = [helper.make_tensor_value_info(names[0], kind, shape)]
        nodes, last, constants = [], names[0], []
        if weight is not None:
            inputs.append(helper.make_tensor_value_info(names[1], types[weight], weight_shape))
            nodes.append(helper.make_node("Cast", [names[1]], ["cast"], to=kind))
            nodes.append(helper.make_node("ReduceMean", ["cast"], ["cast_mean"], keepdims=0))
            nodes.append(helper.make_node("Mul", [last, "cast_mean"], ["scaled"]))
            last = "scaled"
        for index in range(extra_inputs):
            inputs.append(helper.make_tensor_value_info(f"latent{index}", kind, [1, 512]))
        out_shape: list[Any] | None = shape
        if output == "picture":
            nodes.append(helper.make_node("Identity", [last], ["out"]))
        elif output == "classes":
            nodes.append(helper.make_node("ReduceMean", [last], ["out"], keepdims=0))
            out_shape = None
        elif output == "nan":
            constants.append(numpy_helper.from_array(np.array(np.nan, dtype), "nan"))
            nodes.append(helper.make_node("Add", [last, "nan"], ["out"]))
        graph = helper.make_graph(
            nodes,
            "net",
            inputs,
            [helper.make_tensor_value_info("out", kind, out_shape if out_shape else [])],
            constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        path = tmp_path_factory.mktemp("onnx") / "network.onnx"
        onnx.save(model, path)
        return path

    return write
