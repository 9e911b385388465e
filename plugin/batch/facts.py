"""What decides the results of a batch: settings, weights and versions, as plain data."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime
import PIL

from ... import __version__
from ...restorers.fingerprint import restorer_weights
from ..cameras.weights import judge_weights
from ..pipeline import Guard
from ..redaction import without_text
from .worked import BatchFacts

__all__ = ["differing_facts", "facts_of", "redacted_facts"]

_RESTORER_PACKAGES: Final = ("ncnn", "torch", "gfpgan", "spandrel")


def facts_of(guards: Sequence[Guard], chosen: Mapping[str, Any]) -> BatchFacts:
    """Collect what decides.

    Args:
        guards: One, or one a camera.
        chosen: Further choices, as plain data.

    Raises:
        WeightsMissing: If the weights of a restorer are not here.
    """
    weights: dict[str, Any] = {**judge_weights(guards[0].judge_of_pairs), "restorers": {}}
    weights["detector"] = guards[0].assessment.detector.name
    for guard in guards:
        for candidate in guard.candidates:
            files = restorer_weights(candidate.restorer.info, candidate.settings)
            weights["restorers"].setdefault(candidate.name, {}).update(files)
    settings = {"guards": [_guard_settings(guard) for guard in guards], **chosen}
    return BatchFacts(settings, weights, _versions())


def differing_facts(then: Mapping[str, Any], now: BatchFacts) -> tuple[str, ...]:
    """What of two batches is not the same, in words; nothing where their results are the same.

    Versions of libraries may differ: every row says under which it was made.

    Args:
        then: The record of a journal's first row.
        now: What decides now.
    """
    before, after = _flat(then.get("settings", {})), _flat(now.settings)
    before |= {f"weights of {name}": one for name, one in _flat(then.get("weights", {})).items()}
    after |= {f"weights of {name}": one for name, one in _flat(now.weights).items()}
    release = "facefidelity"
    before[release] = then.get("versions", {}).get(release)
    after[release] = now.versions.get(release)
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        f"{name} {_shown(after.get(name))}, was {_shown(before.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    )


def redacted_facts(facts: BatchFacts) -> BatchFacts:
    """Facts without paths: settings of a restorer that are text long enough to be one go."""
    guards = [
        {
            **guard,
            "restorers": [
                {**one, "settings": without_text(one["settings"])} for one in guard["restorers"]
            ],
        }
        for guard in facts.settings["guards"]
    ]
    return replace(facts, settings={**facts.settings, "guards": guards})


def _guard_settings(guard: Guard) -> dict[str, Any]:
    return {
        "restorers": [
            {"restorer": one.name, "settings": one.plain_settings} for one in guard.candidates
        ],
        "policy": guard.policy.model_dump(mode="json", exclude={"summary"}),
        "min_face": guard.assessment.min_face_px,
        "only_center_face": guard.assessment.only_center_face,
        **guard.camera,
    }


def _versions() -> dict[str, str]:
    found = {name: _version(name) for name in _RESTORER_PACKAGES}
    return {
        "facefidelity": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "onnxruntime": onnxruntime.__version__,
        "pillow": PIL.__version__,
        **{name: release for name, release in found.items() if release},
    }


def _version(package: str) -> str:
    """Of an installed package; empty where it is not."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Nested data as one level, named by the path to each leaf without list numbers of one."""
    parts: dict[str, Any] = {}
    if isinstance(value, Mapping):
        for key, one in value.items():
            parts |= _flat(one, f"{name} {key}".strip())
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            parts |= _flat(one, name if len(value) == 1 else f"{name} {number}".strip())
    else:
        parts[name] = value
    return parts


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:16]}…"
