"""The space comes from the restorers' own schemas; the limits from the policies."""

from __future__ import annotations

import pytest
from pydantic import Field

from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.core.protocols import RestorerInfo
from facefidelity.guards.policy import load_policy
from facefidelity.plugin.tuning.space import SearchSpace, runnable_restorers, spread_policies
from facefidelity.restorers.registry import restorer_info
from facefidelity.restorers.settings import RestorerSettings, parse_settings


class Settings(RestorerSettings):
    mode: bool = False
    size: int = Field(default=100, ge=16, le=256, multiple_of=4)
    free: float = 0.5
    part: float = Field(default=0.3, ge=0, le=1)


def test_levels_hold_the_default_and_are_valid() -> None:
    info = RestorerInfo("made", "classical", 0, Settings, "none", "yes", "made up")
    levels = SearchSpace.of([info]).levels["made"]
    assert set(levels) == {"mode", "size", "part"}  # "free" has no range to spread
    assert 100 in levels["size"]
    assert 0.3 in levels["part"]
    assert levels["size"][0] == 16
    assert levels["size"][-1] == 256
    for choice in SearchSpace.of([info]).choices():
        parse_settings(info, dict(choice.settings))


@pytest.mark.parametrize("name", ["classical", "realesrgan"])
def test_real_restorers_have_valid_choices_and_their_default(name: str) -> None:
    info = restorer_info(name)
    space = SearchSpace.of([info])
    keys = {choice.key for choice in space.choices()}
    assert len(keys) == space.size
    assert {choice.key for choice in space.defaults()} <= keys
    for choice in space.choices():
        parse_settings(info, dict(choice.settings))


def test_restorers_that_cannot_run_are_left_out_unless_asked_for() -> None:
    loaded, absent = runnable_restorers(None)
    assert "classical" in loaded
    assert "identity" not in loaded
    assert not set(loaded) & set(absent)
    with pytest.raises(NotRegistered, match="clasical"):
        runnable_restorers(["clasical"])
    with pytest.raises(InvalidInput, match="codeformer-onnx"):
        runnable_restorers(["classical", "codeformer-onnx"])


def test_a_given_policy_is_only_tightened() -> None:
    limits = spread_policies("strict")
    assert {one.base for one in limits} == {"strict"}
    assert max(one.max_identity_risk for one in limits) == load_policy("strict").max_identity_risk
    assert sum(one.own for one in limits) == 1
    assert {one.base for one in spread_policies(None)} == {"lenient", "balanced", "strict"}
    with pytest.raises(InvalidInput, match="only observes"):
        spread_policies("observe")
