"""The example cameras are cameras, and do what they are there for."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facefidelity.assessor.benchmark.labels import full_reference_labels, measure_pristine
from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.core.faces import AlignedFace
from facefidelity.plugin.tuning.signals import measure_signals
from facefidelity.restorers.classical import ClassicalRestorer, ClassicalSettings
from facefidelity.restorers.frames import resize_square

FOLDER = Path(__file__).parents[3] / "examples" / "cameras"
SHOTS = 3


def shots(name: str, face: AlignedFace) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    camera = named_camera(str(FOLDER / f"{name}.yaml"))
    return [camera.draw(rng).capture(face.pixels, rng) for _ in range(SHOTS)]


def mean_gain(name: str, face: AlignedFace, **settings: float) -> float:
    """True gain of a setting of the classical restorer."""
    truth = measure_pristine(resize_square(face.pixels, 256))
    restorer, chosen = ClassicalRestorer(), ClassicalSettings(**settings)
    gains = []
    for shot in shots(name, face):
        before, after = (
            full_reference_labels(resize_square(one, 256), truth)["overall"]
            for one in (shot, restorer.restore(shot, chosen))
        )
        gains.append(after - before)
    return float(np.mean(gains))


def test_from_afar_a_wide_mask_gains_and_denoising_hardly_matters(
    astronaut_face: AlignedFace,
) -> None:
    narrow = mean_gain("quiet_far", astronaut_face, strength=0.0, sharpen=0.4)
    wide = mean_gain("quiet_far", astronaut_face, strength=0.0, sharpen=2.0, radius=4.0)
    denoised = mean_gain("quiet_far", astronaut_face, strength=0.75, sharpen=2.0, radius=4.0)
    assert wide > narrow + 8
    assert abs(denoised - wide) < 3


def test_in_noise_denoising_is_what_gains(astronaut_face: AlignedFace) -> None:
    sharpened = mean_gain("noisy_near", astronaut_face, strength=0.0, sharpen=1.5)
    denoised = mean_gain("noisy_near", astronaut_face, strength=0.75, sharpen=0.4)
    assert sharpened < 0
    assert denoised > sharpened + 3


def test_beyond_saving_is_small_and_blurred(astronaut_face: AlignedFace) -> None:
    found = [measure_signals(shot) for shot in shots("beyond_saving", astronaut_face)]
    assert all(one.blur_px > 6 for one in found)
