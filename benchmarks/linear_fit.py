"""Sign-constrained linear and logistic fits, and how well their predictions are calibrated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import minimize
from scipy.stats import rankdata

from facefidelity.guards.risk import LinearModel

Features = Mapping[str, np.ndarray]


def fit(
    features: Features,
    target: np.ndarray,
    signs: Mapping[str, int],
    *,
    logistic: bool = True,
    weights: np.ndarray | None = None,
    ridge: float = 1e-3,
) -> LinearModel:
    """Fit on standardised features; a coefficient never leaves its side of zero."""
    names = list(signs)
    x = np.column_stack([features[n] for n in names])
    mean, scale = x.mean(0), x.std(0) + 1e-9
    x = (x - mean) / scale
    share = np.ones(len(x)) if weights is None else weights
    share = share / share.sum()

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        value = x @ w[1:] + w[0]
        if logistic:
            each = np.logaddexp(0, np.where(target, -value, value))
            slope = 1 / (1 + np.exp(-np.clip(value, -60, 60))) - target
        else:
            each, slope = (value - target) ** 2 / 100, (value - target) / 50
        gradient = np.concatenate([[share @ slope], x.T @ (share * slope) + 2 * ridge * w[1:]])
        return float(share @ each + ridge * (w[1:] ** 2).sum()), gradient

    bounds = [(None, None)] + [(0, None) if signs[n] > 0 else (None, 0) for n in names]
    best = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    coefficients = best[1:] / scale
    intercept = float(best[0] - (coefficients * mean).sum())
    kept = {n: float(c) for n, c in zip(names, coefficients, strict=True) if abs(c) > 1e-9}
    return LinearModel(intercept, kept)


def predict(model: LinearModel, features: Features, *, logistic: bool = True) -> np.ndarray:
    """Probabilities, or numbers clipped to 0..100."""
    total = model.intercept + sum(c * features[n] for n, c in model.coefficients.items())
    if not logistic:
        return np.clip(total, 0, 100)
    return 1 / (1 + np.exp(-np.clip(total, -60, 60)))


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve; NaN with fewer than five of one kind."""
    n1, n0 = truth.sum(), (~truth).sum()
    if min(n1, n0) < 5:
        return float("nan")
    return float((rankdata(score)[truth].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def brier(score: np.ndarray, truth: np.ndarray) -> float:
    return float(((score - truth) ** 2).mean())


def reliability(score: np.ndarray, truth: np.ndarray) -> list[str]:
    """Markdown: what was predicted, and what happened."""
    lines = ["| predicted | candidates | mean predicted | happened |", "|---|---|---|---|"]
    for low in np.arange(0, 1, 0.1):
        mask = (score >= low) & (score < low + 0.1 + (low > 0.89))
        if mask.any():
            lines.append(
                f"| {low:.1f} to {low + 0.1:.1f} | {mask.sum()} | {score[mask].mean():.2f} | {truth[mask].mean():.2f} |"
            )
    return lines
