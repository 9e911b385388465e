"""Controls for a restorer's settings, made from its schema; none is written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import gradio as gr

from ..core.protocols import RestorerInfo
from ..core.weights import WeightsState, WeightsStore
from ..restorers.registry import restorer_info, restorer_names

__all__ = ["add_settings", "restorer_choices"]

_TEST: Final = "test"


def restorer_choices() -> list[tuple[str, str]]:
    """Restorers that a visitor may choose, as (words, name).

    Left out are those for tests, and those that take free text: a path is not a visitor's to name.
    """
    infos = [restorer_info(name) for name in restorer_names()]
    return [
        (_words(info), info.name)
        for info in infos
        if info.kind != _TEST and not any(map(_is_free_text, _fields(info).values()))
    ]


def add_settings(
    name: str, fixed: Mapping[str, Any] | None = None
) -> dict[str, gr.components.Component]:
    """Add one control for each setting of a restorer.

    Args:
        name: Of the restorer.
        fixed: Settings that a profile says, to be seen and not to be moved; None lets them move.

    Returns:
        Setting name to control, in the order of the schema.
    """
    fields = _fields(restorer_info(name))
    given = {
        key: {**one, "default": (fixed or {}).get(key, one.get("default"))}
        for key, one in fields.items()
    }
    return {key: _control(key, one, fixed is None) for key, one in given.items()}


def _fields(info: RestorerInfo) -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = info.settings.model_json_schema().get("properties", {})
    return fields


def _is_free_text(field: Mapping[str, Any]) -> bool:
    return field.get("type") == "string" and "enum" not in field


def _words(info: RestorerInfo) -> str:
    store = WeightsStore()
    missing = [name for name in info.weights if store.state(name) is not WeightsState.PRESENT]
    return f"{info.name} (weights not here)" if missing else info.name


def _control(key: str, field: Mapping[str, Any], movable: bool) -> gr.components.Component:
    known: dict[str, Any] = {
        "value": field.get("default"),
        "label": key.replace("_", " ").capitalize(),
        "info": field.get("description"),
        "interactive": movable,
    }
    if "enum" in field:
        return gr.Dropdown(list(field["enum"]), filterable=False, **known)
    if field.get("type") == "boolean":
        return gr.Checkbox(**known)
    whole = field.get("type") == "integer"
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None:
        step = field.get("multipleOf") or (1 if whole else 0.05)
        return gr.Slider(low, high, step=step, buttons=["reset"], **known)
    return gr.Number(precision=0 if whole else None, minimum=low, maximum=high, **known)
