"""Which camera a picture is from: a folder of profiles with ordered rules in ``routes.yaml``.

    rules:
      - profile: gate.yaml
        name: "gate_*"
      - profile: yard.yaml
        folder: yard
      - profile: door.yaml
        serial: "0123456"
    default: gate.yaml

The first rule whose every condition holds decides. Without a default a picture that no rule
matches is a named failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...core.errors import InvalidInput
from ...core.images import printable_path, read_body_serial
from ...core.yaml_files import read_yaml
from .profiles import OpenedProfile, open_profile

__all__ = ["ROUTES_FILE", "CameraRoutes", "RouteRule", "load_routes"]

ROUTES_FILE: Final = "routes.yaml"

Words = Annotated[str, Field(min_length=1)]


class RouteRule(BaseModel):
    """One rule: a profile and the conditions under which it serves."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    profile: Words = Field(description="File in the folder of the routes.")
    name: Words | None = Field(None, description="Glob of the picture's file name.")
    folder: Words | None = Field(None, description="Glob of a folder in the picture's path.")
    serial: Words | None = Field(None, description="EXIF body serial number, to the letter.")

    @model_validator(mode="after")
    def _says_something(self) -> RouteRule:
        if self.name is None and self.folder is None and self.serial is None:
            raise ValueError("expected name, folder or serial in a rule; use default for the rest")
        return self

    def matches(self, picture: Path) -> bool:
        """Whether every condition of the rule holds for a picture.

        Raises:
            InvalidInput: If its serial number is asked for and the file cannot be read.
        """
        if self.name is not None and not fnmatchcase(picture.name, self.name):
            return False
        if self.folder is not None and not _lies_in(picture, self.folder):
            return False
        return self.serial is None or read_body_serial(picture) == self.serial


class _Routes(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    rules: tuple[RouteRule, ...] = Field(min_length=1)
    default: Words | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CameraRoutes:
    """The rules and the profiles that they name.

    Attributes:
        origin: The file of the rules, in words.
        rules: In their order.
        default: File name of the profile for what no rule matches, None without one.
        profiles: File name to opened profile, in the order of their first mention.
    """

    origin: str
    rules: tuple[RouteRule, ...]
    default: str | None
    profiles: dict[str, OpenedProfile]

    def profile_of(self, picture: Path) -> OpenedProfile:
        """The profile of a picture's camera.

        Args:
            picture: Its path as it was named; every folder in it can be matched.

        Raises:
            InvalidInput: If no rule matches and there is no default, or its file cannot be read.
        """
        for rule in self.rules:
            if rule.matches(picture):
                return self.profiles[rule.profile]
        if self.default is None:
            raise InvalidInput(
                f"expected a camera for {printable_path(picture)}, got none: no rule of "
                f"{self.origin} matches; add a rule or a default"
            )
        return self.profiles[self.default]


def load_routes(folder: Path) -> CameraRoutes:
    """Read the rules of a folder and open every profile that they name.

    Raises:
        InvalidInput: If there are no rules, they are wrong, or a profile cannot be read.
    """
    path = folder / ROUTES_FILE
    content = read_yaml(path, "the rules of a folder of camera profiles")
    try:
        routes = _Routes.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "routes"
        raise InvalidInput(f"routes {path}: {place}: {first['msg']}") from error
    named = [rule.profile for rule in routes.rules] + [routes.default or ""]
    profiles = {name: open_profile(folder / name) for name in dict.fromkeys(named) if name}
    return CameraRoutes(str(path), routes.rules, routes.default, profiles)


def _lies_in(picture: Path, glob: str) -> bool:
    """Whether a folder of the path, or several in a row, are called so."""
    folders = picture.parent.parts
    return any(
        fnmatchcase("/".join(folders[start:end]), glob)
        for start in range(len(folders))
        for end in range(start + 1, len(folders) + 1)
    )
