"""Bends the assessor's heads onto a scale of real ratings without changing any order.

A calibration belongs to one set of weights and is refused by any other. It is fitted by
`assessor.calibration_fit` and changes what a score means: the guard's risk model and policies are
fitted on uncalibrated scores and do not take a calibrated assessor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ..core.errors import InvalidInput, NotRegistered
from ..core.files import write_text_file
from ..core.scores import HEADS

__all__ = ["FORMAT", "HeadMap", "MonotoneMap", "load_calibration"]

FORMAT: Final = "facefidelity-calibration"
_VERSION: Final = 1
_METHODS: Final = ("identity", "line", "curve")


@dataclass(frozen=True, slots=True)
class HeadMap:
    """A non-decreasing, piecewise linear map of one head's scores, 0..100 to 0..100.

    Attributes:
        x: Predicted scores at the knots, rising from 0 to 100.
        y: Calibrated scores at the knots, never falling.
        method: "identity" (ratings were too few, or it was no worse), "line" or "curve".
        note: How it was chosen, in one sentence.
        pictures: On how many rated pictures it was fitted.
        rmse_before: Of the uncalibrated scores against the ratings, in points.
        rmse_after: Of the calibrated scores, cross-validated: each picture by a fit without it.
        srcc: Spearman's correlation with the ratings; the map does not change it.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    method: Literal["identity", "line", "curve"]
    note: str
    pictures: int
    rmse_before: float
    rmse_after: float
    srcc: float | None

    def __post_init__(self) -> None:
        knots = np.array([self.x, self.y], np.float64) if len(self.x) == len(self.y) else None
        if knots is None or knots.shape[1] < 2 or not np.isfinite(knots).all():
            raise InvalidInput(f"expected two or more finite knots, got x={self.x} y={self.y}")
        rising = np.all(np.diff(knots[0]) > 0) and np.all(np.diff(knots[1]) >= 0)
        whole = knots[0, 0] == 0 and knots[0, -1] == 100
        if not (rising and whole and knots[1].min() >= 0 and knots[1].max() <= 100):
            raise InvalidInput(
                "expected knots whose x rises from 0 to 100 and whose y never falls within "
                f"0..100, got x={self.x} y={self.y}"
            )
        if self.method not in _METHODS:
            raise NotRegistered("calibration method", str(self.method), _METHODS)

    def apply(self, scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Calibrate scores of any shape; those off 0..100 are clipped first."""
        mapped = np.interp(np.asarray(scores, np.float64), self.x, self.y)
        return np.asarray(mapped, np.float64)


@dataclass(frozen=True, slots=True)
class MonotoneMap:
    """One map a head, for one set of weights.

    Attributes:
        assessor: Name of the uncalibrated assessor.
        heads: Maps by head; a head without one keeps its scores.
    """

    assessor: str
    heads: Mapping[str, HeadMap]

    def __post_init__(self) -> None:
        for name in self.heads:
            if name not in HEADS:
                raise NotRegistered("head", name, HEADS)

    @property
    def sha256(self) -> str:
        """SHA-256 of the calibration's content, in hex."""
        return hashlib.sha256(self.to_json().encode("utf-8")).hexdigest()

    def apply(self, scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Calibrate six scores, or many times six.

        Args:
            scores: (..., 6) in the order of `HEADS`.

        Returns:
            (..., 6) float64 in 0..100, in the same order as before head by head.

        Raises:
            InvalidInput: If the last axis does not hold six scores.
        """
        raw = np.array(scores, np.float64)
        if raw.ndim == 0 or raw.shape[-1] != len(HEADS):
            raise InvalidInput(f"expected (..., {len(HEADS)}) scores, got shape {raw.shape}")
        calibrated = np.clip(raw, 0.0, 100.0)
        for position, name in enumerate(HEADS):
            if name in self.heads:
                calibrated[..., position] = self.heads[name].apply(raw[..., position])
        return calibrated

    def to_json(self) -> str:
        """The calibration as JSON, the same text for the same content."""
        heads = {
            name: {field: getattr(self.heads[name], field) for field in HeadMap.__slots__}
            for name in HEADS
            if name in self.heads
        }
        content = {
            "format": FORMAT,
            "version": _VERSION,
            "assessor": self.assessor,
            "heads": heads,
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def save(self, path: Path) -> None:
        """Write the calibration as JSON, whole or not at all.

        Raises:
            WriteFailed: If the disk refuses.
        """
        write_text_file(path, self.to_json())


def load_calibration(path: Path) -> MonotoneMap:
    """Read a calibration that `MonotoneMap.save` wrote.

    Raises:
        InvalidInput: If the file cannot be read, is no calibration, or is of another version.
        NotRegistered: If it names an unknown head.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"expected a calibration in {path}, got: {error}") from error
    stamp = (content.get("format"), content.get("version")) if isinstance(content, dict) else None
    if stamp != (FORMAT, _VERSION):
        raise InvalidInput(
            f"expected a {FORMAT} of version {_VERSION} in {path}, got {stamp}; fit it again with "
            "facefidelity bench train --head-only"
        )
    try:
        heads = {name: _head_map(fields) for name, fields in content["heads"].items()}
        return MonotoneMap(str(content["assessor"]), heads)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise InvalidInput(f"in {path}: {error}") from error
        raise InvalidInput(f"expected a whole calibration in {path}, got: {error!r}") from error


def _head_map(fields: Mapping[str, Any]) -> HeadMap:
    knots = {name: tuple(float(value) for value in fields[name]) for name in ("x", "y")}
    return HeadMap(**{**fields, **knots})
