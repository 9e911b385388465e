"""Region masks: soft, whole, symmetric, and carried along by the landmarks."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.faces.alignment import TEMPLATES, LandmarkScheme
from facefidelity.guards.findings import RegionDrift
from facefidelity.guards.regions import REGIONS, region_masks

POINTS = TEMPLATES[LandmarkScheme.DLIB5]


def centre(mask: np.ndarray) -> np.ndarray:
    grid = np.arange(mask.shape[0])
    return np.array([(mask.sum(axis=0) * grid).sum(), (mask.sum(axis=1) * grid).sum()])


def test_every_region_has_one_mask_that_sums_to_one():
    masks = region_masks(POINTS, 512, 64)
    assert masks.shape == (len(REGIONS), 64, 64)
    assert masks.min() >= 0
    assert masks.sum(axis=(1, 2)) == pytest.approx(1, abs=1e-4)


def test_a_mirrored_face_has_mirrored_masks():
    mirrored = np.array([511.0, 0]) + POINTS[[3, 2, 1, 0, 4]] * [-1, 1]
    masks = dict(zip(REGIONS, region_masks(POINTS, 512, 64), strict=True))
    found = dict(zip(REGIONS, region_masks(mirrored, 512, 64), strict=True))
    other = {"left_eye": "right_eye", "right_eye": "left_eye"}
    for name in REGIONS:
        assert found[name][:, ::-1] == pytest.approx(masks[other.get(name, name)], abs=1e-5)


def test_left_is_left_in_the_picture_and_the_mouth_below_the_nose():
    places = {n: centre(m) for n, m in zip(REGIONS, region_masks(POINTS, 512, 64), strict=True)}
    assert places["left_eye"][0] < 28
    assert places["right_eye"][0] > 36
    assert places["brows"][1] < places["left_eye"][1] < places["nose"][1] < places["mouth"][1]


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_the_side_of_the_frame_does_not_matter(scale):
    scaled = region_masks(POINTS * scale, round(512 * scale), 64)
    assert scaled == pytest.approx(region_masks(POINTS, 512, 64), abs=1e-4)


def test_masks_follow_the_landmarks():
    still, moved = (region_masks(p, 512, 64) for p in (POINTS, POINTS + np.array([24, 16])))
    for before, after in zip(still[:5], moved[:5], strict=True):
        assert centre(after) - centre(before) == pytest.approx([3, 2], abs=0.1)


@pytest.mark.parametrize(
    "points",
    [np.full((5, 2), 100.0), POINTS * 4, 512 - POINTS],
    ids=["one spot", "four times too large", "upside down"],
)
def test_a_miss_of_the_locator_leaves_the_template_in_place(points):
    assert region_masks(points, 512, 64) == pytest.approx(region_masks(POINTS, 512, 64), abs=1e-4)


def test_sides_without_extent_are_refused():
    with pytest.raises(InvalidInput, match="at least 1 px"):
        region_masks(POINTS, 512, 0)


def test_region_drift_is_a_frozen_mapping_in_the_order_of_the_masks():
    drift = RegionDrift(*(0.1 * number for number in range(7)))
    assert tuple(drift) == REGIONS
    assert dict(drift)["mouth"] == pytest.approx(0.4)
    assert hash(drift) == hash(RegionDrift(*drift.values()))
    with pytest.raises(KeyError):
        drift["items"]
    with pytest.raises(InvalidInput, match="drift of nose"):
        RegionDrift(0, 0, 0, float("nan"), 0, 0, 0)
