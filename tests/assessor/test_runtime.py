"""The assessor at run time: batches, sizes, wrong inputs, and weights that are none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.assessor.runtime import Assessor
from facefidelity.core.errors import InvalidInput, UnsupportedWeights, WeightsMissing
from facefidelity.core.protocols import QualityAssessor
from facefidelity.core.scores import HEADS


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor(threads=1)


@pytest.fixture(scope="module")
def faces(astronaut_face) -> list[np.ndarray]:
    """Nineteen, over one inner batch of 16, of several sizes."""
    face = astronaut_face.pixels
    made = [cv2.GaussianBlur(face, (0, 0), 0.5 + i) for i in range(9)]
    sides = (32, 64, 100, 200, 256, 300, 512, 600, 700, 256)
    return [*made, *(cv2.resize(face, (s, s), interpolation=cv2.INTER_AREA) for s in sides)]


def values(scores) -> list[list[float]]:
    return [list(one.as_dict().values()) for one in scores]


def test_a_batch_says_what_single_faces_say(assessor, faces):
    batch = assessor.score_batch(faces)
    assert len(batch) == len(faces)
    single = [assessor.score(face) for face in faces]
    np.testing.assert_allclose(values(batch), values(single), atol=0.02)


def test_an_empty_batch_is_empty(assessor):
    assert assessor.score_batch([]) == []


def test_the_same_face_has_the_same_scores_with_other_threads_and_another_session(assessor, faces):
    first = assessor.score_batch(faces[:3])
    assert first == assessor.score_batch([face.copy() for face in faces[:3]])
    np.testing.assert_allclose(
        values(Assessor(threads=2).score_batch(faces[:3])), values(first), atol=0.02
    )


def test_a_face_is_scored_as_its_256_px_version(assessor, astronaut_face):
    small = cv2.resize(astronaut_face.pixels, (256, 256), interpolation=cv2.INTER_AREA)
    assert assessor.score(small) == assessor.score(astronaut_face.pixels)


def test_it_has_the_protocol_and_a_name_that_follows_the_weights(assessor):
    assert isinstance(assessor, QualityAssessor)
    assert assessor.name == f"sfiqa-assessor-{assessor.sha256[:8]}"
    assert len(assessor.sha256) == 64


def test_the_input_is_not_written_to(assessor, astronaut_face):
    assert not astronaut_face.pixels.flags.writeable
    assessor.score(astronaut_face.pixels)


@pytest.mark.parametrize(
    "face",
    [
        np.zeros((64, 65, 3), np.uint8),
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((64, 64, 3), np.float32),
        np.zeros((64, 64), np.uint8),
    ],
)
def test_a_wrong_face_is_refused_wherever_it_stands_in_a_batch(assessor, face):
    with pytest.raises(InvalidInput, match="expected"):
        assessor.score(face)
    with pytest.raises(InvalidInput, match="expected"):
        assessor.score_batch([np.zeros((64, 64, 3), np.uint8), face])


def test_opening_leaves_the_arithmetic_of_the_process_alone():
    """onnxruntime's denormal switch would flush subnormal numbers of the caller to zero."""
    code = (
        "import sys, numpy as np; from facefidelity.assessor.runtime import Assessor\n"
        "Assessor(threads=1).score(np.zeros((64, 64, 3), np.uint8))\n"
        "sys.exit(0 if sys.float_info.min / float('2') > 0 else 'subnormal numbers are gone')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def network(
    path: Path,
    *,
    names: tuple[str, ...] = ("face", "source"),
    side: int = 256,
    heads: int = 6,
    kind: str = "FLOAT",
) -> Path:
    """A whole ONNX file: scores from the mean of its first input, support from its last."""
    onnx = pytest.importorskip("onnx", reason="needs onnx (the test extra) to build networks")
    helper, numbers = onnx.helper, getattr(onnx.TensorProto, kind)
    value = helper.make_tensor_value_info
    takes = [value(name, numbers, ["n", 3, side, side]) for name in names]
    gives = [value("scores", numbers, ["n", heads]), value("support", numbers, ["n", 1])]
    dtype = helper.tensor_dtype_to_np_dtype(numbers)
    nodes = []
    for name, leaving in ((names[0], "scores"), (names[-1], "support")):
        pooled = helper.make_node("ReduceMean", [name, "axes"], [f"of_{leaving}"], keepdims=0)
        nodes += [pooled, helper.make_node("MatMul", [f"of_{leaving}", f"w_{leaving}"], [leaving])]
    constants = [
        onnx.numpy_helper.from_array(np.array([2, 3], np.int64), "axes"),
        onnx.numpy_helper.from_array(np.full((3, heads), 0.1, dtype), "w_scores"),
        onnx.numpy_helper.from_array(np.full((3, 1), 0.2, dtype), "w_support"),
    ]
    graph = helper.make_graph(nodes, "g", takes, gives, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, str(path))
    return path


