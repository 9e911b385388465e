"""Simulated or rated faces for training: pictures in memory-mapped parts, labels, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...core.errors import InvalidInput
from ...core.scores import HEADS
from ..views import FRAME_PX

__all__ = ["Batch", "FaceSet", "join_sets"]

Pixels = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float32]
_STRANGER_SHARE: Final = 0.06
_MOST_SHIFT_PX: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one step learns from.

    Attributes:
        face: (N, 3, 256, 256) uint8 RGB, channels last in memory.
        source: The same of the pictures that the faces were restored from.
        target: (N, 7): the six labels, then fidelity given the source; NaN where unknown.
    """

    face: Tensor
    source: Tensor
    target: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Pictures, labels, and for every picture the one that it was restored from.

    Attributes:
        parts: Arrays (N_i, 256, 256, 3) uint8 RGB, memory-mapped or not.
        labels: (N, 6) float32 in the order of `HEADS`; NaN where a head has no label.
        source: (N,) row that each was restored from; its own for a capture.
        people: (N,) str, who each shows; None: only a picture and its source are known to show
            the same person.
        supported: (N,) float32 fidelity given the source; None: the label of fidelity.

    Raises:
        InvalidInput: If they do not fit together.
    """

    parts: Sequence[Pixels]
    labels: Numbers
    source: npt.NDArray[np.int64]
    people: npt.NDArray[np.str_] | None = None
    supported: Numbers | None = None

    def __post_init__(self) -> None:
        count = sum(len(part) for part in self.parts)
        lists = [one for one in (self.source, self.people, self.supported) if one is not None]
        if self.labels.shape != (count, 6) or any(one.shape != (count,) for one in lists):
            raise InvalidInput(
                f"expected {count} rows of 6 labels and {count} sources, one a picture, "
                f"got {self.labels.shape} and {[one.shape for one in lists]}"
            )
        if ((self.source < 0) | (self.source >= count)).any():
            raise InvalidInput(f"expected sources among the {count} rows, got one outside")
        for part in self.parts:
            if part.shape[1:] != (FRAME_PX, FRAME_PX, 3) or part.dtype != np.uint8:
                raise InvalidInput(
                    f"expected pictures (N, 256, 256, 3) uint8, got {part.shape} {part.dtype}"
                )

    def __len__(self) -> int:
        return len(self.labels)

    def pictures(self, rows: npt.NDArray[np.int64]) -> Pixels:
        """Read some pictures, at least one: (K, 256, 256, 3) uint8, the caller's own."""
        starts = np.cumsum([0, *(len(part) for part in self.parts)])
        which = np.searchsorted(starts, rows, "right") - 1
        return np.stack([self.parts[p][r - starts[p]] for p, r in zip(which, rows, strict=True)])

    def batches(self, size: int) -> Iterator[Batch]:
        """Every picture once, in order, with its true source."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield self._batch(rows, self.source[rows])

    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator[Batch]:
        """Every picture once, shuffled, flipped and shifted by up to 3 px with its source.

        One source in sixteen is another person's picture: nothing supports the face then, and
        its fidelity given the source is 0.
        """
        order, owners = rng.permutation(len(self)), self.owners()
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            sources = self.source[rows].copy()
            drawn = rng.integers(0, len(self), len(rows))
            strange = rng.random(len(rows)) < _STRANGER_SHARE
            strange &= owners[drawn] != owners[rows]
            sources[strange] = drawn[strange]
            flip = rng.random(len(rows)) < 0.5
            shift = rng.integers(-_MOST_SHIFT_PX, _MOST_SHIFT_PX + 1, 2)
            yield self._batch(rows, sources, strange, flip, (int(shift[0]), int(shift[1])))

    def owners(self) -> npt.NDArray[np.str_]:
        """(N,) str, equal where two pictures are known to show one person."""
        return self.source.astype(np.str_) if self.people is None else self.people

    def fidelity_given_source(self) -> Numbers:
        """(N,) float32 labels of the seventh output; NaN where unknown."""
        if self.supported is not None:
            return self.supported
        return np.asarray(self.labels[:, HEADS.index("fidelity")])

    def _batch(
        self,
        rows: npt.NDArray[np.int64],
        sources: npt.NDArray[np.int64],
        strange: npt.NDArray[np.bool_] | None = None,
        flip: npt.NDArray[np.bool_] | None = None,
        shift: tuple[int, int] = (0, 0),
    ) -> Batch:
        given = self.fidelity_given_source()[rows].copy()
        if strange is not None:
            given[strange & np.isfinite(given)] = 0.0
        target = np.column_stack([self.labels[rows], given])
        face = _moved(self.pictures(rows), flip, shift)
        own = sources == rows
        source = face.copy() if own.all() else _moved(self.pictures(sources), flip, shift)
        return Batch(_planes(face), _planes(source), torch.from_numpy(target))


def _moved(pictures: Pixels, flip: npt.NDArray[np.bool_] | None, shift: tuple[int, int]) -> Pixels:
    if flip is not None:
        pictures[flip] = pictures[flip][:, :, ::-1]
    if shift == (0, 0):
        return pictures
    most = _MOST_SHIFT_PX
    padded = np.pad(pictures, ((0, 0), (most, most), (most, most), (0, 0)), "edge")
    top, left = most + shift[0], most + shift[1]
    return np.ascontiguousarray(padded[:, top : top + FRAME_PX, left : left + FRAME_PX])


def _planes(pictures: Pixels) -> Tensor:
    """A channels-last view: nothing is copied."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def join_sets(sets: Sequence[FaceSet]) -> FaceSet:
    """Several sets as one; sources keep pointing to their pictures.

    A person of one name in two sets is one person; where a set names nobody its people are its own.

    Raises:
        InvalidInput: If there is none.
    """
    if not sets:
        raise InvalidInput("expected at least one set to train on, got none")
    offsets = np.cumsum([0, *(len(part) for part in sets[:-1])])
    people = [
        np.char.add(f"set {number}, ", each.owners()) if each.people is None else each.people
        for number, each in enumerate(sets)
    ]
    return FaceSet(
        [part for each in sets for part in each.parts],
        np.concatenate([each.labels for each in sets]),
        np.concatenate([each.source + offset for each, offset in zip(sets, offsets, strict=True)]),
        np.concatenate(people),
        np.concatenate([each.fidelity_given_source() for each in sets]),
    )
