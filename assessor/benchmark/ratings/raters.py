"""Simulated raters: to test screening, averaging and calibration where the truth is known.

Not people. The model is that of ITU-T P.910 (2021), Annex E: score = truth + bias of the rater +
noise of the rater's own size; here a rater also uses more or less of the scale, scores are rounded
to it, and a share of the panel are spammers who do not look at the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ....core.errors import InvalidInput, NotRegistered
from ....core.scores import HEADS
from .table import SCALES, Rating, RatingTable

__all__ = ["Panel", "simulate_ratings"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of raters; every size in points of 0..100.

    Attributes:
        raters: How many, spammers included.
        bias: Deviation of the raters' constant offsets.
        stretch: Deviation of the logarithm of the share of the scale that they use.
        inconsistency: Median deviation of a rater's scores of one picture; raters differ by a
            log-normal factor of 0.3.
        spammer_share: Share of raters who do not look; they are the last ones, named spammer-N.
        spam: What those give: a random score, or always the middle of the scale.
        repeat_share: Share of pictures that every rater is shown twice.
        rated_share: Share of pictures that a rater rates at all.
    """

    raters: int = 20
    bias: float = 6.0
    stretch: float = 0.1
    inconsistency: float = 10.0
    spammer_share: float = 0.0
    spam: Literal["random", "constant"] = "random"
    repeat_share: float = 0.0
    rated_share: float = 1.0

    def __post_init__(self) -> None:
        shares = (self.spammer_share, self.repeat_share, self.rated_share)
        if self.raters < 1 or not all(0.0 <= share <= 1.0 for share in shares):
            raise InvalidInput(f"expected at least one rater and shares in 0..1, got {self}")


def simulate_ratings(
    truth: Mapping[str, npt.NDArray[np.float64]],
    panel: Panel,
    *,
    scale: str = "1-5",
    seed: int = 0,
) -> RatingTable:
    """Let a panel rate pictures whose true scores are known.

    Args:
        truth: (J,) true scores in 0..100 by head; every head of one length.
        panel: Who rates.
        scale: One of `SCALES`; "1-5" rounds to whole grades, "0-100" to whole points.
        seed: Same seed, same ratings.

    Returns:
        Ratings of pictures named image-0000.png and so on.

    Raises:
        NotRegistered: If a head or the scale is unknown.
    """
    if scale not in SCALES:
        raise NotRegistered("rating scale", scale, SCALES)
    for head in truth:
        if head not in HEADS:
            raise NotRegistered("dimension", head, HEADS)
    rng = np.random.default_rng(seed)
    spammers = round(panel.spammer_share * panel.raters)
    ratings: list[Rating] = []
    for number in range(panel.raters):
        spams = number >= panel.raters - spammers
        name = f"{'spammer' if spams else 'rater'}-{number:02d}"
        ratings += _ratings_of(name, spams, truth, panel, scale, rng)
    return RatingTable.collect(ratings, SCALES[scale])


def _ratings_of(
    name: str,
    spams: bool,
    truth: Mapping[str, npt.NDArray[np.float64]],
    panel: Panel,
    scale: str,
    rng: np.random.Generator,
) -> Iterator[Rating]:
    bias = rng.normal(0.0, panel.bias)
    stretch = np.exp(rng.normal(0.0, panel.stretch))
    noise = panel.inconsistency * np.exp(rng.normal(0.0, 0.3))
    limits = SCALES[scale]
    for head, values in truth.items():
        rated = np.flatnonzero(rng.random(len(values)) < panel.rated_share)
        again = rated[rng.random(len(rated)) < panel.repeat_share]
        shown = np.concatenate([rated, again])
        given = 50.0 + stretch * (values[shown] - 50.0) + bias + rng.normal(0.0, noise, len(shown))
        if spams:
            random = panel.spam == "random"
            given = rng.uniform(-10.0, 110.0, len(shown)) if random else np.full(len(shown), 50.0)
        points = np.clip(given, 0.0, 100.0) / limits.factor + limits.low
        for position, score in zip(shown, np.rint(points), strict=True):
            yield Rating(name, f"image-{position:04d}.png", head, float(score))
