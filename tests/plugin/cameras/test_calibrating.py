from __future__ import annotations

import csv

import cv2
import pytest

from facefidelity.core.errors import InvalidInput, UnsupportedWeights
from facefidelity.guards.profile import CameraProfile, WeightsHashes
from facefidelity.plugin.assessment import FaceAssessment
from facefidelity.plugin.cameras.calibrating import calibrate_profile, with_calibration
from facefidelity.plugin.cameras.guarding import guard_of_camera
from facefidelity.plugin.cameras.known_pairs import pairs_of_table
from facefidelity.plugin.cameras.profiles import open_profile
from facefidelity.plugin.cameras.weights import weights_in_use
from facefidelity.plugin.pipeline import Guard


@pytest.fixture
def profile(fake_judge) -> CameraProfile:
    weights = weights_in_use(fake_judge, "classical", {})
    return CameraProfile(
        name="gate", restorer="classical", weights=weights, tool_version="0", tuned_at="d"
    )


@pytest.fixture
def table(put_picture, astronaut_face, tmp_path):
    """Ten restorations, of which the last is said to be lost."""
    rows = []
    for number in range(10):
        lq = cv2.convertScaleAbs(astronaut_face.pixels, beta=number)
        put_picture(f"lq{number}.png", lq)
        put_picture(f"hq{number}.png", cv2.convertScaleAbs(lq, beta=40))
        rows.append([f"lq{number}.png", f"hq{number}.png", int(number == 9)])
    path = tmp_path / "pairs.csv"
    with path.open("w", newline="") as lines:
        csv.writer(lines).writerows([["lq", "hq", "lost"], *rows])
    return path


def calibration(profile, table, fake_judge, alpha=0.4, **changed):
    known = pairs_of_table(
        table, FaceAssessment(fake_judge.assessor, detector=object()), aligned=True
    )
    guard = Guard("identity", judge=fake_judge, detector=object())
    options = {"delta": 0.2, "source": "pairs", "today": "2026-11-23", **changed}
    return calibrate_profile(profile, guard, known, None, alpha=alpha, **options)


def test_a_profile_is_calibrated_by_what_was_said_to_be_lost_and_again_alike(
    profile, table, fake_judge
):
    block = calibration(profile, table, fake_judge).block
    assert (block.pairs, block.accepted, block.lost, block.truth) == (10, 10, 1, "given")
    assert block.bound <= 0.4
    assert block.max_identity_risk == 0.01  # laxer ones do the same to every pair
    calibrated = with_calibration(profile, block)
    assert calibrated.effective_policy().max_identity_risk == 0.01
    later = calibration(profile, table, fake_judge, today="2027-01-01").block
    assert with_calibration(calibrated, later) is calibrated


def test_too_few_pairs_are_refused_with_the_number_needed(profile, table, fake_judge):
    with pytest.raises(InvalidInput, match="at least 32 pairs .* got 10"):
        calibration(profile, table, fake_judge, alpha=0.05)


def test_no_threshold_where_the_bound_is_above_alpha(profile, table, fake_judge):
    found = calibration(profile, table, fake_judge, alpha=0.2)
    assert found.block is None
    assert found.result.threshold is None
    assert found.result.bound > 0.2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lq,hq\na,b\n", "lq,hq,truth"),
        ("lq,hq,lost\nlq0.png,hq0.png,yes\n", "0 or 1"),
        ("lq,hq,lost\nlq0.png,nowhere.png,1\n", "nowhere"),
        ("lq,hq,truth\nlq0.png,hq0.png,\n", "truth"),
    ],
)
def test_a_wrong_table_names_its_line(table, fake_judge, text, said):
    table.write_text(text)
    with pytest.raises(InvalidInput, match=said):
        pairs_of_table(table, FaceAssessment(fake_judge.assessor, detector=object()), aligned=True)


def test_a_table_of_a_stranger_reads_only_what_was_brought(table, fake_judge, tmp_path):
    table.write_text("lq,hq,lost\n/etc/lq0.png,../../hq0.png,0\n")
    brought = {name: tmp_path / name for name in ("lq0.png", "hq0.png")}
    assessment = FaceAssessment(fake_judge.assessor, detector=object())
    known = pairs_of_table(table, assessment, aligned=True, pictures=brought)
    lq, hq = known.pairs[0].read()
    assert lq.shape == hq.shape == (512, 512, 3)
    del brought["hq0.png"]
    with pytest.raises(InvalidInput, match="a picture 'hq0.png' beside the table"):
        pairs_of_table(table, assessment, aligned=True, pictures=brought)


def test_the_guard_of_a_profile_is_what_it_says(profile, fake_judge):
    own = profile.model_copy(update={"thresholds": {"max_identity_risk": 0.11}})
    guard = Guard.from_profile(own, judge=fake_judge, detector=object())
    assert guard.candidates[0].name == "classical"
    assert guard.policy.max_identity_risk == 0.11
    assert guard.camera == {"camera": "gate", "camera_sha256": open_profile(own).sha256}


def test_other_weights_are_warned_of_once_or_refused(profile, fake_judge):
    old = WeightsHashes(**{**profile.weights.model_dump(), "assessor": "older"})
    opened = open_profile(profile.model_copy(update={"weights": old}))
    said = []
    guard_of_camera(opened, warn=said.append, judge=fake_judge, detector=object())
    assert len(said) == 1
    assert "assessor older in the profile, brightness here" in said[0]
    with pytest.raises(UnsupportedWeights, match="older"):
        guard_of_camera(opened, strict=True, judge=fake_judge, detector=object())
    with pytest.warns(UserWarning, match="older"):
        Guard.from_profile(opened.profile, judge=fake_judge, detector=object())
