"""Turn dlib's face recognition ResNet into the ONNX file that the identity guard ships.

Reads ``dlib_face_recognition_resnet_model_v1.dat`` (CC0, Davis King) as dlib's own serialisation
writes it, without dlib and without a compiler, folds every ``affine`` layer and the input
normalisation into the convolution beside it, stores the weights as float16 with one float32
scale per output channel, and writes one ONNX file. Needs ``onnx`` (extra ``train`` or ``test``):

    python benchmarks/dlib_to_onnx.py -o guards/identity/dlib_resnet.onnx

The input is ``chips`` (N, 3, 150, 150) float32 RGB in 0..255, the output ``embedding`` (N, 128)
float32, the raw dlib descriptor. `benchmarks/identity_calibration.py` measures the parity.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.float64]

INPUT_MEAN = np.array([122.782, 117.001, 104.298])
INPUT_SCALE = 1.0 / 256.0
# Input first, as dlib writes it: stem, 3 x 32, then down + same blocks of 64, 128, 256, down 256.
BLOCKS = (
    *["same"] * 3,
    "down",
    *["same"] * 3,
    "down",
    *["same"] * 2,
    "down",
    *["same"] * 2,
    "down",
)
OPSET = 17
_TAGS = rb"\x01[\x04-\x0a](con_4|affine_|relu_|max_pool_2|avg_pool_2|add_prev_|fc_2)"


@dataclass
class Reader:
    """Cursor over dlib's portable binary format."""

    data: bytes
    at: int

    def integer(self) -> int:
        """Read one packed integer: a length byte (top bit: sign), then little-endian bytes."""
        control = self.data[self.at]
        size = control & 0x0F
        value = int.from_bytes(self.data[self.at + 1 : self.at + 1 + size], "little")
        self.at += 1 + size
        return -value if control & 0x80 else value

    def tensor(self) -> Array:
        """Read one tensor: version 2, four sizes, float32 values."""
        version = self.integer()
        if version != 2:
            raise SystemExit(f"expected tensor version 2 at byte {self.at}, got {version}")
        shape = [self.integer() for _ in range(4)]
        count = int(np.prod(shape))
        values = np.frombuffer(self.data, "<f4", count, self.at).astype(np.float64)
        self.at += 4 * count
        return values.reshape(shape)


@dataclass
class Layer:
    """One layer of the file: its tag and a reader that stands behind the tag."""

    tag: str
    reader: Reader


@dataclass
class Convolution:
    """A convolution with its affine layer folded in."""

    weight: Array  # (out, in, height, width)
    bias: Array  # (out,)
    stride: int
    padding: int


def read_layers(data: bytes) -> list[Layer]:
    """List the layers, input first."""
    return [Layer(m.group(1).decode(), Reader(data, m.end())) for m in re.finditer(_TAGS, data)]


def take(layers: list[Layer], tag: str) -> Reader:
    """Take the next layer, which must have this tag."""
    layer = layers.pop(0)
    if layer.tag != tag:
        raise SystemExit(f"expected a layer {tag}, got {layer.tag}: not the face ResNet")
    return layer.reader


def take_convolution(layers: list[Layer]) -> Convolution:
    """Take ``con`` and the ``affine`` behind it as one convolution."""
    reader = take(layers, "con_4")
    parameters = reader.tensor().ravel()
    filters, rows, columns, stride, stride_x, padding, padding_x = (
        reader.integer() for _ in range(7)
    )
    if (stride, padding) != (stride_x, padding_x):
        raise SystemExit("expected the same stride and padding in x and y")
    weight = parameters[:-filters].reshape(filters, -1, rows, columns)
    gamma, beta = take(layers, "affine_").tensor().reshape(2, filters)
    return Convolution(
        weight * gamma[:, None, None, None], parameters[-filters:] * gamma + beta, stride, padding
    )


@dataclass
class Feature:
    """An activation: its name in the graph, height (= width) and channels."""

    name: str
    size: int
    channels: int


