"""Who rates which picture when: a study's plan, from which every rater's order follows.

Single stimulus: one picture at a time, in an order of the rater's own, some pictures twice without
saying so. Nothing is stored of it: the same plan and the same name give the same order again.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ....core.errors import InvalidInput, NotRegistered
from ....core.scores import HEADS
from .table import SCALES, Scale

__all__ = ["Presentation", "StudyPlan", "rater_name"]

_MOST_LETTERS: Final = 60
_FORMULA: Final = "=+-@"
_MOST_BETWEEN: Final = 4


class Presentation(NamedTuple):
    """One picture shown to one rater.

    Attributes:
        order: When, counted from 0.
        image: Its name.
        repeat: 1 where the rater has seen it before without being told, else 0.
    """

    order: int
    image: str
    repeat: int


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What is rated, and how.

    Attributes:
        images: Names of the pictures, each once.
        heads: Which of `HEADS` are asked.
        scale: One of `SCALES`.
        seed: Of every order; stated with the results.
        repeat_share: Share of pictures that every rater is shown twice, rounded up.
        training: How many pictures are shown for practice first and do not count.
    """

    images: tuple[str, ...]
    heads: tuple[str, ...] = HEADS
    scale: str = "1-5"
    seed: int = 0
    repeat_share: float = 0.1
    training: int = 3

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise NotRegistered("rating scale", self.scale, SCALES)
        for head in self.heads:
            if head not in HEADS:
                raise NotRegistered("dimension", head, HEADS)
        if not self.images or len(set(self.images)) < len(self.images):
            raise InvalidInput(
                f"expected pictures to rate, each once, got {len(self.images)} names of which "
                f"{len(set(self.images))} differ"
            )
        if not self.heads or len(set(self.heads)) < len(self.heads):
            raise InvalidInput(f"expected dimensions to rate, each once, got {self.heads}")
        if self.seed < 0 or self.training < 0 or not 0 <= self.repeat_share <= 1:
            raise InvalidInput(
                "expected a seed and a number of practice pictures of 0 or more and a share of "
                f"repeats in 0..1, got {self.seed}, {self.training} and {self.repeat_share}"
            )

    @property
    def limits(self) -> Scale:
        """Lowest and highest score."""
        return SCALES[self.scale]

    @property
    def key(self) -> str:
        """Twelve hex digits that only this plan has; every line of its ratings carries them."""
        parts = [self.images, self.heads, self.scale, self.seed, self.repeat_share]
        return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()[:12]

    @property
    def length(self) -> int:
        """How many presentations a rater gets, repeats counted, practice not."""
        return len(self.images) + self._repeats

    @property
    def _gap(self) -> int:
        """How many other pictures come between a picture and its repeat, at least."""
        return min(_MOST_BETWEEN, len(self.images) // 2)

    @property
    def _repeats(self) -> int:
        wanted = math.ceil(self.repeat_share * len(self.images)) if self._gap else 0
        return min(wanted, len(self.images) - self._gap)

    def presentations(self, rater: str) -> tuple[Presentation, ...]:
        """One rater's order: every picture once, the repeats at least some pictures later.

        Args:
            rater: As `rater_name` writes it.
        """
        rng = self._generator(f"rater {rater}")
        shown = [self.images[i] for i in rng.permutation(len(self.images))]
        first = shown[: len(shown) - self._gap]
        again = [first[i] for i in rng.permutation(len(first))][: self._repeats]
        for image in again:
            earliest = shown.index(image) + self._gap + 1
            shown.insert(int(rng.integers(earliest, len(shown) + 1)), image)
        seen: set[str] = set()
        result = []
        for order, image in enumerate(shown):
            result.append(Presentation(order, image, int(image in seen)))
            seen.add(image)
        return tuple(result)

    def practice(self) -> tuple[str, ...]:
        """The pictures of the practice, the same for every rater."""
        chosen = self._generator("practice").permutation(len(self.images))[: self.training]
        return tuple(self.images[i] for i in chosen)

    def _generator(self, purpose: str) -> np.random.Generator:
        digest = hashlib.sha256(f"{self.key} {purpose}".encode()).digest()
        return np.random.default_rng(np.frombuffer(digest, np.uint32).tolist())


def rater_name(text: str) -> str:
    """Bring a rater's name to the one form under which it is kept, so that it is found again.

    Args:
        text: As it was typed.

    Returns:
        Lower case, single blanks, nothing around it.

    Raises:
        InvalidInput: If it is empty, too long, cannot be printed, or a spreadsheet would take it
            for a formula.
    """
    name = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if not (0 < len(name) <= _MOST_LETTERS and name.isprintable()) or name[0] in _FORMULA:
        raise InvalidInput(
            f"expected a rater's name of 1 to {_MOST_LETTERS} letters that does not begin with "
            f"one of {_FORMULA}, got {text[:_MOST_LETTERS]!r}"
        )
    return name
