"""The drift picture: grey where nothing departs, coloured and legible where something does."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from facefidelity.core.faces import frame_as_aligned
from facefidelity.core.protocols import Restoration
from facefidelity.core.scores import QualityScores
from facefidelity.guards.consistency import ConsistencyMaps
from facefidelity.guards.drift import EvidenceMaps
from facefidelity.guards.findings import ReferenceMatch, RegionDrift
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision, Evidence, Reason, Verdict
from facefidelity.plugin.report import ReportWriter
from facefidelity.plugin.report.heatmap import (
    drift_picture,
    drift_section,
    overlay_drift,
)
from facefidelity.plugin.report.thumbnails import make_thumbnail
from facefidelity.plugin.results import GuardedFace, GuardedImage

FACE = np.random.default_rng(0).integers(60, 200, (256, 256, 3), dtype=np.uint8)
STILL = np.zeros((64, 64), np.float32)
SPOT = STILL.copy()
SPOT[20:28, 10:18] = 0.9
SCORES = QualityScores(50, 50, 50, 50, 50, 50)
EVIDENCE = Evidence(
    SCORES,
    SCORES,
    0.8,
    "e",
    0.9,
    60,
    0.9,
    0.8,
    0.02,
    0.1,
    region_drift=RegionDrift(0.62, 0.05, 0.05, 0.1, 0.31, 0.08, 0.02),
    region_colour_drift=RegionDrift(0.6, 0.05, 0.05, 0.1, 0.04, 0.08, 0.02),
    roll_change_degrees=1.4,
    yaw_change=0.021,
    references=ReferenceMatch(3, 0.7, 0.5, 0.92, 0.61),
)


def spread(pixels: np.ndarray) -> np.ndarray:
    return np.ptp(pixels.astype(int), axis=2)


def luma(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(float) @ [0.299, 0.587, 0.114]


def guarded(maps: bool = True, evidence: Evidence | None = EVIDENCE) -> GuardedFace:
    face = frame_as_aligned(FACE)
    found = EvidenceMaps(SPOT, SPOT, STILL, ConsistencyMaps(STILL, STILL))
    verdict = Verdict(Decision.ACCEPT, 1.0, (Reason.QUALITY_GAINED,), "lenient", evidence)
    restoration = Restoration(face.pixels, face.pixels, "test")
    return GuardedFace(face, restoration, verdict, face.pixels, maps=found if maps else None)


def test_without_drift_the_face_is_grey():
    assert spread(overlay_drift(FACE, STILL)).max() == 0


def test_colour_stands_where_the_drift_is():
    colours = spread(overlay_drift(FACE, SPOT))
    assert colours[84:108, 44:68].min() > 60
    colours[68:124, 28:84] = 0
    assert colours.max() == 0


def test_more_drift_is_brighter_so_that_colour_vision_does_not_matter():
    levels = [
        luma(overlay_drift(np.full((64, 64, 3), 60, np.uint8), np.full((64, 64), d, np.float32)))
        for d in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    ]
    means = [level.mean() for level in levels]
    assert all(b > a + 5 for a, b in pairwise(means))


def test_the_picture_that_stands_alone_has_a_legend_below():
    picture = drift_picture(FACE, SPOT)
    assert picture.shape == (316, 256, 3)
    assert np.array_equal(picture[:256], overlay_drift(FACE, SPOT))
    bar = spread(picture[272:282, 30:226])
    assert bar[:, 0].max() < 40 < bar[:, -30].min()
    assert (picture[288:] > 200).any()


def test_the_section_names_the_furthest_regions_and_what_changed():
    section = drift_section(guarded(), "face 1 of a.png")
    assert (
        "Furthest: left eye changed (drift 0.62, mostly in colour); mouth changed (drift 0.31, "
        in section
    )
    assert "data:image/jpeg;base64," in section
    assert "as in the input" in section
    assert "style=" not in section


def test_a_quiet_face_is_said_to_be_quiet():
    quiet = replace(EVIDENCE, region_drift=RegionDrift(*[0.1] * 7))
    assert "No region departs" in drift_section(guarded(evidence=quiet), "face 1")


@pytest.mark.parametrize("options", [{"maps": False}, {"evidence": None}])
def test_what_was_not_measured_has_no_section(options):
    assert drift_section(guarded(**options), "face 1") == ""


def test_the_report_holds_the_map_and_leaves_it_beside_itself(tmp_path):
    path = tmp_path / "report.html"
    with ReportWriter(path, "Drift", load_policy("balanced")) as writer:
        faces = (guarded(), guarded(maps=False), guarded())
        writer.add_picture("a.png", None, GuardedImage(FACE, faces))
        writer.write()
    page = path.read_text("utf-8")
    assert page.count("Where it departs from the input") == 2
    assert "Person of the references" in page
    assert "calibrated probability from 3 pictures" in page
    assert "Head roll" in page
    beside = sorted(one.name for one in (tmp_path / "report_drift").iterdir())
    assert beside == ["picture-1-1.png", "picture-1-3.png"]
    with Image.open(tmp_path / "report_drift" / beside[0]) as image:
        assert image.size == (512, 572)


def test_pictures_of_pure_noise_fit_on_the_page():
    noise = np.random.default_rng(1).integers(0, 256, (560, 560, 3), dtype=np.uint8)
    assert make_thumbnail(noise, 560).width == 560


def test_no_folder_is_made_where_nothing_was_measured(tmp_path):
    with ReportWriter(tmp_path / "report.html", "Drift", load_policy("balanced")) as writer:
        writer.add_picture("a.png", None, GuardedImage(FACE, (guarded(maps=False),)))
        writer.write()
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
