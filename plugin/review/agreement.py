"""How far people and guard agree: confusion table, share with its interval, Cohen's kappa."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ...core.errors import InvalidInput
from ...guards.verdict import Decision
from .overrides import Override

__all__ = ["DECIDED", "Agreement", "agreement_of", "measure_agreement", "wilson_interval"]

DECIDED: Final = (Decision.ACCEPT, Decision.BLEND, Decision.REJECT)
"""What both can decide, in the order of the table; FAILED and NOT_ASSESSABLE are no opinion."""
_Z_95: Final = 1.959963984540054

Pair: TypeAlias = tuple[Decision, Decision]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of people with the guard.

    Attributes:
        faces: How many faces both decided on.
        table: How often the guard decided the first and the person the second.
        share: Share of faces on which they agree, None without faces.
        interval: 95 % interval of that share (Wilson), None without faces.
        kappa: Cohen's kappa, None where it is undefined: no faces, or both always say the same
            one thing.
        unpaired: Faces on which the guard had no opinion (FAILED, NOT_ASSESSABLE).
    """

    faces: int
    table: Mapping[Pair, int]
    share: float | None
    interval: tuple[float, float] | None
    kappa: float | None
    unpaired: int = 0

    def count(self, guard: Decision, person: Decision) -> int:
        """How often they decided so."""
        return self.table.get((guard, person), 0)


def measure_agreement(pairs: Iterable[Pair]) -> Agreement:
    """Compare decisions on the same faces.

    Args:
        pairs: The guard's decision, then the person's, one pair a face.

    Returns:
        The counts and what follows from them. Cohen's kappa is (po - pe) / (1 - pe) with pe the
        agreement by chance of the two margins (Cohen 1960, eq. 1).
    """
    every = Counter(pairs)
    table = {pair: n for pair, n in every.items() if set(pair) <= set(DECIDED)}
    faces = sum(table.values())
    unpaired = sum(every.values()) - faces
    if not faces:
        return Agreement(0, table, None, None, None, unpaired)
    same = sum(n for (guard, person), n in table.items() if guard is person)
    margins = [Counter[Decision](), Counter[Decision]()]
    for pair, n in table.items():
        for margin, decision in zip(margins, pair, strict=True):
            margin[decision] += n
    by_chance = sum(margins[0][one] * margins[1][one] for one in DECIDED)
    # In whole numbers: agreement by chance is certain exactly where both margins are one decision.
    rest = faces * faces - by_chance
    kappa = (same * faces - by_chance) / rest if rest else None
    return Agreement(faces, table, same / faces, wilson_interval(same, faces), kappa, unpaired)


def agreement_of(overrides: Iterable[Override]) -> Agreement:
    """Agreement over the overrides of a file; each holds what the guard had decided."""
    return measure_agreement((one.guard, one.decision) for one in overrides)


def wilson_interval(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927): it stays in 0..1 and holds with few trials.

    Args:
        hits: How often it happened.
        trials: Out of how many, at least one.

    Raises:
        InvalidInput: If it is not 0 <= hits <= trials, trials >= 1.
    """
    if not (trials >= 1 and 0 <= hits <= trials):
        raise InvalidInput(f"expected 0 <= hits <= trials and a trial, got {hits} of {trials}")
    share, z2 = hits / trials, _Z_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = share * (1 - share) / trials + z2 / (4 * trials * trials)
    half = _Z_95 * math.sqrt(spread) / (1 + z2 / trials)
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == trials else min(1.0, centre + half)
    return low, high
