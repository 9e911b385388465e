from __future__ import annotations

import pytest
from pydantic import Field, model_validator

from facefidelity.core.errors import InvalidInput
from facefidelity.core.protocols import RestorerInfo
from facefidelity.restorers import parse_settings, restorer_info
from facefidelity.restorers.settings import RestorerSettings


def test_words_become_the_settings_own_types() -> None:
    settings = parse_settings(restorer_info("realesrgan"), {"input_size": "192", "denoise": "0.25"})
    assert settings.model_dump() == {"input_size": 192, "denoise": 0.25}


def test_what_is_not_named_keeps_its_default() -> None:
    info = restorer_info("classical")
    assert parse_settings(info, {}) == info.settings()
    assert parse_settings(info, {"sharpen": "0"}).model_dump()["strength"] == 0.4


@pytest.mark.parametrize(
    ("restorer", "name", "value", "allowed"),
    [
        ("classical", "strength", "1.5", "a number from 0 to 1"),
        ("classical", "strength", "much", "a number from 0 to 1"),
        ("classical", "strength", "nan", "a number from 0 to 1"),
        ("classical", "radius", "inf", r"a number from 0\.5 to 6"),
        ("realesrgan", "input_size", "32", "a whole number from 64 to 256 in steps of 16"),
        ("realesrgan", "input_size", "100", "a whole number from 64 to 256 in steps of 16"),
        ("onnx", "value_range", "0..2", r"one of -1\.\.1, 0\.\.1, 0\.\.255"),
        ("onnx", "fidelity_weight", "2", "a number from 0 to 1 or unset"),
    ],
)
def test_a_bad_value_is_one_sentence_with_name_range_and_value(
    restorer: str, name: str, value: str, allowed: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_settings(restorer_info(restorer), {name: value})
    message = str(caught.value)
    assert "\n" not in message
    with pytest.raises(
        InvalidInput, match=f"^the setting {name} of {restorer} must be {allowed}, got '{value}'$"
    ):
        parse_settings(restorer_info(restorer), {name: value})


@pytest.mark.parametrize(
    ("restorer", "name", "hint"),
    [
        ("realesrgan", "inputsize", "did you mean input_size"),
        ("realesrgan", "zzz", "it has: denoise, input_size"),
        ("gfpgan", "weight", "takes no settings"),
    ],
)
def test_an_unknown_setting_is_refused_with_a_hint(restorer: str, name: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=hint):
        parse_settings(restorer_info(restorer), {name: "1"})


def test_two_bad_values_are_both_named() -> None:
    with pytest.raises(InvalidInput, match="strength.*; the setting sharpen"):
        parse_settings(restorer_info("classical"), {"strength": "9", "sharpen": "9"})


def test_settings_that_do_not_fit_together_and_open_bounds_are_told() -> None:
    class Pair(RestorerSettings):
        low: float = Field(default=0.1, gt=0, lt=1)
        high: float = 0.9
        on: bool = True

        @model_validator(mode="after")
        def _ordered(self) -> Pair:
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    info = RestorerInfo("pair", "test", 0, Pair, "none", "yes", "a pair")
    with pytest.raises(InvalidInput, match="do not fit together.*low is above high"):
        parse_settings(info, {"low": "0.8", "high": "0.2"})
    with pytest.raises(InvalidInput, match="a number above 0 below 1, got '0'"):
        parse_settings(info, {"low": "0"})
    with pytest.raises(InvalidInput, match="true or false"):
        parse_settings(info, {"on": "perhaps"})
