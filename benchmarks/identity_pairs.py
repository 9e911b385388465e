"""What labelled pairs of faces say about an embedder: accuracy, error rates, log-odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


@dataclass
class Pairs:
    """Cosine similarities of pairs, and whether each pair shows one person."""

    cosines: Vector
    same: npt.NDArray[np.bool_]

    @property
    def genuine(self) -> Vector:
        """Cosines of pairs of one person."""
        return self.cosines[self.same]

    @property
    def impostor(self) -> Vector:
        """Cosines of pairs of two persons."""
        return self.cosines[~self.same]

    def accuracy_at(self, threshold: float) -> float:
        """Share of pairs on the right side of a threshold."""
        return float(((self.cosines >= threshold) == self.same).mean())

    def best_threshold(self) -> float:
        """The threshold of the highest accuracy; the middle one of several."""
        ordered = np.sort(self.cosines)
        candidates = (ordered[1:] + ordered[:-1]) / 2
        accuracies = np.array([self.accuracy_at(candidate) for candidate in candidates])
        best = np.flatnonzero(accuracies == accuracies.max())
        return float(candidates[best[len(best) // 2]])


def fold_accuracies(pairs: Pairs, folds: int = 10, seed: int = 0) -> list[float]:
    """Accuracy on each fold at the threshold that is best on the others."""
    order = np.random.default_rng(seed).permutation(len(pairs.cosines))
    accuracies = []
    for fold in range(folds):
        tested = np.zeros(len(order), bool)
        tested[order[fold::folds]] = True
        others = Pairs(pairs.cosines[~tested], pairs.same[~tested])
        held = Pairs(pairs.cosines[tested], pairs.same[tested])
        accuracies.append(held.accuracy_at(others.best_threshold()))
    return accuracies


def equal_error_rate(pairs: Pairs) -> float:
    """Where as many genuine pairs are refused as impostor pairs are taken."""
    thresholds = np.sort(pairs.cosines)
    refused = np.searchsorted(np.sort(pairs.genuine), thresholds) / len(pairs.genuine)
    taken = 1 - np.searchsorted(np.sort(pairs.impostor), thresholds) / len(pairs.impostor)
    at = int(np.argmin(np.abs(refused - taken)))
    return float((refused[at] + taken[at]) / 2)


def area_under_curve(pairs: Pairs) -> float:
    """Probability that a genuine pair is more alike than an impostor pair."""
    impostor = np.sort(pairs.impostor)
    below = np.searchsorted(impostor, pairs.genuine, "left")
    not_above = np.searchsorted(impostor, pairs.genuine, "right")
    return float((below + not_above).mean() / 2 / len(impostor))


def fit_log_odds(pairs: Pairs, steps: int = 50) -> tuple[float, float]:
    """Fit logistic regression at even prior odds by Newton's method.

    Returns:
        Slope per unit of cosine, and intercept.
    """
    mean, deviation = pairs.cosines.mean(), pairs.cosines.std()
    design = np.stack([(pairs.cosines - mean) / deviation, np.ones(len(pairs.cosines))], axis=1)
    share = pairs.same.mean()
    weights = np.where(pairs.same, 0.5 / share, 0.5 / (1 - share))
    beta = np.zeros(2)
    for _ in range(steps):
        probability = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (weights * (pairs.same - probability))
        curvature = weights * probability * (1 - probability)
        beta = beta + np.linalg.solve(design.T @ (design * curvature[:, None]), gradient)
    slope = beta[0] / deviation
    return float(slope), float(beta[1] - slope * mean)
