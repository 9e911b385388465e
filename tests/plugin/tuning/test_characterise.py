"""The description of a camera, and what is odd about its frames."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import QualityScores
from facefidelity.plugin.tuning.characterise import characterise, describe_oddities
from facefidelity.plugin.tuning.frames import CameraFace
from facefidelity.plugin.tuning.signals import FaceSignals

PIXELS = np.zeros((512, 512, 3), np.uint8)


def face(face_px: float = 50.0, *, grey: bool = False, brightness: float = 100.0) -> CameraFace:
    signals = FaceSignals(face_px, 3.0, 2.0, None, brightness, 40.0, grey)
    return CameraFace("x", PIXELS, signals, QualityScores(50, 50, 50, 50, 50, face_px / 2))


def test_description_holds_spreads_and_samples() -> None:
    camera = characterise([face(px) for px in np.linspace(40, 80, 41)])
    assert camera.face_px is not None
    assert camera.face_px.median == pytest.approx(60)
    assert camera.face_px.low == pytest.approx(44)
    assert camera.compression_quality is None
    assert len(camera.scores["overall"]) == 41
    assert "compression_quality" not in camera.signals
    assert camera.faces == 41


def test_one_face_has_no_samples_and_none_is_refused() -> None:
    assert characterise([face()]).scores == {}
    with pytest.raises(InvalidInput, match="at least one face"):
        characterise([])


def test_mixed_cameras_are_named() -> None:
    mixed = [face(grey=number % 2 == 0) for number in range(20)]
    (said,) = describe_oddities(mixed)
    assert said.startswith("50 % of the faces are grey")
    rng = np.random.default_rng(0)
    two = [face(px) for px in (*rng.normal(30, 1, 15), *rng.normal(120, 4, 15))]
    (said,) = describe_oddities(two)
    assert "two groups by face width" in said


@pytest.mark.parametrize("seed", range(5))
def test_one_camera_is_not_called_two(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for draws in (np.exp(rng.uniform(3, 5, 60)), rng.normal(60, 8, 60), rng.uniform(20, 99, 60)):
        assert describe_oddities([face(px, brightness=px) for px in draws]) == ()
