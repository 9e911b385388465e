"""Raw ratings: who gave which picture which score, as they were collected.

Nothing is averaged, dropped or rescaled here; a rating given twice (a hidden repeat) stays twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ....core.scores import HEADS

__all__ = ["SCALES", "Rating", "RatingTable", "Scale"]


class Scale(NamedTuple):
    """The lowest and the highest score that a rater could give; the highest is the best."""

    low: float
    high: float

    def to_hundred(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Bring scores to 0..100, linearly."""
        return (scores - self.low) * self.factor

    @property
    def factor(self) -> float:
        """Points of 0..100 that one point of this scale is worth."""
        return 100.0 / (self.high - self.low)


SCALES: Final[Mapping[str, Scale]] = {"1-5": Scale(1.0, 5.0), "0-100": Scale(0.0, 100.0)}
"""Scales by name: five grades (BT.500's ACR), or a continuous slider."""


class Rating(NamedTuple):
    """One score that one rater gave one picture."""

    rater: str
    image: str
    head: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class RatingTable:
    """Ratings by column; n ratings of R raters and J pictures.

    Attributes:
        raters: Names, in order of first appearance.
        images: Names, in order of first appearance.
        rater: (n,) positions in `raters`.
        image: (n,) positions in `images`.
        head: (n,) positions in `HEADS`.
        score: (n,) float64, in the scale's own points.
        scale: What the raters could give.
    """

    raters: tuple[str, ...]
    images: tuple[str, ...]
    rater: npt.NDArray[np.intp]
    image: npt.NDArray[np.intp]
    head: npt.NDArray[np.intp]
    score: npt.NDArray[np.float64]
    scale: Scale

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads that were rated at all, in the order of `HEADS`."""
        present = set(self.head.tolist())
        return tuple(name for position, name in enumerate(HEADS) if position in present)

    @classmethod
    def collect(cls, ratings: Iterable[Rating], scale: Scale) -> RatingTable:
        """Build a table from ratings in the order in which they were given.

        Args:
            ratings: Heads are names out of `HEADS`, scores lie within the scale.
            scale: What the raters could give.
        """
        raters: dict[str, int] = {}
        images: dict[str, int] = {}
        heads = {name: position for position, name in enumerate(HEADS)}
        codes: list[tuple[int, int, int]] = []
        scores: list[float] = []
        for one in ratings:
            rater = raters.setdefault(one.rater, len(raters))
            image = images.setdefault(one.image, len(images))
            codes.append((rater, image, heads[one.head]))
            scores.append(one.score)
        rater_column, image_column, head_column = np.array(codes, np.intp).reshape(-1, 3).T
        return cls(
            tuple(raters),
            tuple(images),
            rater_column,
            image_column,
            head_column,
            np.array(scores, np.float64),
            scale,
        )

    def cube(self, head: str) -> npt.NDArray[np.float64]:
        """The ratings of one head by rater, picture and repetition.

        Args:
            head: One of `HEADS`.

        Returns:
            (R, J, K) float64 in the scale's points; K is the most often that one rater rated one
            picture, NaN where there is no rating. The k-th repetition is the k-th in the table.
        """
        chosen = self.head == HEADS.index(head)
        rater, image, score = self.rater[chosen], self.image[chosen], self.score[chosen]
        repetition = _count_earlier(rater * max(1, len(self.images)) + image)
        depth = int(repetition.max(initial=0)) + 1
        cube = np.full((len(self.raters), len(self.images), depth), np.nan)
        cube[rater, image, repetition] = score
        return cube


def _count_earlier(keys: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """How often each key occurred before, (n,)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, len(ordered)])
    counts = np.empty(len(keys), np.intp)
    counts[order] = np.arange(len(keys)) - np.repeat(starts, lengths) if len(keys) else 0
    return counts