def test_the_source_reaches_only_what_it_supports(tmp_path):
    assessor = Assessor(network(tmp_path / "a.onnx"), threads=1)
    face, source = (np.full((64, 64, 3), grey, np.uint8) for grey in (100, 50))
    scores, supported = assessor.score_restored([face, face], [source, face])
    assert scores == [assessor.score(face)] * 2
    assert supported == [pytest.approx(30.0), pytest.approx(60.0)]


def test_every_face_needs_its_source(assessor):
    face = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(InvalidInput, match="one source for each face, got 2 and 1"):
        assessor.score_restored([face, face], [face])
    with pytest.raises(InvalidInput, match="square"):
        assessor.score_restored([face], [face[:, :60]])


def test_the_shipped_scores_do_not_depend_on_the_source(assessor, faces):
    scores, supported = assessor.score_restored(faces[:4], faces[4:8])
    assert scores == assessor.score_batch(faces[:4])
    assert all(0 <= value <= 100 for value in supported)
    assert supported != assessor.score_restored(faces[:4], faces[:4])[1]


def test_another_file_of_the_same_shape_is_run_in_the_order_of_the_heads(tmp_path):
    assessor = Assessor(network(tmp_path / "a.onnx"), threads=1)
    scores = assessor.score(np.full((64, 64, 3), (100, 50, 30), np.uint8)).as_dict()
    assert tuple(scores) == HEADS
    assert all(value == pytest.approx(18.0) for value in scores.values())


@pytest.mark.parametrize(
    "shape",
    [
        {"side": 224},
        {"heads": 5},
        {"names": ("input", "source")},
        {"names": ("face",)},
        {"kind": "DOUBLE"},
    ],
    ids=str,
)
def test_a_network_of_another_shape_is_refused(tmp_path, shape):
    with pytest.raises(UnsupportedWeights, match=r"\(N, 3, 256, 256\).*got"):
        Assessor(network(tmp_path / "other.onnx", **shape))


def test_a_network_without_an_input_is_refused(tmp_path):
    onnx = pytest.importorskip("onnx", reason="needs onnx (the test extra) to build networks")
    helper = onnx.helper
    constant = onnx.numpy_helper.from_array(np.zeros((1, 6), np.float32), "c")
    gives = [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [1, 6])]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["scores"])], "g", [], gives, [constant]
    )
    path = tmp_path / "none.onnx"
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9),
        str(path),
    )
    with pytest.raises(UnsupportedWeights, match=r"\(N, 3, 256, 256\)"):
        Assessor(path)


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x09" * 200], ids=len)
def test_a_file_that_is_no_network_is_refused(tmp_path, content):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(UnsupportedWeights, match="broken.onnx"):
        Assessor(path)


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(WeightsMissing, match="none.onnx, found none; reinstall"):
        Assessor(tmp_path / "none.onnx")
