from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import RestorerFailed
from facefidelity.restorers import check_restored, create_restorer
from facefidelity.restorers.settings import NoSettings


def _nan() -> np.ndarray:
    picture = np.zeros((64, 64, 3), np.float32)
    picture[3, 4, 1] = np.nan
    return picture


def _flat() -> np.ndarray:
    picture = np.empty((512, 512, 3), np.uint8)
    picture[:] = (10, 200, 90)
    picture[0, 0, 0] += 1
    return picture


@pytest.mark.parametrize(
    ("restored", "told"),
    [
        (None, "NoneType"),
        ("face.png", "str"),
        (np.zeros((512, 512), np.uint8), r"\(512, 512\)"),
        (np.zeros((512, 500, 3), np.uint8), r"\(512, 500, 3\)"),
        (np.zeros((3, 512, 512), np.uint8), r"\(3, 512, 512\)"),
        (np.zeros((16, 16, 3), np.uint8), "16"),
        (np.zeros((512, 512, 3), np.float32), "float32"),
        (np.zeros((512, 512, 3), bool), "bool"),
        (_nan(), "NaN"),
        (_flat(), "one flat colour"),
    ],
)
def test_what_is_no_picture_is_a_failure(face: np.ndarray, restored: Any, told: str) -> None:
    with pytest.raises(RestorerFailed, match=f"mine failed.*{told}"):
        check_restored(face, restored, "mine")


def test_identity_fails(face: np.ndarray) -> None:
    restored = create_restorer("identity").restore(face, NoSettings())
    with pytest.raises(RestorerFailed, match="its input back"):
        check_restored(face, restored)


@pytest.mark.parametrize("size", [256, 384, 512, 768, 1024])
@pytest.mark.parametrize("method", [cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
def test_an_input_that_is_only_resized_and_off_by_one_level_fails(
    face: np.ndarray, size: int, method: int
) -> None:
    used = cv2.INTER_AREA if size < 512 else method
    resized = cv2.resize(face, (size, size), interpolation=used)
    almost = np.where(resized > 0, resized - 1, 0).astype(np.uint8)
    with pytest.raises(RestorerFailed, match="its input back"):
        check_restored(face, almost)


def test_a_restored_face_passes_unchanged(face: np.ndarray) -> None:
    changed = face.copy()
    changed[200:203, 200:203] = np.where(face[200:203, 200:203] > 100, 90, 110)
    assert check_restored(face, changed) is changed
    larger = cv2.resize(changed, (1024, 1024), interpolation=cv2.INTER_CUBIC)
    assert check_restored(face, larger) is larger
