"""Exports the trained network to one ONNX file, reads one back, and checks that both say the same.

The exported graph keeps every weight under its own name, so the file that runs is also the file
that fine-tuning starts from: no second checkpoint, no pickle.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
import onnx_ir
import onnxruntime
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from onnx_ir.passes.common import RemoveUnusedNodesPass
from onnxscript.optimizer import fold_constants

from ...core.errors import UnsupportedWeights, WriteFailed
from .network import Assessor
from .plan import NetworkPlan

__all__ = ["export_onnx", "read_network"]

_PLAN_KEY: Final = "facefidelity.network"


def export_onnx(network: Assessor, path: Path, tolerance: float = 0.05) -> float:
    """Write the ONNX file; batch size is free.

    Args:
        network: The trained network.
        path: Where the file goes.
        tolerance: Largest difference between torch and onnxruntime, in score points.

    Returns:
        The largest difference that was seen, in score points.

    Raises:
        UnsupportedWeights: If it is larger than the tolerance; nothing is left then.
        WriteFailed: If the disk refuses.
    """
    network = network.eval().to(memory_format=torch.contiguous_format)
    faces = np.random.default_rng(0).integers(0, 256, (2, 3, 3, 256, 256)).astype(np.float32)
    face, source = torch.from_numpy(faces)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteFailed(f"expected a folder for {path}, got: {error}") from error
    batch = torch.export.Dim("batch", min=1, max=1024)
    program = torch.onnx.export(
        network,
        (face[:2], source[:2]),
        input_names=["face", "source"],
        output_names=["scores", "fidelity_given_source"],
        dynamic_shapes={"face": {0: batch}, "source": {0: batch}},
        opset_version=18,
        dynamo=True,
        optimize=False,
        verbose=False,
    )
    model = _with_folded_constants(program.model_proto)
    _strip(model)
    model.metadata_props.add(key=_PLAN_KEY, value=network.plan.model_dump_json())
    unfinished = path.with_suffix(".onnx.part")
    try:
        onnx.save(model, unfinished)
        difference = _difference(network, unfinished, faces)
        if difference > tolerance:
            raise UnsupportedWeights(
                f"expected onnxruntime within {tolerance} points of torch, got {difference:.4f}"
            )
        unfinished.replace(path)
    except OSError as error:
        raise WriteFailed(f"expected to be able to write {path}, got: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return difference


def _difference(network: Assessor, path: Path, faces: npt.NDArray[np.float32]) -> float:
    """Largest difference in points; `faces` is (2, N, 3, 256, 256), faces and sources."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    came = np.concatenate(session.run(None, {"face": faces[0], "source": faces[1]}), axis=1)
    with torch.no_grad():
        expected = torch.cat(network(*torch.from_numpy(faces)), dim=1).numpy()
    return float(np.nanmax(np.abs(came - expected)))


def _with_folded_constants(model: onnx.ModelProto) -> onnx.ModelProto:
    """Compute what does not depend on the input, except the weights: these keep their names.

    The exporter leaves shapes and zero biases as nodes, which keep onnxruntime from fusing
    convolution and normalisation: the graph then takes twice the time.
    """
    weights = {each.name for each in model.graph.initializer}

    def spare_weights(node: onnx_ir.Node) -> bool | None:
        touched = any(value is not None and value.name in weights for value in node.inputs)
        return False if touched else None  # None: the optimizer decides

    graph = onnx_ir.serde.deserialize_model(model)
    fold_constants(graph, onnx_shape_inference=False, should_fold=spare_weights)
    RemoveUnusedNodesPass()(graph)
    return onnx_ir.serde.serialize_model(graph)


def _strip(model: onnx.ModelProto) -> None:
    """Drop the exporter's stack traces: a quarter of the file, and paths of this machine."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    model.graph.doc_string = ""
    for part in (
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
    ):
        del part.metadata_props[:]
        part.doc_string = ""


def read_network(path: Path) -> tuple[NetworkPlan, dict[str, Any]]:
    """Read plan and weights back from an exported file, to train further.

    Returns:
        The plan, and a state dictionary of torch tensors for ``Assessor(plan)``.

    Raises:
        UnsupportedWeights: If the file is not an exported assessor.
    """
    try:
        model = onnx.load(path)
        plan_text = {entry.key: entry.value for entry in model.metadata_props}[_PLAN_KEY]
        plan = NetworkPlan.model_validate(json.loads(plan_text))
        stored = {
            each.name: torch.from_numpy(np.array(numpy_helper.to_array(each)))
            for each in model.graph.initializer
        }
    except (OSError, KeyError, ValueError, TypeError, DecodeError) as error:
        raise UnsupportedWeights(
            f"expected an assessor that `facefidelity bench export` wrote in {path}, got: {error!r}"
        ) from error
    wanted = Assessor(plan).state_dict()
    uncounted = [name for name in wanted if name.endswith("num_batches_tracked")]
    wrong = [
        name
        for name in sorted(set(wanted) - set(uncounted))
        if name not in stored or stored[name].shape != wanted[name].shape
    ]
    if wrong:
        raise UnsupportedWeights(
            f"expected every weight by its name and in its shape in {path}, not so {wrong[:3]}"
        )
    return plan, {name: stored.get(name, wanted[name]) for name in wanted}
