"""Drift: none between equal faces, and where a feature changed, there and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.core.faces.alignment import TEMPLATES, LandmarkScheme
from facefidelity.guards.consistency import CameraView
from facefidelity.guards.drift import Drift, measure_drift
from facefidelity.guards.regions import REGIONS, region_masks

POINTS = TEMPLATES[LandmarkScheme.DLIB5]
CENTRES = {"left_eye": (195, 243), "right_eye": (317, 243), "nose": (256, 300), "mouth": (256, 374)}


def drift_of(lq: np.ndarray, hq: np.ndarray) -> Drift:
    view = CameraView(lq)
    return measure_drift(view, view.compare(hq), region_masks(POINTS, lq.shape[0], 64))


def spot(name: str) -> np.ndarray:
    mask = np.zeros((512, 512), np.float32)
    cv2.circle(mask, CENTRES[name], 20, 1, -1)
    return cv2.GaussianBlur(mask, (0, 0), 4)[..., None]


def recoloured(face: np.ndarray, name: str, strength: float) -> np.ndarray:
    """One feature with its chroma pushed; its luma stays."""
    planes = cv2.cvtColor(face, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    planes += spot(name) * np.float32([0, -strength, strength])
    whole = np.clip(np.rint(planes), 0, 255).astype(np.uint8)
    return cv2.cvtColor(whole, cv2.COLOR_YCrCb2RGB)


def moved(face: np.ndarray, name: str, by_px: float) -> np.ndarray:
    """One feature pulled down within its surroundings."""
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    cx, cy = CENTRES[name]
    weight = np.exp(-((((x - cx) / 50) ** 2 + ((y - cy) / 28) ** 2) ** 2))
    return cv2.remap(face, x, (y - by_px * weight).astype(np.float32), cv2.INTER_LINEAR)


@pytest.fixture(scope="module")
def face(astronaut_face) -> np.ndarray:
    return astronaut_face.pixels


def test_equal_faces_do_not_drift(face):
    found = drift_of(face, face.copy())
    assert set(found.regions.values()) == {0.0} == set(found.colours.values())
    assert found.maps.drift.max() == 0
    assert found.maps.residual.luma.max() == 0 == found.maps.residual.chroma.max()


def test_flat_faces_do_not_drift():
    flat = [np.full((64, 64, 3), level, np.uint8) for level in (100, 120)]
    assert max(drift_of(*flat).regions.values()) == 0


def test_maps_are_what_they_say(face):
    maps = drift_of(cv2.GaussianBlur(face, (0, 0), 6), recoloured(face, "mouth", 40)).maps
    for plane in (maps.drift, maps.structure, maps.colour):
        assert plane.shape == (64, 64)
        assert plane.dtype == np.float32
        assert 0 <= plane.min() <= plane.max() <= 1
    assert maps.drift == pytest.approx(1 - (1 - maps.structure) * (1 - maps.colour), abs=1e-5)


@pytest.mark.parametrize("name", CENTRES)
def test_a_changed_colour_shows_in_its_region_alone(face, name):
    lq = cv2.GaussianBlur(face, (0, 0), 3)
    honest = drift_of(lq, face).regions
    found = drift_of(lq, recoloured(face, name, 40))
    grown = {region: found.regions[region] - honest[region] for region in REGIONS}
    assert grown.pop(name) > 0.15
    assert max(grown.values()) < 0.1
    assert found.colours[name] > 0.8 * found.regions[name]


@pytest.mark.parametrize("name", ["left_eye", "mouth"])
def test_a_moved_feature_shows_as_structure_in_its_region_most(face, name):
    lq = cv2.GaussianBlur(face, (0, 0), 3)
    honest = drift_of(lq, face).regions
    found = drift_of(lq, moved(face, name, 12))
    grown = {region: found.regions[region] - honest[region] for region in REGIONS}
    assert max(grown, key=lambda region: grown[region]) == name
    assert grown[name] > 0.15
    assert found.colours[name] < 0.6 * found.regions[name]


def test_a_stronger_change_drifts_further(face):
    lq = cv2.GaussianBlur(face, (0, 0), 3)
    found = [drift_of(lq, recoloured(face, "left_eye", s)).regions["left_eye"] for s in (0, 20, 40)]
    assert found == sorted(found)
    assert found[2] > found[0] + 0.15


def test_mirrored_faces_have_mirrored_maps(face):
    lq, hq = cv2.GaussianBlur(face, (0, 0), 4), moved(face, "left_eye", 10)
    plain = drift_of(lq, hq)
    mirrored = drift_of(*(np.ascontiguousarray(one[:, ::-1]) for one in (lq, hq)))
    assert mirrored.maps.drift[:, ::-1] == pytest.approx(plain.maps.drift, abs=0.02)
    assert mirrored.regions["right_eye"] == pytest.approx(plain.regions["left_eye"], abs=0.02)


HONEST = {
    "sharpened": lambda f: cv2.addWeighted(f, 1.7, cv2.GaussianBlur(f, (0, 0), 2), -0.7, 0),
    "denoised": lambda f: cv2.bilateralFilter(f, 9, 40, 5),
    "brighter": lambda f: cv2.convertScaleAbs(f, alpha=0.95, beta=10),
}


@pytest.mark.parametrize("gain", HONEST.values(), ids=HONEST)
@pytest.mark.parametrize("side", [64, 160])
def test_honest_gains_are_no_drift(face, gain, side):
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 6, small.shape)
    small = np.clip(small + noise, 0, 255).astype(np.uint8)
    lq = cv2.resize(small, (512, 512), interpolation=cv2.INTER_CUBIC)
    assert max(drift_of(lq, gain(face)).regions.values()) < 0.2
