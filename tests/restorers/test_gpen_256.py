from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from facefidelity.core.faces import LandmarkScheme
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.restorers import create_restorer
from facefidelity.restorers.gpen_256 import _Gpen256, _to_arcface
from facefidelity.restorers.settings import NoSettings


def test_the_landmarks_lie_where_arcface_has_them() -> None:
    affine = _to_arcface()
    points = TEMPLATES[LandmarkScheme.FFHQ5] @ affine[:, :2].T + affine[:, 2]
    wanted = np.array(
        [(92.6, 103.4), (163.1, 103.0), (128.1, 143.5), (99.1, 184.7), (157.5, 184.4)]
    )
    assert np.abs(points - wanted).max() < 5
    assert np.abs(points - wanted).mean() < 3


def test_a_network_that_changes_nothing_changes_little(face: np.ndarray, write_onnx: Any) -> None:
    restorer = create_restorer("gpen-256-onnx", trust=True, weights=write_onnx(size=256))
    restored = restorer.restore(face, NoSettings())
    difference = np.abs(restored.astype(int) - face)
    assert difference.mean() < 3
    assert difference[:8].max() == 0  # the rim that ArcFace's frame does not show


def test_what_the_network_changes_comes_back_to_its_place(face: np.ndarray) -> None:
    def mark(crop: np.ndarray) -> np.ndarray:
        assert crop.shape == (256, 256, 3)
        marked = crop.copy()
        marked[139:148, 124:133] = (255, 0, 255)  # the nose tip of ArcFace's frame
        return marked

    restored = _Gpen256(mark).restore(face, NoSettings())
    changed = np.argwhere(np.abs(restored.astype(int) - face).max(axis=2) > 90)
    affine = _to_arcface()
    x, y = np.linalg.solve(affine[:, :2], np.array([128, 143]) - affine[:, 2])
    assert changed.mean(axis=0) == pytest.approx([y, x], abs=1.5)
    assert (x, y) == pytest.approx((256.6, 314.0), abs=10)
