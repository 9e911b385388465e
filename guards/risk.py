"""Identity risk: a small, monotone, transparent model over the evidence, shipped as data.

Three numbers come from it. `identity_risk` is the probability that a recogniser which is not in
the guard does not know the person in the restoration, or knows it clearly less than in the input.
`source_identifiable` is the probability that the input alone identifies its person.
`fidelity_given_source` is the fidelity that the input supports. benchmarks/fit_risk.py fits all
three on people whom the assessor never saw; RISK_MODEL.md is the card.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..core.errors import InvalidInput, UnsupportedWeights

__all__ = ["RISK_SIGNS", "LinearModel", "RiskModel", "load_risk_model"]

RISK_SIGNS: Final[dict[str, int]] = {
    "cosine_similarity": -1,
    "lq_fidelity": -1,
    "consistency": -1,
    "landmark_shift": 1,
    "overall_gain": 1,
}
"""Evidence that enters the risk, and the direction in which each may push it."""

_SHIPPED: Final = Path(__file__).parent / "risk_model.json"


@dataclass(frozen=True, slots=True)
class LinearModel:
    """``intercept + sum(coefficient * value)`` over named features."""

    intercept: float
    coefficients: Mapping[str, float]

    def __post_init__(self) -> None:
        for name, number in {"intercept": self.intercept, **self.coefficients}.items():
            if not math.isfinite(number):
                raise UnsupportedWeights(f"expected {name} as a finite number, got {number}")

    def value(self, features: Mapping[str, float]) -> float:
        """Evaluate.

        Raises:
            InvalidInput: If a feature is missing or not finite.
        """
        total = self.intercept
        for name, coefficient in self.coefficients.items():
            feature = features.get(name, math.nan)
            if not math.isfinite(feature):
                raise InvalidInput(f"expected {name} as a finite number, got {feature}")
            total += coefficient * feature
        return total

    def probability(self, features: Mapping[str, float]) -> float:
        """Logistic of `value`, in [0, 1]."""
        return 1.0 / (1.0 + math.exp(-min(max(self.value(features), -60.0), 60.0)))


@dataclass(frozen=True, slots=True)
class RiskModel:
    """The three fitted models and where they came from.

    Attributes:
        embedder: Name of the embedder whose similarities it was fitted on.
        assessor: Name of the assessor whose scores it was fitted on.
        risk: Log-odds of losing the person.
        source: Log-odds that LQ identifies its person.
        fidelity: Fidelity given the source, 0..100 before clipping.
    """

    embedder: str
    assessor: str
    risk: LinearModel
    source: LinearModel
    fidelity: LinearModel

    def __post_init__(self) -> None:
        for name, coefficient in self.risk.coefficients.items():
            sign = RISK_SIGNS.get(name, 0)
            if sign * coefficient < 0 or sign == 0:
                raise UnsupportedWeights(
                    f"expected a risk model monotone in {sorted(RISK_SIGNS)}, "
                    f"got {name}: {coefficient}"
                )

    def identity_risk(self, features: Mapping[str, float]) -> float:
        """Probability in [0, 1] that the restoration lost the person."""
        return self.risk.probability(features)

    def source_identifiable(self, features: Mapping[str, float]) -> float:
        """Probability in [0, 1] that LQ alone identifies its person."""
        return self.source.probability(features)

    def fidelity_given_source(self, features: Mapping[str, float]) -> float:
        """Fidelity of HQ that LQ supports, 0..100."""
        return min(100.0, max(0.0, self.fidelity.value(features)))


@lru_cache(maxsize=4)
def load_risk_model(path: Path = _SHIPPED) -> RiskModel:
    """Load a risk model from JSON.

    Raises:
        UnsupportedWeights: If the file is not a risk model.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        parts = {name: LinearModel(**content[name]) for name in ("risk", "source", "fidelity")}
        return RiskModel(embedder=content["embedder"], assessor=content["assessor"], **parts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnsupportedWeights(f"expected a risk model in {path}, got: {error!r}") from error
