"""Pairs of faces with everything measured that blending starts from."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.core.faces.alignment import TEMPLATES, LandmarkScheme
from facefidelity.guards.blending import FacePair
from facefidelity.guards.consistency import CameraView
from facefidelity.guards.drift import measure_drift
from facefidelity.guards.regions import region_masks

POINTS = TEMPLATES[LandmarkScheme.DLIB5]


def measured_pair(lq: np.ndarray, hq: np.ndarray) -> FacePair:
    side = lq.shape[0]
    view, masks = CameraView(lq), region_masks(POINTS * side / 512, side, 64)
    found = view.compare(hq)
    return FacePair(lq, hq, view, found, measure_drift(view, found, masks).regions, masks)


def photographed(face: np.ndarray, size_px: int = 64) -> np.ndarray:
    small = cv2.resize(face, (size_px, size_px), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 2, small.shape)
    noisy = np.clip(small + noise, 0, 255).astype(np.uint8)
    return cv2.resize(noisy, face.shape[:2], interpolation=cv2.INTER_CUBIC)


def with_other_eyes(face: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[:512, :512].astype(np.float32)
    weight = sum(np.exp(-((x - cx) ** 2 + (y - 243) ** 2) / (2 * 22**2)) for cx in (195, 317))
    tinted = face + np.array([-40, 0, 60]) * weight[..., None]
    return np.clip(tinted, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def pair_of():
    """Measure a pair."""
    return measured_pair


@pytest.fixture(scope="session")
def camera():
    """Take a face with few pixels and some noise."""
    return photographed


@pytest.fixture(scope="session")
def blue_eyed(astronaut_face) -> FacePair:
    """LQ of 64 px; HQ is the true face but for the colour of its eyes."""
    truth = astronaut_face.pixels
    return measured_pair(photographed(truth), with_other_eyes(truth))
