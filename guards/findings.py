"""Findings that belong to the evidence of one pair: plain numbers, nothing is measured here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from ..core.errors import InvalidInput

__all__ = ["REFERENCE_DROP", "ReferenceMatch", "RegionDrift"]

REFERENCE_DROP: Final = 0.2
"""Fall of the calibrated probability from LQ to HQ that counts as clear, and is always said."""


@dataclass(frozen=True, slots=True)
class RegionDrift(Mapping[str, float]):
    """How far each region of a face departs from LQ, 0 (not at all) to 1; a frozen mapping.

    Left and right are the viewer's, as in the picture.
    """

    left_eye: float
    right_eye: float
    brows: float
    nose: float
    mouth: float
    skin: float
    outline: float

    def __post_init__(self) -> None:
        for name, value in self.items():
            if not 0.0 <= value <= 1.0:
                raise InvalidInput(f"expected the drift of {name} in 0..1, got {value!r}")

    def __getitem__(self, name: str) -> float:
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        value: float = getattr(self, name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (field.name for field in fields(self))

    def __len__(self) -> int:
        return len(fields(self))


@dataclass(frozen=True, slots=True)
class ReferenceMatch:
    """How LQ and HQ resemble enrolled pictures of the person.

    Attributes:
        pictures: How many enrolled pictures there are.
        lq_cosine: Aggregate cosine similarity of LQ with them, in [-1, 1].
        hq_cosine: The same of HQ.
        lq_probability: The embedder's calibrated probability in [0, 1] that LQ shows the person.
        hq_probability: The same of HQ.
        embedder: Name and version of who measured it.
    """

    pictures: int
    lq_cosine: float
    hq_cosine: float
    lq_probability: float
    hq_probability: float
    embedder: str = ""

    def __post_init__(self) -> None:
        if self.pictures < 1:
            raise InvalidInput(f"expected at least one reference picture, got {self.pictures}")
        for name in ("lq_cosine", "hq_cosine", "lq_probability", "hq_probability"):
            low = -1.0 if name.endswith("cosine") else 0.0
            value = getattr(self, name)
            if not low <= value <= 1.0:
                raise InvalidInput(f"expected {name} in {low:g}..1, got {value!r}")

    @property
    def drop(self) -> float:
        """Probability that the restoration took from the person, negative where it gave."""
        return self.lq_probability - self.hq_probability

    @property
    def contradicts(self) -> bool:
        """Whether HQ resembles the person clearly less than LQ does."""
        return self.drop > REFERENCE_DROP
