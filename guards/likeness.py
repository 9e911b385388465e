"""Are today's faces still like those that a profile was made on? Numbers only.

One Kolmogorov-Smirnov test a measure against the values that the profile keeps, Holm's correction
over all of them: alike faces raise an alarm at most at the stated rate. The rate holds for faces
that are independent draws; many frames of one person are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput
from .profile_parts import stored_sample

__all__ = ["Likeness", "MeasureShift", "check_likeness", "ks_distance", "ks_p_value", "least_faces"]

_SLACK: Final = 1e-12
"""Slack in comparing distances, far below 1 / (m * n)."""
_MOST_FACES: Final = 2_000
"""Of more faces today so many evenly spaced quantiles count, as of a profile's."""


@dataclass(frozen=True, slots=True)
class MeasureShift:
    """How one measure moved.

    Attributes:
        name: Of the measure.
        before: Its median over the faces of the profile.
        today: Its median today.
        distance: Largest gap between the two distribution functions, 0..1.
        p_value: Probability of such a gap between alike faces, at most.
        moved: Whether that is an alarm, after Holm's correction.
    """

    name: str
    before: float
    today: float
    distance: float
    p_value: float
    moved: bool


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether today's faces are like those of a profile.

    Attributes:
        alarm_rate: Of alike faces, over all measures together.
        shifts: One a measure, in the order given.
        enough: Whether there are enough faces for an alarm to be possible at all.
    """

    alarm_rate: float
    shifts: tuple[MeasureShift, ...]
    enough: bool

    @property
    def alike(self) -> bool:
        """Whether no measure raises an alarm; says nothing where there are too few faces."""
        return not any(shift.moved for shift in self.shifts)


def check_likeness(
    before: Mapping[str, Sequence[float]],
    today: Mapping[str, Sequence[float]],
    faces: int,
    alarm_rate: float = 0.01,
) -> Likeness:
    """Test every measure that both sides have.

    Args:
        before: Of each measure what `stored_sample` kept.
        today: Of each measure today's values, any number.
        faces: How many faces the profile was made on.
        alarm_rate: Largest probability of any alarm where nothing changed, in (0, 1).

    Raises:
        InvalidInput: If no measure is on both sides, or the rate is out of range.
    """
    if not 0.0 < alarm_rate < 1.0:
        raise InvalidInput(f"expected an alarm rate between 0 and 1, got {alarm_rate}")
    names = [name for name in before if len(today.get(name, ())) > 1]
    if not names:
        raise InvalidInput("expected two or more values of a measure of the profile, got none")
    found = {name: _test(before[name], today[name], faces) for name in names}
    moved = _holm({name: p for name, (_, p) in found.items()}, alarm_rate)
    shifts = tuple(
        MeasureShift(
            name,
            float(np.median(before[name])),
            float(np.median(today[name])),
            *found[name],
            moved=name in moved,
        )
        for name in names
    )
    needed = (least_faces(len(before[name]), len(names), alarm_rate) for name in names)
    enough = any(len(today[name]) >= least for name, least in zip(names, needed, strict=True))
    return Likeness(alarm_rate, shifts, enough)


def least_faces(kept: int, measures: int, alarm_rate: float) -> int:
    """Fewest faces of today with which an alarm is possible at all.

    Args:
        kept: Values that the profile keeps of a measure, at least two.
        measures: Measures that are tested.
        alarm_rate: Over all of them, in (0, 1).
    """
    faces = 1
    while 2 / comb(kept + faces, faces) > alarm_rate / measures:
        faces += 1
    return faces


def ks_distance(kept: Sequence[float], today: Sequence[float], faces: int) -> float:
    """Largest gap between two distribution functions, 0..1, never overstated.

    Args:
        kept: All values of the first side sorted, or evenly spaced quantiles of them: between
            two of those its distribution function is only known to lie between two steps, and
            the gap to the nearer one counts.
        today: Values of the second side, any order.
        faces: How many values the first side had.
    """
    first, second = np.asarray(kept, float), np.sort(np.asarray(today, float))
    count = max(faces, len(first))
    rank = np.linspace(0, count - 1, len(first))
    low = np.concatenate([[0.0], (np.floor(rank + 1e-9) + 1) / count])
    high = np.concatenate([np.ceil(rank - 1e-9) / count, [1.0]])
    # The gap is largest at a jump of one side: just before it, or at it.
    at = np.concatenate([first, second])
    gaps = [_gap(low, high, first, second, at, side) for side in ("left", "right")]
    return float(max(gaps))


def _gap(
    low: npt.NDArray[Any],
    high: npt.NDArray[Any],
    first: npt.NDArray[Any],
    second: npt.NDArray[Any],
    at: npt.NDArray[Any],
    side: Any,
) -> float:
    place = np.searchsorted(first, at, side=side)
    share = np.searchsorted(second, at, side=side) / len(second)
    return float(np.maximum(low[place] - share, share - high[place]).max(initial=0.0))


def ks_p_value(distance: float, first: int, second: int) -> float:
    """Exact probability that two alike samples lie at least so far apart.

    Counts the lattice paths that stay within the distance (Hodges 1958), diagonal by diagonal.
    With ties the true probability is smaller.

    Args:
        distance: In [0, 1].
        first: Values of one side, at least one.
        second: Values of the other side, at least one.
    """
    inside = np.zeros(first + 1)
    inside[0] = 1.0
    steps = np.arange(first + 1)
    for taken in range(1, first + second + 1):
        other = taken - steps
        before = np.concatenate([[0.0], inside[:-1]])
        inside = (before * steps + inside * np.maximum(other, 0)) / taken
        apart = np.abs(steps / first - other / second)
        inside[(apart >= distance - _SLACK) | (other < 0) | (other > second)] = 0.0
    return float(min(1.0, max(0.0, 1.0 - inside[first]))) if distance > 0 else 1.0


def _test(kept: Sequence[float], today: Sequence[float], faces: int) -> tuple[float, float]:
    # Rounded as what the profile keeps: equal measurements stay equal.
    values = stored_sample(today, _MOST_FACES)
    count = faces if len(kept) < faces else len(kept)
    distance = ks_distance(kept, values, count)
    return distance, ks_p_value(distance, len(kept), len(values))


def _holm(p_values: Mapping[str, float], rate: float) -> set[str]:
    moved: set[str] = set()
    left = len(p_values)
    for name in sorted(p_values, key=lambda one: p_values[one]):
        if p_values[name] > rate / left:
            break
        moved.add(name)
        left -= 1
    return moved
