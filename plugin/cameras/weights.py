"""Which weights judge and restore here, and where they are not those of a profile."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from ...core.protocols import RestorerInfo
from ...guards.judgement import FaceJudge
from ...guards.profile import WeightsHashes
from ...guards.risk import RiskModel
from ...restorers.fingerprint import restorer_weights
from ...restorers.registry import restorer_info
from ...restorers.settings import parse_settings

__all__ = ["differing_weights", "judge_weights", "risk_model_name", "weights_in_use"]


def weights_in_use(
    judge: FaceJudge, restorer: str | RestorerInfo, settings: dict[str, object]
) -> WeightsHashes:
    """The weights of a judge and of a restorer, as a profile keeps them.

    Args:
        judge: Who judges.
        restorer: Registered name, or what it is.
        settings: Its settings, by name.

    Raises:
        NotRegistered: If there is no restorer of this name.
        InvalidInput: If a setting is wrong.
        WeightsMissing: If a weights file that is no registered one is not there.
    """
    info = restorer_info(restorer) if isinstance(restorer, str) else restorer
    restorer_files = restorer_weights(info, parse_settings(info, settings))
    return WeightsHashes(**judge_weights(judge), restorer=restorer_files)


def judge_weights(judge: FaceJudge) -> dict[str, str]:
    """The weights of a judge alone, by the names of `WeightsHashes`."""
    return {
        "assessor": judge.assessor.name,
        "embedder": judge.embedder.name,
        "risk_model": risk_model_name(judge.risk_model),
    }


def risk_model_name(model: RiskModel) -> str:
    """A risk model by its content: the same numbers, the same name."""
    text = json.dumps(asdict(model), sort_keys=True)
    return f"risk-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def differing_weights(then: WeightsHashes, now: WeightsHashes) -> tuple[str, ...]:
    """Say of each part whose weights are not those of a profile, what was and what is."""
    said = []
    for part in ("assessor", "embedder", "risk_model", "restorer"):
        before, after = getattr(then, part), getattr(now, part)
        if _plain(before) != _plain(after):
            words = part.replace("_", " ")
            said.append(f"{words} {_shown(before)} in the profile, {_shown(after)} here")
    return tuple(said)


def _plain(weights: str | dict[str, str]) -> object:
    """One file is the same whether it is named or not."""
    if isinstance(weights, dict):
        return next(iter(weights.values()), "") if len(weights) < 2 else weights
    return weights


def _shown(weights: str | dict[str, str]) -> str:
    if isinstance(weights, str):
        return weights if len(weights) < 64 else weights[:12]
    return ", ".join(f"{name} {digest[:12]}" for name, digest in weights.items()) or "none"
