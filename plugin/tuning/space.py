"""What is searched: the settings of the restorers that run here, and the limits of the guard.

Settings come from the restorers' own schemas, so a new restorer needs nothing here. A setting has
a few levels, its default always among them; the grid of all levels is finite.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np

from ...core.errors import InvalidInput
from ...core.protocols import Restorer, RestorerInfo
from ...guards.policy import Policy, load_policy
from ...restorers.registry import create_restorer, restorer_info, restorer_names
from ...restorers.settings import parse_settings
from ..timebox import CANNOT_RUN

__all__ = [
    "RISK_LIMITS",
    "Choice",
    "GuardLimit",
    "SearchSpace",
    "runnable_restorers",
    "spread_policies",
]

RISK_LIMITS: Final = (0.1, 0.2, 0.3, 0.45, 0.6)
"""Levels of ``max_identity_risk`` that every policy is tried with, beside its own."""
_POLICIES: Final = ("lenient", "balanced", "strict")
_LEVELS: Final = 5
_WIDE: Final = 3.9
"""From this ratio of the ends on, levels are spread by ratio, not by difference."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One restorer with one choice of settings.

    Attributes:
        restorer: Registered name.
        settings: (name, value) of each searched setting, by name.
    """

    restorer: str
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """The same text for the same choice, for caches and studies."""
        return json.dumps([self.restorer, dict(self.settings)], sort_keys=True)

    @property
    def label(self) -> str:
        """For people."""
        words = ", ".join(
            f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
            for name, value in self.settings
        )
        return f"{self.restorer} ({words})" if words else self.restorer


@dataclass(frozen=True, slots=True)
class GuardLimit:
    """Under which limits the guard decides.

    Attributes:
        policy: The policy, its ``max_identity_risk`` already the one of this limit.
        base: Name of the policy that it comes from.
        own: Whether that is the base policy's own limit.
    """

    policy: Policy
    base: str
    own: bool

    @property
    def max_identity_risk(self) -> float:
        """Highest risk that is delivered."""
        return self.policy.max_identity_risk

    @property
    def label(self) -> str:
        """For people."""
        return self.base if self.own else f"{self.base}, risk up to {self.max_identity_risk:g}"


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """The levels of every searched setting of every restorer.

    Attributes:
        levels: Restorer to setting to its levels, the default first of none: in rising order.
    """

    levels: Mapping[str, Mapping[str, tuple[Any, ...]]]

    @classmethod
    def of(cls, infos: Sequence[RestorerInfo]) -> SearchSpace:
        """The space of these restorers."""
        return cls({info.name: _levels(info) for info in infos})

    @property
    def size(self) -> int:
        """How many choices there are."""
        return sum(1 for _ in self.choices())

    def choices(self) -> list[Choice]:
        """Every choice, restorer by restorer."""
        return [
            Choice(name, tuple(zip(levels, values, strict=True)))
            for name, levels in self.levels.items()
            for values in product(*levels.values())
        ]

    def defaults(self) -> list[Choice]:
        """Each restorer's default settings."""
        found = []
        for name, levels in self.levels.items():
            default = parse_settings(restorer_info(name), {}).model_dump(mode="json")
            found.append(Choice(name, tuple((setting, default[setting]) for setting in levels)))
        return found


def runnable_restorers(names: Sequence[str] | None) -> tuple[dict[str, Restorer], dict[str, str]]:
    """Load the restorers that can run here.

    Args:
        names: Which; None takes every one that is registered, tests' excepted.

    Returns:
        The restorers by name, and why each of the others cannot run.

    Raises:
        NotRegistered: If a name is unknown.
        InvalidInput: If none of those asked for runs.
    """
    asked = [restorer_info(name).name for name in names or restorer_names()]
    loaded: dict[str, Restorer] = {}
    absent: dict[str, str] = {}
    for name in dict.fromkeys(asked):
        if names is None and restorer_info(name).kind == "test":
            continue
        try:
            loaded[name] = create_restorer(name)
        except (*CANNOT_RUN, InvalidInput) as error:
            absent[name] = str(error)
    missing = [name for name in asked if name not in loaded] if names is not None else []
    if missing or not loaded:
        raise InvalidInput(
            "expected restorers that run on this machine, got "
            + "; ".join(f"{name}: {why}" for name, why in absent.items())
        )
    return loaded, absent


def spread_policies(given: str | None) -> tuple[GuardLimit, ...]:
    """The limits to try.

    Args:
        given: Policy that was asked for: it and tighter risk limits are tried. None tries
            lenient, balanced and strict with all of `RISK_LIMITS`.

    Raises:
        NotRegistered: If there is no such policy.
        InvalidInput: If it only observes.
    """
    found: list[GuardLimit] = []
    for name in (given,) if given is not None else _POLICIES:
        base = load_policy(name)
        if not base.changes_pixels:
            raise InvalidInput(
                f"expected a policy that changes pixels, got {name}, which only observes; tune "
                "with another and observe with its profile"
            )
        own = base.max_identity_risk
        tried = {own, *(r for r in RISK_LIMITS if given is None or r < own)}
        found += [
            GuardLimit(base.model_copy(update={"max_identity_risk": risk}), base.name, risk == own)
            for risk in sorted(tried)
        ]
    return tuple(found)


def _levels(info: RestorerInfo) -> dict[str, tuple[Any, ...]]:
    """Levels of every setting that has a finite range; the others stay at their defaults."""
    fields = info.settings.model_json_schema().get("properties", {})
    found = {}
    for name, field in fields.items():
        values = _levels_of(field)
        if len(values) > 1:
            found[name] = values
    return dict(sorted(found.items()))


def _levels_of(field: Mapping[str, Any]) -> tuple[Any, ...]:
    if "enum" in field:
        return tuple(field["enum"])
    kind = field.get("type")
    if kind == "boolean":
        return (False, True)
    low = field.get("minimum", field.get("exclusiveMinimum"))
    high = field.get("maximum", field.get("exclusiveMaximum"))
    if kind not in {"integer", "number"} or low is None or high is None:
        return ()
    wide = low > 0 and high / low >= _WIDE
    spread = np.geomspace(low, high, _LEVELS) if wide else np.linspace(low, high, _LEVELS)
    values = [_on_step(float(value), field) for value in spread]
    default = field.get("default")
    if default is not None:
        values[int(np.argmin([abs(value - default) for value in values]))] = default
    return tuple(sorted(set(values)))


def _on_step(value: float, field: Mapping[str, Any]) -> float | int:
    step = field.get("multipleOf")
    if step:
        value = round(value / step) * step
    return round(value) if field.get("type") == "integer" else round(value, 4)
