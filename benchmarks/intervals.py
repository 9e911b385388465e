"""Bootstrap intervals clustered by person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def with_interval(
    statistic: Callable[[np.ndarray, np.ndarray], float],
    a: np.ndarray,
    b: np.ndarray,
    person: np.ndarray,
) -> str:
    """``statistic(a, b)`` and its 95 % bootstrap interval, persons resampled 200 times."""
    rng, people = np.random.default_rng(0), np.unique(person)
    rows = {p: np.flatnonzero(person == p) for p in people}
    found = []
    for _ in range(200):
        take = np.concatenate([rows[p] for p in rng.choice(people, len(people))])
        found.append(statistic(a[take], b[take]))
    if not np.isfinite(found).any():
        return "-"
    low, high = np.nanquantile(found, [0.025, 0.975])
    return f"{statistic(a, b):.3f} [{low:.3f}, {high:.3f}]"
