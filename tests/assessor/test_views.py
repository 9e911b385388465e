"""What enters the network: any square face, brought to one size."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.assessor.views import (
    FRAME_PX,
    INNER_FACE,
    MOSAIC_OFFSETS,
    VIEW_PX,
    prepare_face,
)
from facefidelity.core.errors import InvalidInput


@pytest.mark.parametrize("side", [32, 100, 255, 256, 257, 512, 1024])
def test_every_size_is_brought_to_the_frame(side):
    face = np.full((side, side, 3), (10, 120, 240), np.uint8)
    prepared = prepare_face(face)
    assert prepared.shape == (256, 256, 3)
    assert prepared.dtype == np.uint8
    assert (prepared == (10, 120, 240)).all()


def test_a_face_of_the_frames_size_keeps_its_bytes():
    face = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert prepare_face(face).tobytes() == face.tobytes()


def test_shrinking_averages_and_does_not_alias():
    checks = (np.indices((512, 512)).sum(axis=0) % 2 * 254).astype(np.uint8)
    assert (prepare_face(np.repeat(checks[..., None], 3, axis=2)) == 127).all()


@pytest.mark.parametrize(
    ("face", "told"),
    [
        (np.zeros((64, 65, 3), np.uint8), "65x64"),
        (np.zeros((31, 31, 3), np.uint8), "31x31"),
        (np.zeros((64, 64), np.uint8), "uint8 RGB"),
        (np.zeros((64, 64, 4), np.uint8), "uint8 RGB"),
        (np.zeros((64, 64, 3), np.float32), "float32"),
        (np.zeros((3, 64, 64), np.uint8), r"\(3, 64, 64\)"),
    ],
)
def test_what_is_no_aligned_face_is_refused(face, told):
    with pytest.raises(InvalidInput, match=told):
        prepare_face(face)


def test_the_views_lie_within_the_frame():
    assert max(INNER_FACE) + VIEW_PX <= FRAME_PX
    side = VIEW_PX // len(MOSAIC_OFFSETS)
    assert max(MOSAIC_OFFSETS) + side <= FRAME_PX
    gaps = np.diff(MOSAIC_OFFSETS)
    assert (gaps >= side).all()
