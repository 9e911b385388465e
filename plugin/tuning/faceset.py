"""A set of faces on which choices are tried, each measured once and remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from ...core.protocols import RGBImage
from ...guards.judgement import MeasuredSource
from .cache import ExaminedCache
from .hashing import hash_face
from .measuring import Examined, FaceExaminer
from .space import Choice
from .truth import Truth

__all__ = ["FaceSet"]

_TYPICAL_JUDGING_S: Final = 0.5


class FaceSet:
    """Faces, and where it is known their truth.

    Args:
        faces: (512, 512, 3) uint8 RGB, LQ each.
        examiner: Restores and judges.
        cache: Remembers.
        truth: The truths, None where there are none.
        truth_of: Which of them is each face's; the faces' own order where None.
    """

    def __init__(
        self,
        faces: Sequence[RGBImage],
        examiner: FaceExaminer,
        cache: ExaminedCache,
        truth: Truth | None = None,
        truth_of: Sequence[int] | None = None,
    ) -> None:
        self._faces = list(faces)
        self._examiner = examiner
        self._cache = cache
        self._truth = truth
        self._truth_of = list(truth_of) if truth_of is not None else list(range(len(faces)))
        self._keys = [self._key(index) for index in range(len(faces))]
        self._sources: dict[int, MeasuredSource] = {}
        self._judging: list[float] = []

    def __len__(self) -> int:
        return len(self._faces)

    @property
    def judging_seconds(self) -> float:
        """Mean wall time of a face beyond its restorer's; a typical one before any is measured."""
        if not self._judging:
            return _TYPICAL_JUDGING_S
        return sum(self._judging) / len(self._judging)

    def examine(
        self,
        choice: Choice,
        count: int,
        *,
        deadline: float | None = None,
        each: Callable[[], None] | None = None,
    ) -> list[Examined]:
        """Examine the first faces under a choice.

        Args:
            choice: Restorer and settings.
            count: How many faces.
            deadline: `time.monotonic` after which no further restorer is started.
            each: Called after each face.

        Returns:
            What was measured, in order; fewer than `count` where the time was over.
        """
        found: list[Examined] = []
        for index in range(min(count, len(self._faces))):
            known = self._cache.get(self._keys[index], choice.key)
            if known is None:
                if deadline is not None and time.monotonic() > deadline:
                    break
                known = self._examine(index, choice)
                self._cache.put(self._keys[index], choice.key, known)
            found.append(known)
            if each is not None:
                each()
        return found

    def _examine(self, index: int, choice: Choice) -> Examined:
        lq, started = self._faces[index], time.monotonic()
        if index not in self._sources:
            self._sources[index] = self._examiner.judge.measure_source(lq)
        look = None
        if self._truth is not None:
            look = partial(self._truth.look, self._truth_of[index])
        examined = self._examiner.examine(lq, self._sources[index], choice, look)
        self._judging.append(time.monotonic() - started - examined.seconds)
        return examined

    def _key(self, index: int) -> str:
        truth = "" if self._truth is None else self._truth.key(self._truth_of[index])
        return hash_face(self._faces[index]) + truth
