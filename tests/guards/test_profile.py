from __future__ import annotations

import pytest
import yaml

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.policy import load_policy
from facefidelity.guards.profile import (
    CalibrationBlock,
    CameraDescription,
    CameraProfile,
    FrameSet,
    Spread,
    WeightsHashes,
    load_profile,
    parse_profile,
    profile_text,
    save_profile,
    stored_sample,
)

BLOCK = CalibrationBlock(
    alpha=0.05,
    delta=0.1,
    pairs=300,
    accepted=120,
    lost=1,
    bound=0.032,
    max_identity_risk=0.41,
    source="pairs",
    pairs_sha256="ab",
    embedder="e",
    assessor="a",
    risk_model="r",
    calibrated_at="2026-11-23",
)


def profile(**changed) -> CameraProfile:
    content = {
        "name": "gate",
        "restorer": "classical",
        "weights": WeightsHashes(assessor="a", embedder="e", risk_model="r", restorer={"f": "00"}),
        "tool_version": "0.1.0",
        "tuned_at": "2026-11-23",
    }
    return CameraProfile(**{**content, **changed})


FULL = profile(
    settings={"denoise": 0.25, "name": "ü"},
    policy=load_policy("strict"),
    thresholds={"min_overall_gain": 1.0, "max_identity_risk": 0.2},
    calibration=BLOCK,
    camera=CameraDescription(
        face_px=Spread(low=20, median=40, high=80),
        scores={"noise": stored_sample([3, 1, 2])},
        signals={"blur_px": (0.5, 1.5)},
        faces=3,
    ),
    frames=FrameSet(pictures=3, faces=3, sha256="cd"),
    seconds_per_face=0.7,
)


@pytest.mark.parametrize("one", [profile(), FULL], ids=["bare", "full"])
def test_a_profile_survives_its_file_and_gives_the_same_bytes(one, tmp_path):
    path = tmp_path / "new" / "gate.yaml"
    save_profile(one, path)
    first = path.read_bytes()
    assert load_profile(path) == one
    save_profile(load_profile(path), path)
    assert path.read_bytes() == first
    assert list(yaml.safe_load(first)) == list(CameraProfile.model_fields)


def test_the_calibrated_limit_stands_over_the_camera_s_and_that_over_the_policy_s():
    plain = load_policy("balanced")
    assert profile().effective_policy().max_identity_risk == plain.max_identity_risk
    own = profile(thresholds={"max_identity_risk": 0.2, "min_consistency": 0.5})
    assert own.effective_policy().max_identity_risk == 0.2
    assert own.effective_policy().min_consistency == 0.5
    both = profile(thresholds={"max_identity_risk": 0.2}, calibration=BLOCK).effective_policy()
    assert both.max_identity_risk == 0.41
    assert both.name == "gate (balanced)"
    assert both.min_overall_gain == plain.min_overall_gain


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"policy": "balancd"}, "policy"),
        ({"thresholds": {"max_risk": 0.1}}, "max_risk"),
        ({"thresholds": {"changes_pixels": 1.0}}, "changes_pixels"),
        ({"thresholds": {"min_consistency": 1.5}}, "min_consistency"),
        ({"version": 2}, "version"),
        ({"colour": "red"}, "colour"),
        ({"seconds_per_face": float("nan")}, "seconds_per_face"),
        ({"calibration": {**BLOCK.model_dump(), "lost": 121}}, "lost <= accepted"),
        ({"calibration": {**BLOCK.model_dump(), "bound": 0.06}}, "bound <= alpha"),
        ({"camera": {"faces": 2, "scores": {"noise": [2.0, 1.0]}}}, "sorted"),
        ({"camera": {"faces": 2, "scores": {"blur_px": [1.0, 2.0]}}}, "blur_px"),
        ({"camera": {"faces": 2, "noise": {"low": 3, "median": 2, "high": 4}}}, "low <= median"),
    ],
)
def test_what_is_no_profile_is_refused_with_the_field(changed, said):
    with pytest.raises(InvalidInput, match=said):
        parse_profile({**profile().model_dump(mode="json"), **changed}, "gate.yaml")


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "\0"])
def test_a_file_that_is_no_profile_is_named(text, tmp_path):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidInput, match=r"x\.yaml"):
        load_profile(tmp_path / "x.yaml")
    with pytest.raises(InvalidInput, match="nowhere"):
        load_profile(tmp_path / "nowhere.yaml")


def test_what_is_kept_of_a_measure_is_sorted_spans_it_and_is_no_more_than_asked():
    assert stored_sample([3, 1, 2]) == (1, 2, 3)
    kept = stored_sample(range(1000), 5)
    assert kept == (0, 250, 500, 749, 999)
    with pytest.raises(InvalidInput, match="two or more"):
        stored_sample([1.0])


def test_the_text_needs_no_line_break_inside_numbers():
    assert "denoise: 0.25" in profile_text(FULL)
