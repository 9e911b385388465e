"""What clients may choose, and that nothing they choose names a file of the server."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="needs the serve extra")

from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.guards.profile import CameraProfile, save_profile
from facefidelity.guards.profile_parts import WeightsHashes
from facefidelity.plugin.service.offers import make_offer, operator_settings
from facefidelity.plugin.service.settings import ServiceSettings
from facefidelity.restorers.registry import restorer_info


def test_the_first_restorer_is_the_default_with_the_operators_settings() -> None:
    offer = make_offer(
        ServiceSettings(restorers=("classical", "gfpgan"), restorer_settings={"strength": "0.1"})
    )
    assert offer.choose_restorer(None, None) == ("classical", {"strength": "0.1"})
    assert offer.choose_restorer(None, '{"sharpen": 1}')[1] == {"strength": "0.1", "sharpen": 1}
    assert offer.choose_restorer("gfpgan", None) == ("gfpgan-1.4", {})
    with pytest.raises(NotRegistered):
        offer.choose_restorer("realesrgan", None)


@pytest.mark.parametrize(
    "settings",
    ["", "{", "[]", "7", "null", '{"strength": 2}', '{"no": 1}', '{"a":' * 5000, "x" * 5000],
)
def test_settings_that_are_wrong_are_refused(settings: str) -> None:
    with pytest.raises(InvalidInput):
        make_offer(ServiceSettings(restorers=("classical",))).choose_restorer(None, settings)


def test_settings_that_take_text_are_the_operators() -> None:
    assert operator_settings(restorer_info("onnx")) == ("path",)
    offer = make_offer(
        ServiceSettings(restorers=("onnx",), restorer_settings={"path": "/models/mine.onnx"})
    )
    with pytest.raises(InvalidInput, match="path"):
        offer.choose_restorer(None, '{"path": "/etc/passwd"}')
    assert offer.choose_restorer(None, '{"value_range": "0..1"}')[1]["path"] == "/models/mine.onnx"


def test_policies_are_names_never_files(tmp_path) -> None:
    offer = make_offer(ServiceSettings())
    assert offer.choose_policy(None).name == "balanced"
    assert offer.choose_policy("strict").name == "strict"
    for name in ("strict.yaml", str(tmp_path / "own.yaml"), "../guards/policies/strict", ""):
        with pytest.raises(NotRegistered):
            offer.choose_policy(name)


def test_a_camera_profile_decides_alone(tmp_path) -> None:
    path = tmp_path / "gate.yaml"
    weights = WeightsHashes(assessor="a", embedder="e", risk_model="r", restorer={})
    profile = CameraProfile(
        name="gate",
        restorer="classical",
        settings={"strength": 0.7},
        policy="strict",
        weights=weights,
        tool_version="0",
        tuned_at="2026-11-23",
    )
    save_profile(profile, path)
    offer = make_offer(ServiceSettings(camera=path))
    assert offer.choose_restorer(None, None) == ("classical", {"strength": 0.7})
    assert offer.choose_policy(None).name == "gate (strict)"
    with pytest.raises(InvalidInput, match="camera profile gate"):
        offer.choose_policy("lenient")
    with pytest.raises(InvalidInput, match="camera profile gate"):
        offer.choose_restorer("realesrgan", None)
    with pytest.raises(InvalidInput, match="camera profile gate"):
        offer.choose_restorer(None, '{"strength": 0.1}')


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"timeout_seconds": float("nan")}, {"port": 70000}, {"restorers": ()}]
)
def test_settings_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(InvalidInput):
        ServiceSettings(**wrong)
