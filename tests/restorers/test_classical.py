from __future__ import annotations

import numpy as np
import pytest

from facefidelity.restorers import create_restorer
from facefidelity.restorers.classical import ClassicalSettings


def _roughness(picture: np.ndarray) -> float:
    return float(np.abs(np.diff(picture.astype(int), axis=1)).mean())


def test_everything_off_changes_nothing(face: np.ndarray) -> None:
    settings = ClassicalSettings(strength=0, sharpen=0)
    assert np.array_equal(create_restorer("classical").restore(face, settings), face)


def test_denoising_takes_noise_away() -> None:
    noise = np.random.default_rng(1).normal(0, 10, (96, 96, 3))
    noisy = np.clip(128 + noise, 0, 255).astype(np.uint8)
    restorer = create_restorer("classical")
    stds = [
        restorer.restore(noisy, ClassicalSettings(strength=strength, sharpen=0)).std()
        for strength in (0.0, 0.5, 1.0)
    ]
    assert stds[0] > stds[1] > stds[2]
    assert stds[2] < 0.5 * stds[0]


@pytest.mark.parametrize("radius", [0.5, 2, 6])
def test_sharpening_makes_edges_steeper(face: np.ndarray, radius: float) -> None:
    restorer = create_restorer("classical")
    soft = restorer.restore(face, ClassicalSettings(strength=0, sharpen=0, radius=radius))
    sharp = restorer.restore(face, ClassicalSettings(strength=0, sharpen=2, radius=radius))
    assert _roughness(sharp) > 1.05 * _roughness(soft)


def test_the_size_is_kept(face: np.ndarray) -> None:
    small = np.ascontiguousarray(face[100:300, 100:300])
    restored = create_restorer("classical").restore(small, ClassicalSettings())
    assert restored.shape == (200, 200, 3)
