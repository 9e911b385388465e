"""Settings of restorers: their base type, and how ``key=value`` words become an instance.

Nothing here knows a particular restorer.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.errors import InvalidInput
from ..core.protocols import RestorerInfo

__all__ = ["NoSettings", "RestorerSettings", "parse_settings", "require_settings"]


class RestorerSettings(BaseModel):
    """Base of every restorer's settings: frozen, finite, and closed to unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NoSettings(RestorerSettings):
    """For restorers without settings."""


def parse_settings(info: RestorerInfo, values: Mapping[str, Any]) -> BaseModel:
    """Turn ``--set key=value`` pairs into an instance of a restorer's settings.

    Args:
        info: The restorer whose settings they are.
        values: Setting name to value; words are read as the setting's own type. Settings that
            are not named keep their defaults.

    Returns:
        An instance of ``info.settings``.

    Raises:
        InvalidInput: If a name is unknown (close matches are named) or a value is out of range
            (the sentence names the setting, what it may be, and what came).
    """
    schema = info.settings.model_json_schema()
    fields: dict[str, dict[str, Any]] = schema.get("properties", {})
    for name in values:
        if name not in fields:
            raise InvalidInput(_unknown_setting(info.name, name, list(fields)))
    try:
        return info.settings.model_validate(dict(values))
    except ValidationError as error:
        problems = [_problem(info.name, fields, problem) for problem in error.errors()]
        raise InvalidInput("; ".join(dict.fromkeys(problems))) from error


def require_settings(info: RestorerInfo, settings: BaseModel) -> None:
    """Refuse settings that belong to another restorer.

    Raises:
        InvalidInput: If ``settings`` is not an instance of ``info.settings``.
    """
    if not isinstance(settings, info.settings):
        raise InvalidInput(
            f"expected {info.settings.__name__} for the restorer {info.name}, "
            f"got {type(settings).__name__}; make them with parse_settings"
        )


def _unknown_setting(restorer: str, name: str, known: list[str]) -> str:
    if not known:
        return f"the restorer {restorer} takes no settings, got {name!r}; leave it away"
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {', '.join(sorted(known))}"
    return f"the restorer {restorer} has no setting {name!r}; {hint}"


def _problem(restorer: str, fields: Mapping[str, dict[str, Any]], problem: Any) -> str:
    location = problem["loc"]
    name = str(location[0]) if location else ""
    if name not in fields:
        return f"the settings of {restorer} do not fit together: {problem['msg']}"
    return (
        f"the setting {name} of {restorer} must be {_allowed(fields[name])}, "
        f"got {problem['input']!r}"
    )


def _allowed(field: Mapping[str, Any]) -> str:
    """What a field's JSON schema allows, in words."""
    if "anyOf" in field:
        return " or ".join(_allowed(option) for option in field["anyOf"])
    if "enum" in field:
        return "one of " + ", ".join(str(value) for value in field["enum"])
    words = {
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "string": "text",
        "null": "unset",
    }.get(str(field.get("type")), "a valid value")
    return words + _bounds(field)


def _bounds(field: Mapping[str, Any]) -> str:
    low = field.get("minimum", field.get("exclusiveMinimum"))
    high = field.get("maximum", field.get("exclusiveMaximum"))
    parts = []
    if low is not None:
        parts.append(f"above {low}" if "exclusiveMinimum" in field else f"from {low}")
    if high is not None:
        parts.append(f"below {high}" if "exclusiveMaximum" in field else f"to {high}")
    if "multipleOf" in field:
        parts.append(f"in steps of {field['multipleOf']}")
    return "".join(f" {part}" for part in parts)