@dataclass
class Graph:
    """Nodes and initialisers in the making."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, values: npt.ArrayLike, dtype: npt.DTypeLike) -> str:
        """Add an initialiser and return its name."""
        self.initialisers.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, op: str, inputs: list[str], name: str, **attributes: object) -> str:
        """Add a node and return the name of its output."""
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def stored(self, name: str, weight: Array) -> tuple[str, Array]:
        """Store weights (out, ...) as float16 with one scale per output.

        Returns:
            The name of the float32 weights in the graph, and what they really are.
        """
        axes = tuple(range(1, weight.ndim))
        scale = np.abs(weight).max(axis=axes, keepdims=True).astype(np.float32)
        half = (weight / scale).astype(np.float16)
        stored = self.constant(f"{name}.half", half, np.float16)
        cast = self.node("Cast", [stored], f"{name}.single", to=TensorProto.FLOAT)
        factor = self.constant(f"{name}.scale", scale, np.float32)
        return self.node("Mul", [cast, factor], f"{name}.weight"), half * scale.astype(np.float64)

    def convolve(self, x: str, name: str, conv: Convolution, *, first: bool = False) -> str:
        """Add a convolution; the first one also holds the input normalisation."""
        weight = conv.weight * INPUT_SCALE if first else conv.weight
        stored, real = self.stored(name, weight)
        bias = conv.bias
        if first:
            bias = bias - (real * INPUT_MEAN[None, :, None, None]).sum(axis=(1, 2, 3))
        inputs = [x, stored, self.constant(f"{name}.bias", bias, np.float32)]
        pads, strides = [conv.padding] * 4, [conv.stride] * 2
        kernel = list(conv.weight.shape[2:])
        return self.node("Conv", inputs, name, kernel_shape=kernel, pads=pads, strides=strides)


def pad(graph: Graph, x: str, name: str, channels: int, pixels: int) -> str:
    """Append zero channels, and zero rows below and columns at the right, as ``add_prev`` does."""
    if not channels and not pixels:
        return x
    sizes = graph.constant(f"{name}.sizes", [0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
    return graph.node("Pad", [x, sizes], name, mode="constant")


def build(data: bytes) -> onnx.ModelProto:
    """Build the ONNX model from the bytes of the .dat file."""
    layers, graph = read_layers(data), Graph()
    stem = take_convolution(layers)
    take(layers, "relu_")
    take(layers, "max_pool_2")
    x = graph.convolve("chips", "stem", stem, first=True)
    x = graph.node("Relu", [x], "stem.relu")
    x = graph.node("MaxPool", [x], "stem.pool", kernel_shape=[3, 3], strides=[2, 2])
    feature = Feature(x, ((150 - 7) // 2 + 1 - 3) // 2 + 1, stem.weight.shape[0])
    for index, kind in enumerate(BLOCKS):
        feature = add_block(graph, layers, feature, f"block{index}", kind)
    take(layers, "avg_pool_2")
    reader = take(layers, "fc_2")
    outputs, inputs = reader.integer(), reader.integer()
    dense = reader.tensor().reshape(inputs, outputs)
    x = graph.node("GlobalAveragePool", [feature.name], "pool")
    x = graph.node("Flatten", [x], "pool.flat")
    stored, _ = graph.stored("dense", dense.T)
    graph.node("Gemm", [x, stored], "embedding", transB=1)
    return as_model(graph)


def add_block(graph: Graph, layers: list[Layer], feature: Feature, name: str, kind: str) -> Feature:
    """Add one residual block, "same" or "down" (half the height)."""
    first = take_convolution(layers)
    take(layers, "relu_")
    second = take_convolution(layers)
    skip, skip_size = feature.name, feature.size
    y = graph.convolve(skip, f"{name}.conv1", first)
    y = graph.node("Relu", [y], f"{name}.relu1")
    y = graph.convolve(y, f"{name}.conv2", second)
    channels, kernel = second.weight.shape[0], first.weight.shape[-1]
    size = (feature.size + 2 * first.padding - kernel) // first.stride + 1
    if kind == "down":
        take(layers, "avg_pool_2")
        skip = graph.node(
            "AveragePool", [skip], f"{name}.skip", kernel_shape=[2, 2], strides=[2, 2]
        )
        skip_size = (skip_size - 2) // 2 + 1
    take(layers, "add_prev_")
    take(layers, "relu_")
    both = max(size, skip_size)
    skip = pad(graph, skip, f"{name}.skip.pad", channels - feature.channels, both - skip_size)
    y = pad(graph, y, f"{name}.pad", 0, both - size)
    y = graph.node("Add", [y, skip], f"{name}.add")
    return Feature(graph.node("Relu", [y], f"{name}.relu2"), both, channels)


def as_model(graph: Graph) -> onnx.ModelProto:
    """Wrap and check the graph."""
    chips = helper.make_tensor_value_info("chips", TensorProto.FLOAT, ["batch", 3, 150, 150])
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 128])
    body = helper.make_graph(
        graph.nodes, "dlib_face_resnet", [chips], [embedding], graph.initialisers
    )
    model = helper.make_model(
        body,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
        producer_name="facefidelity benchmarks/dlib_to_onnx.py",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def installed_weights() -> Path:
    """Find the .dat file of the installed face-recognition-models, without importing it."""
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("face-recognition-models is not installed; name the .dat file")
    folder = Path(spec.submodule_search_locations[0])
    return folder / "models" / "dlib_face_recognition_resnet_model_v1.dat"


def main() -> None:
    """Convert the installed (or named) file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dat", nargs="?", type=Path, help="the .dat file; default: the installed")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .onnx file to write")
    options = parser.parse_args()
    model = build((options.dat or installed_weights()).read_bytes())
    options.output.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
