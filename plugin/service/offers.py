"""What a client may ask for: restorers, their settings, policies. Nothing that names a file.

A setting that takes free text (a path) belongs to the operator; a client that sends one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...core.errors import InvalidInput, NotRegistered
from ...core.protocols import RestorerInfo
from ...guards.policy import Policy, load_policy, policy_names
from ...restorers.registry import restorer_aliases, restorer_info
from ...restorers.settings import parse_settings
from ...restorers.weights_file import require_trusted_files
from ..cameras.profiles import OpenedProfile, open_profile
from .settings import ServiceSettings

__all__ = ["Offer", "Order", "make_offer", "operator_settings"]

_LONGEST_SETTINGS: Final = 4096


@dataclass(frozen=True, slots=True)
class Order:
    """What one client wants of the guard, checked.

    Attributes:
        restorer: Registered name; empty where nothing is restored.
        settings: Its settings by name; those left out keep their defaults.
        policy: Whose thresholds apply.
        aligned: The picture already is one face in the FFHQ frame.
        only_center_face: Treat only the face nearest to the centre.
        min_face_px: Narrower faces are left alone.
        upscale: Whole factor, 1..8, by which the picture grows.
    """

    restorer: str
    policy: Policy
    settings: Mapping[str, Any] = field(default_factory=dict)
    aligned: bool = False
    only_center_face: bool = False
    min_face_px: int = 0
    upscale: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that a client may choose from, and the defaults.

    Attributes:
        restorers: By name; the first is the default.
        settings: The operator's settings of the first.
        policy: For clients that name none.
        camera: The profile that decides on all of it; None without one.
    """

    restorers: Mapping[str, RestorerInfo]
    settings: Mapping[str, Any]
    policy: Policy
    camera: OpenedProfile | None = None

    @property
    def default_restorer(self) -> str:
        """The first one's name."""
        return next(iter(self.restorers))

    def choose_policy(self, name: str | None) -> Policy:
        """A policy by name; files are not looked for.

        Raises:
            NotRegistered: If no shipped policy, and not the default one, has that name.
            InvalidInput: If a camera profile decides.
        """
        if name is None or name == self.policy.name:
            return self.policy
        self._require_choice("policy")
        if name not in policy_names():
            raise NotRegistered("policy", name[:64], {*policy_names(), self.policy.name})
        return load_policy(name)

    def choose_restorer(self, name: str | None, settings: str | None) -> tuple[str, dict[str, Any]]:
        """A restorer and its settings, from a client's words.

        Args:
            name: Name or alias, None for the default.
            settings: JSON object in text.

        Returns:
            Registered name, and settings that its schema accepts.

        Raises:
            NotRegistered: If it is not offered here.
            InvalidInput: If the settings are no JSON object, or one of them is wrong.
        """
        wanted = self.default_restorer if name is None else restorer_aliases().get(name, name)
        if wanted != self.default_restorer:
            self._require_choice("restorer")
        if wanted not in self.restorers:
            raise NotRegistered("restorer", wanted[:64], self.restorers)
        info, named = self.restorers[wanted], _read_settings(settings)
        if named:
            self._require_choice("settings")
        closed = sorted(set(named) & set(operator_settings(info)))
        if closed:
            raise InvalidInput(
                f"the setting {closed[0]} of {wanted} is set where the service is started; "
                "leave it away"
            )
        base = self.settings if wanted == self.default_restorer else {}
        chosen = {**base, **named}
        parse_settings(info, chosen)
        return wanted, chosen

    def _require_choice(self, field_name: str) -> None:
        if self.camera is not None:
            raise InvalidInput(
                f"the camera profile {self.camera.profile.name} of this service decides; leave "
                f"the field {field_name} away"
            )


def operator_settings(info: RestorerInfo) -> tuple[str, ...]:
    """Settings of a restorer that take free text, and so could name a file of this machine."""
    fields: dict[str, dict[str, Any]] = info.settings.model_json_schema().get("properties", {})
    return tuple(name for name, schema in fields.items() if _takes_text(schema))


def make_offer(settings: ServiceSettings) -> Offer:
    """Put together what is offered.

    Raises:
        NotRegistered: If a restorer or the policy is unknown.
        InvalidInput: If a setting is wrong, or the camera profile cannot be read.
    """
    if settings.camera is not None:
        opened = open_profile(settings.camera)
        profile = opened.profile
        info = restorer_info(profile.restorer)
        require_trusted_files(parse_settings(info, profile.settings), settings.trust)
        return Offer({info.name: info}, profile.settings, profile.effective_policy(), opened)
    infos = [restorer_info(name) for name in settings.restorers]
    chosen = parse_settings(infos[0], settings.restorer_settings)
    require_trusted_files(chosen, settings.trust)
    by_name = {info.name: info for info in infos}
    return Offer(by_name, settings.restorer_settings, load_policy(settings.policy))


def _takes_text(schema: Mapping[str, Any]) -> bool:
    """Whether a JSON schema lets any text through."""
    if "anyOf" in schema:
        return any(_takes_text(one) for one in schema["anyOf"])
    return "enum" not in schema and "const" not in schema and schema.get("type") in {None, "string"}


def _read_settings(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    wanted = 'expected settings as a JSON object such as {"strength": 0.5}'
    if len(text) > _LONGEST_SETTINGS:
        raise InvalidInput(f"{wanted} of at most {_LONGEST_SETTINGS} characters, got {len(text)}")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{wanted}, got text that is no JSON") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{wanted}, got {type(content).__name__}")
    return content
