from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facefidelity.core.errors import (
    InvalidInput,
    RestorerFailed,
    UnsupportedWeights,
    WeightsMissing,
)
from facefidelity.restorers import create_restorer, parse_settings, restorer_info

OnnxWriter = Callable[..., Path]


def _settings(**values: str) -> Any:
    return parse_settings(restorer_info("onnx"), values)


@pytest.mark.parametrize("size", [64, 256, "side"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("value_range", ["-1..1", "0..1", "0..255"])
def test_size_type_and_range_are_met(
    face: np.ndarray, write_onnx: OnnxWriter, size: Any, dtype: str, value_range: str
) -> None:
    restorer = create_restorer("onnx", trust=True, weights=write_onnx(size=size, dtype=dtype))
    restored = restorer.restore(face, _settings(value_range=value_range))
    side = size if isinstance(size, int) else 512
    assert restored.shape == (side, side, 3)
    if side == 512:
        assert np.abs(restored.astype(int) - face).max() <= 1


@pytest.mark.parametrize("weight", ["float32", "float64", "float16"])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize("names", [("input", "weight"), ("x", "w")])
def test_a_fidelity_weight_is_found_whatever_its_name_and_type(
    face: np.ndarray, write_onnx: OnnxWriter, weight: str, shape: Any, names: Any
) -> None:
    path = write_onnx(size=64, weight=weight, weight_shape=shape, names=names)
    restorer = create_restorer("onnx", trust=True, weights=path)
    whole = restorer.restore(face, _settings(value_range="0..255", fidelity_weight="1"))
    quarter = restorer.restore(face, _settings(value_range="0..255", fidelity_weight="0.25"))
    usual = restorer.restore(face, _settings(value_range="0..255"))
    assert np.abs(whole * 0.25 - quarter).max() <= 1
    assert np.abs(whole * 0.5 - usual).max() <= 1


def test_codeformer_hands_its_weight_through(face: np.ndarray, write_onnx: OnnxWriter) -> None:
    path = write_onnx(size=512, weight="float64")
    restorer = create_restorer("codeformer-onnx", trust=True, weights=path)
    restored = restorer.restore(face, parse_settings(restorer.info, {"fidelity_weight": "0"}))
    assert set(np.unique(restored)) <= {127, 128}
    with pytest.raises(UnsupportedWeights, match="fidelity weight"):
        create_restorer("codeformer-onnx", trust=True, weights=write_onnx(size=512))


def test_a_weight_for_a_network_without_one_is_refused(
    face: np.ndarray, write_onnx: OnnxWriter
) -> None:
    restorer = create_restorer("onnx", trust=True, weights=write_onnx())
    with pytest.raises(InvalidInput, match="takes no fidelity weight"):
        restorer.restore(face, _settings(fidelity_weight="0.5"))


def test_the_settings_may_name_the_file(face: np.ndarray, write_onnx: OnnxWriter) -> None:
    restorer = create_restorer("onnx", trust=True)
    small, large = write_onnx(size=64), write_onnx(size=128)
    assert restorer.restore(face, _settings(path=str(small))).shape[0] == 64
    assert restorer.restore(face, _settings(path=str(large))).shape[0] == 128


def test_no_file_says_both_ways_to_one(face: np.ndarray, tmp_path: Path) -> None:
    told = r"--set path=FILE\.onnx.*facefidelity models pull gfpgan_1\.4\.onnx"
    with pytest.raises(WeightsMissing, match=told):
        create_restorer("onnx", trust=True).restore(face, _settings())
    with pytest.raises(WeightsMissing, match=f"nothing.onnx, found none.*{told}"):
        create_restorer("onnx", trust=True).restore(
            face, _settings(path=str(tmp_path / "nothing.onnx"))
        )


@pytest.mark.parametrize(
    "shape",
    [
        {"channels": 1},
        {"channels": 4},
        {"size": 16},
        {"size": 4096},
        {"extra_inputs": 1},
        {"weight": "float32", "weight_shape": (2,)},
        {"output": "classes"},
    ],
    ids=str,
)
def test_networks_that_restore_no_pictures_are_refused(
    face: np.ndarray, write_onnx: OnnxWriter, shape: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedWeights, match="this restorer cannot use it"):
        create_restorer("onnx", trust=True, weights=write_onnx(**shape)).restore(face, _settings())


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", bytes(range(256)) * 40])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(UnsupportedWeights, match="expected an ONNX file"):
        create_restorer("onnx", trust=True, weights=path)


def test_nan_is_a_failure(face: np.ndarray, write_onnx: OnnxWriter) -> None:
    with pytest.raises(RestorerFailed, match="NaN"):
        create_restorer("onnx", trust=True, weights=write_onnx(output="nan")).restore(
            face, _settings()
        )


@pytest.mark.parametrize("options", [{"device": "abacus"}, {"threads": 0}])
def test_wrong_options_are_refused(write_onnx: OnnxWriter, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        create_restorer("onnx", trust=True, weights=write_onnx(), **options)
