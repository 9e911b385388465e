"""Identity risk: a small, monotone, transparent model over the evidence, shipped as data.

Five numbers come from it. `identity_risk` is the probability that a recogniser which is not in
the guard does not know the person in the restoration, or knows it clearly less than in the input.
`drop_risk` is the probability that it knows the person noticeably less than in the input, known or
not. `source_identifiable` is the probability that the input alone identifies its person.
`fidelity_given_source` is the fidelity that the input supports. `predicted_loss`, from the three
probabilities, is that of losing an identity that the input does show. benchmarks/fit_risk.py fits
all five on people whom the assessor never saw; RISK_MODEL.md is the card.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from ..core.errors import InvalidInput, UnsupportedWeights

__all__ = [
    "DROP_SIGNS",
    "LEAST_PROBABILITY",
    "LOSS_SIGNS",
    "NEUTRAL_FEATURES",
    "RISK_SIGNS",
    "Attribution",
    "LinearModel",
    "RiskModel",
    "load_risk_model",
    "loss_features",
]

RISK_SIGNS: Final[dict[str, int]] = {
    "cosine_similarity": -1,
    "log_dissimilarity": 1,
    "lq_fidelity": -1,
    "consistency": -1,
    "landmark_shift": 1,
    "overall_gain": 1,
    "supported_fidelity": -1,
    "log_source_identifiable": -1,
}
"""Evidence that enters the risk, and the direction in which each may push it."""

DROP_SIGNS: Final[dict[str, int]] = {
    "log_dissimilarity": 1,
    "weighted_log_dissimilarity": 1,
    "consistency": -1,
    "landmark_shift": 1,
    "unsupported_fidelity": 1,
    "largest_drift": 1,
    "lq_fidelity": 1,
}
"""The same for the risk of a drop; who was clearer in the input has more to lose."""

LOSS_SIGNS: Final[dict[str, int]] = {
    "log_source_identifiable": 1,
    "log_identity_risk": 1,
    "log_drop_risk": 1,
}
"""The same for the loss of what the input shows: of whom nobody could name, nothing is lost."""

NEUTRAL_FEATURES: Final[dict[str, float]] = {
    "cosine_similarity": 0.94,
    "log_dissimilarity": -2.8,
    "lq_fidelity": 50.0,
    "consistency": 0.75,
    "landmark_shift": 0.03,
    "overall_gain": 15.0,
    "supported_fidelity": 50.0,
    "log_source_identifiable": -0.1,
}
"""A middling face, for a risk model that does not say what is typical."""

LEAST_PROBABILITY: Final = 1e-3
"""A probability below this counts as this before its logarithm."""
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
class Attribution:
    """How far one feature moved the risk of one face away from that of a typical face.

    Attributes:
        feature: Its name in `RISK_SIGNS`.
        log_odds: What it added to the log-odds of the risk; above 0 raises the risk.
    """

    feature: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class RiskModel:
    """The fitted models and where they came from.

    Attributes:
        embedder: Name of the embedder whose similarities it was fitted on.
        assessor: Name of the assessor whose scores it was fitted on.
        risk: Log-odds of losing the person.
        source: Log-odds that LQ identifies its person.
        fidelity: Fidelity given the source, 0..100 before clipping.
        drop: Log-odds of knowing the person noticeably less than in LQ; None where it was not
            fitted.
        loss: Log-odds that LQ identifies its person and HQ no longer does; None likewise.
        typical: Mean of each feature of the risk over the pairs that it was fitted on.
    """

    embedder: str
    assessor: str
    risk: LinearModel
    source: LinearModel
    fidelity: LinearModel
    drop: LinearModel | None = None
    loss: LinearModel | None = None
    typical: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_monotone(self.risk, RISK_SIGNS)
        if self.drop is not None:
            _require_monotone(self.drop, DROP_SIGNS)
        if self.loss is not None:
            _require_monotone(self.loss, LOSS_SIGNS)
        for name, mean in self.typical.items():
            if name not in RISK_SIGNS or not math.isfinite(mean):
                raise UnsupportedWeights(
                    f"expected a typical value of one of {sorted(RISK_SIGNS)}, got {name}: {mean}"
                )

    def complete(self, features: Mapping[str, float]) -> dict[str, float]:
        """The features and what the risk also reads of the source: its log-probability."""
        source = max(self.source_identifiable(features), LEAST_PROBABILITY)
        return {**features, "log_source_identifiable": math.log(source)}

    def identity_risk(self, features: Mapping[str, float]) -> float:
        """Probability in [0, 1] that the restoration lost the person, from `complete` features."""
        return self.risk.probability(features)

    def drop_risk(self, features: Mapping[str, float]) -> float | None:
        """Probability in [0, 1] that HQ shows the person less than LQ; None where not fitted."""
        return None if self.drop is None else self.drop.probability(features)

    def predicted_loss(self, risk: float, drop: float | None, source: float) -> float:
        """Probability in [0, 1] that LQ identifies the person and HQ no longer does.

        Args:
            risk: `identity_risk`.
            drop: `drop_risk`.
            source: `source_identifiable`.

        Returns:
            The model's; where it was not fitted, the least that the risk and the source allow.
        """
        if self.loss is None or drop is None:
            return max(risk + source - 1.0, 0.0)
        return self.loss.probability(loss_features(risk, drop, source))

    def attributions(self, features: Mapping[str, float]) -> tuple[Attribution, ...]:
        """What each feature adds to the log-odds of the risk, beside a typical face.

        Typical is `typical`, or `NEUTRAL_FEATURES` where the model does not say. Together with
        the log-odds of that typical face the parts add up to the log-odds of this one. A feature
        without a typical value has no part.

        Returns:
            One part a feature, the largest first; ties in the order of the names.
        """
        typical = {**NEUTRAL_FEATURES, **self.typical}
        parts = [
            Attribution(name, coefficient * (features[name] - typical[name]))
            for name, coefficient in self.risk.coefficients.items()
            if name in typical
        ]
        return tuple(sorted(parts, key=lambda part: (-abs(part.log_odds), part.feature)))

    def source_identifiable(self, features: Mapping[str, float]) -> float:
        """Probability in [0, 1] that LQ alone identifies its person."""
        return self.source.probability(features)

    def fidelity_given_source(self, features: Mapping[str, float]) -> float:
        """Fidelity of HQ that LQ supports, 0..100."""
        return min(100.0, max(0.0, self.fidelity.value(features)))


def loss_features(risk: float, drop: float, source: float) -> dict[str, float]:
    """What the model of a loss reads, by name: natural logarithms of the three probabilities."""
    values = (source, risk, drop)
    return {
        name: math.log(max(value, LEAST_PROBABILITY))
        for name, value in zip(LOSS_SIGNS, values, strict=True)
    }


def _require_monotone(model: LinearModel, signs: Mapping[str, int]) -> None:
    for name, coefficient in model.coefficients.items():
        sign = signs.get(name, 0)
        if sign * coefficient < 0 or sign == 0:
            raise UnsupportedWeights(
                f"expected a risk model monotone in {sorted(signs)}, got {name}: {coefficient}"
            )


@lru_cache(maxsize=4)
def load_risk_model(path: Path = _SHIPPED) -> RiskModel:
    """Load a risk model from JSON.

    Raises:
        UnsupportedWeights: If the file is not a risk model.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        names = ["risk", "source", "fidelity", *(n for n in ("drop", "loss") if n in content)]
        parts = {name: LinearModel(**content[name]) for name in names}
        return RiskModel(
            embedder=content["embedder"],
            assessor=content["assessor"],
            typical={name: float(mean) for name, mean in content.get("typical", {}).items()},
            **parts,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnsupportedWeights(f"expected a risk model in {path}, got: {error!r}") from error
