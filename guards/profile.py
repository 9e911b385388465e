"""Camera profiles as data: what runs on one camera, under which limits, and how sure that is.

A profile is one YAML file. Nothing here measures, restores or judges; `plugin.cameras` puts a
profile to work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from ..core.errors import InvalidInput
from ..core.files import write_text_file
from ..core.yaml_files import read_yaml, shown_value
from .policy import Policy, load_policy, policy_names
from .profile_parts import (
    MOST_STORED,
    SIGNALS,
    Block,
    CalibrationBlock,
    CameraDescription,
    FrameSet,
    Spread,
    WeightsHashes,
    stored_sample,
)

__all__ = [
    "MOST_STORED",
    "SIGNALS",
    "CalibrationBlock",
    "CameraDescription",
    "CameraProfile",
    "FrameSet",
    "Spread",
    "WeightsHashes",
    "load_profile",
    "parse_profile",
    "profile_text",
    "save_profile",
    "stored_sample",
]


class CameraProfile(Block):
    """What runs on one camera.

    Attributes:
        restorer: Registered name.
        settings: Its settings, by name; those left out keep their defaults.
        policy: Name of a shipped policy, or a whole one.
        thresholds: Fields of that policy that this camera overrides.
    """

    version: Literal[1] = 1
    name: str = Field(min_length=1)
    restorer: str = Field(min_length=1)
    settings: dict[str, Any] = Field(default_factory=dict)
    policy: str | Policy = "balanced"
    thresholds: dict[str, float] = Field(default_factory=dict)
    calibration: CalibrationBlock | None = None
    camera: CameraDescription | None = None
    weights: WeightsHashes
    frames: FrameSet | None = None
    seconds_per_face: float | None = Field(None, ge=0)
    tool_version: str
    tuned_at: str

    @field_validator("policy")
    @classmethod
    def _shipped(cls, value: str | Policy) -> str | Policy:
        if isinstance(value, str) and value not in policy_names():
            raise ValueError(
                f"expected one of {', '.join(policy_names())}, or a whole policy written out"
            )
        return value

    @model_validator(mode="after")
    def _usable_policy(self) -> CameraProfile:
        base = self._base_policy()
        numbers = {k for k, v in base.model_dump().items() if type(v) is float}
        wrong = sorted(set(self.thresholds) - numbers)
        if wrong:
            raise ValueError(
                f"expected thresholds among {', '.join(sorted(numbers))}, got {', '.join(wrong)}"
            )
        _override(base, self.thresholds)
        return self

    def _base_policy(self) -> Policy:
        return self.policy if isinstance(self.policy, Policy) else load_policy(self.policy)

    def effective_policy(self) -> Policy:
        """The policy that decides on this camera.

        Returns:
            The named policy with this camera's thresholds and, over them, the calibrated
            `max_identity_risk`; called "gate (balanced)" on the camera gate.
        """
        base = self._base_policy()
        changed: dict[str, Any] = dict(self.thresholds)
        if self.calibration is not None:
            changed["max_identity_risk"] = self.calibration.max_identity_risk
        return _override(base, {**changed, "name": f"{self.name} ({base.name})"})


def load_profile(path: Path) -> CameraProfile:
    """Read a profile.

    Raises:
        InvalidInput: If the file cannot be read or is not a profile; the field is named.
    """
    return parse_profile(read_yaml(path, "a camera profile"), str(path))


def parse_profile(content: object, where: str) -> CameraProfile:
    """Turn plain data into a profile; `where` names its origin in errors.

    Raises:
        InvalidInput: If it is not a profile; the field is named.
    """
    if not isinstance(content, dict):
        raise InvalidInput(f"expected a camera profile (name: value lines) in {where}")
    try:
        return CameraProfile.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "profile"
        raise InvalidInput(
            f"camera profile {where}: {field}: {first['msg']}; got {shown_value(first['input'])}"
        ) from error


def save_profile(profile: CameraProfile, path: Path) -> None:
    """Write a profile whole or not at all; the same profile gives the same bytes.

    Raises:
        WriteFailed: If the disk refuses.
    """
    write_text_file(path, profile_text(profile))


def profile_text(profile: CameraProfile) -> str:
    """The YAML text of a profile, keys in the order of the fields."""
    dumped = profile.model_dump(mode="json")
    return yaml.safe_dump(
        dumped, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )


def _override(policy: Policy, changed: Mapping[str, Any]) -> Policy:
    return Policy.model_validate({**policy.model_dump(), **changed})
