"""What is measured on a face follows what the camera did to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.core.faces import AlignedFace
from facefidelity.plugin.tuning.signals import (
    block_quality,
    effective_face_px,
    measure_signals,
)


def shoot(face: np.ndarray, **parameters: object) -> np.ndarray:
    return VirtualCamera(**parameters).capture(face, np.random.default_rng(0))


def test_blur_is_measured_in_frame_px(astronaut_face: AlignedFace) -> None:
    for face_px, defocus in ((60, 1.0), (40, 1.0), (30, 0.5)):
        wanted = np.hypot(0.5, defocus) * 512 * 0.53 / face_px
        found = measure_signals(shoot(astronaut_face.pixels, face_px=face_px, defocus_px=defocus))
        assert found.blur_px == pytest.approx(wanted, rel=0.3)


def test_noise_is_measured_at_the_sensor(astronaut_face: AlignedFace) -> None:
    found = [
        measure_signals(
            shoot(astronaut_face.pixels, face_px=80, noise=(("poisson", sigma),)), 80
        ).noise
        for sigma in (0.0, 5.0, 12.0)
    ]
    assert found == sorted(found)
    assert found[0] < 2
    assert 3 < found[1] < 8
    assert 8 < found[2] < 16


def test_smaller_faces_are_effectively_smaller(astronaut_face: AlignedFace) -> None:
    found = [
        measure_signals(shoot(astronaut_face.pixels, face_px=px)).face_px for px in (30, 60, 110)
    ]
    assert found == sorted(found)
    assert effective_face_px(0.0) == pytest.approx(0.53 * 512)


def test_grey_and_brightness(astronaut_face: AlignedFace) -> None:
    colour = measure_signals(astronaut_face.pixels)
    night = measure_signals(shoot(astronaut_face.pixels, face_px=100, grey=True, exposure=-50.0))
    assert (colour.grey, night.grey) == (False, True)
    assert night.brightness < colour.brightness - 30


def test_blocks_tell_the_quality_at_any_phase(astronaut: np.ndarray) -> None:
    luma = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    found = []
    for quality in (15, 40, 75):
        coded = cv2.imdecode(cv2.imencode(".jpg", luma, [1, quality])[1], cv2.IMREAD_GRAYSCALE)
        found.append(block_quality(coded[3:259, 5:261]))
    assert None not in found
    assert found == sorted(found)
    assert block_quality(luma) is None
    assert block_quality(luma[:20, :20]) is None
