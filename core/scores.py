"""The six quality dimensions and their order, stated once.

Source of the dimensions: SFIQA-Bench, arXiv 2602.07403. Every score runs from 0 to 100 and
higher is always better: ``noise`` is freedom from noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from .errors import InvalidInput

__all__ = ["HEADS", "QualityScores"]

HEADS: Final[tuple[str, ...]] = (
    "noise",
    "sharpness",
    "colorfulness",
    "contrast",
    "fidelity",
    "overall",
)
"""Names of the assessor's heads, in the order of its output vector."""


@dataclass(frozen=True, slots=True)
class QualityScores:
    """Predicted quality of one aligned face, six numbers in [0, 100], higher is better.

    Attributes:
        noise: Freedom from noise.
        sharpness: How much true detail the face's edges carry.
        colorfulness: How much of the face's natural colour is there; grey is 0.
        contrast: How well the tonal range is used.
        fidelity: How much of the person's identity the face carries, judged without its source.
        overall: Overall visual quality.
    """

    noise: float
    sharpness: float
    colorfulness: float
    contrast: float
    fidelity: float
    overall: float

    def __post_init__(self) -> None:
        for name in HEADS:
            value = getattr(self, name)
            if not (math.isfinite(value) and 0.0 <= value <= 100.0):
                raise InvalidInput(f"expected {name} as a number in 0..100, got {value!r}")

    @classmethod
    def from_sequence(cls, values: Sequence[float]) -> QualityScores:
        """Build scores from six numbers in the order of `HEADS`, clipped to [0, 100].

        Args:
            values: Six finite numbers.

        Raises:
            InvalidInput: If there are not six, or one of them is not finite.
        """
        if len(values) != len(HEADS):
            raise InvalidInput(
                f"expected {len(HEADS)} scores ({', '.join(HEADS)}), got {len(values)}"
            )
        clipped = (min(100.0, max(0.0, float(v))) if math.isfinite(v) else v for v in values)
        return cls(*clipped)

    def as_dict(self) -> dict[str, float]:
        """Return the scores under their names, in the order of `HEADS`."""
        return asdict(self)
