"""Self-made pairs: the best faces, truly degraded, the same for one seed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces import AlignedFace
from facefidelity.guards.profile import CameraDescription, Spread
from facefidelity.plugin.tuning.self_truth import choose_truth, make_self_pairs
from facefidelity.plugin.tuning.signals import measure_signals

CAMERA = CameraDescription(
    face_px=Spread(low=30, median=45, high=80),
    blur_px=Spread(low=2.0, median=4.0, high=7.0),
    noise=Spread(low=1.0, median=3.0, high=6.0),
    faces=10,
)


def test_pairs_measure_as_the_camera_does(astronaut_face: AlignedFace) -> None:
    pairs = make_self_pairs([astronaut_face.pixels], CAMERA, np.random.default_rng(0), 6)
    assert len(pairs) == 6
    seen = [measure_signals(pair.lq) for pair in pairs]
    assert all(pair.truth is astronaut_face.pixels and pair.face == 0 for pair in pairs)
    assert 2.0 <= np.median([one.blur_px for one in seen]) <= 7.0
    assert 1.0 <= np.median([one.noise for one in seen]) <= 7.0


def test_the_same_seed_gives_the_same_pairs(astronaut_face: AlignedFace) -> None:
    first, second, other = (
        make_self_pairs([astronaut_face.pixels], CAMERA, np.random.default_rng(seed), 1)[0].lq
        for seed in (3, 3, 4)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_truth_as_bad_as_the_camera_still_loses_something(astronaut_face: AlignedFace) -> None:
    soft = cv2.GaussianBlur(astronaut_face.pixels, (0, 0), 4.0)
    own = measure_signals(soft).blur_px
    same = Spread(low=own, median=own, high=own)
    camera = CameraDescription(blur_px=same, faces=10)
    (pair,) = make_self_pairs([soft], camera, np.random.default_rng(0), 1)
    assert measure_signals(pair.lq).blur_px > 1.15 * own


def test_the_best_faces_are_the_truth() -> None:
    faces = [np.zeros((512, 512, 3), np.uint8)] * 30
    chosen = choose_truth(faces, list(range(30)))
    assert chosen == list(range(29, 17, -1))
    assert len(choose_truth(faces[:8], list(range(8)))) == 6
    assert choose_truth(faces[:2], [0.0, 1.0]) == [1, 0]


def test_wrong_use_is_refused(astronaut_face: AlignedFace) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidInput, match="expected faces"):
        make_self_pairs([], CAMERA, rng)
    with pytest.raises(InvalidInput, match="per_face"):
        make_self_pairs([astronaut_face.pixels], CAMERA, rng, 0)
    with pytest.raises(InvalidInput, match="one a face"):
        choose_truth([astronaut_face.pixels], [1.0, 2.0])
