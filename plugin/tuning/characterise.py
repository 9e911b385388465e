"""From measured faces to the description of a camera, and what is odd about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...core.errors import InvalidInput
from ...core.scores import HEADS
from ...guards.profile import CameraDescription, Spread, stored_sample
from .frames import CameraFace
from .signals import FaceSignals

__all__ = ["MEASURES", "Measure", "characterise", "describe_oddities"]

_QUANTILES: Final = (0.1, 0.5, 0.9)
_MIXED_GREY: Final = (0.1, 0.9)
_LEAST_FOR_MODES: Final = 12
_LEAST_MODE_SHARE: Final = 0.15
_APART: Final = 5.0
"""Distance of two modes in their own deviations (Ashman's D); halves of a uniform have 3.5."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One signal measurement of a face.

    Attributes:
        name: As in the profile.
        label: For people.
        unit: Of its numbers.
        digits: Shown behind the point.
        read: Takes it from the measured signals; None where it does not show.
    """

    name: str
    label: str
    unit: str
    digits: int
    read: Callable[[FaceSignals], float | None]


MEASURES: Final[tuple[Measure, ...]] = (
    Measure("face_px", "face width", "px", 0, lambda one: one.face_px),
    Measure("blur_px", "blur of the aligned face", "px", 1, lambda one: one.blur_px),
    Measure("noise", "noise", "grey levels", 1, lambda one: one.noise),
    Measure(
        "compression_quality",
        "compression, as JPEG quality",
        "",
        0,
        lambda one: one.compression_quality,
    ),
    Measure("brightness", "brightness", "grey levels", 0, lambda one: one.brightness),
)
"""In the order of the table; each is a signal of `CameraDescription`."""


def characterise(faces: Sequence[CameraFace]) -> CameraDescription:
    """Describe a camera by its faces.

    Raises:
        InvalidInput: If there is no face.
    """
    if not faces:
        raise InvalidInput("expected at least one face to describe the camera by, got none")
    values = {measure.name: _values(faces, measure) for measure in MEASURES}
    heads = {head: [getattr(one.scores, head) for one in faces] for head in HEADS}
    return CameraDescription(
        **{name: _spread(found) for name, found in values.items()},
        grey_share=sum(one.signals.grey for one in faces) / len(faces),
        scores={name: stored_sample(found) for name, found in heads.items() if len(found) > 1},
        signals={name: stored_sample(found) for name, found in values.items() if len(found) > 1},
        faces=len(faces),
    )


def describe_oddities(faces: Sequence[CameraFace]) -> tuple[str, ...]:
    """Say, one sentence each, why these faces may not be of one camera in one state."""
    said = []
    grey = sum(one.signals.grey for one in faces) / max(len(faces), 1)
    if _MIXED_GREY[0] <= grey <= _MIXED_GREY[1] and len(faces) > 1:
        said.append(
            f"{100 * grey:.0f} % of the faces are grey, the others have colour: day and night, or "
            "two cameras; tune each apart if they are"
        )
    for measure in (MEASURES[0], MEASURES[4]):
        found = np.array(_values(faces, measure))
        modes = _two_modes(np.log(found) if measure.name == "face_px" else found)
        if modes is not None:
            low, high = np.median(found[~modes]), np.median(found[modes])
            said.append(
                f"the faces fall into two groups by {measure.label} (around {low:.0f} and "
                f"{high:.0f} {measure.unit}): two cameras or two zooms; tune each apart if they are"
            )
    return tuple(said)


def _values(faces: Sequence[CameraFace], measure: Measure) -> list[float]:
    found = (measure.read(one.signals) for one in faces)
    return [value for value in found if value is not None]


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    low, median, high = (round(float(q), 3) for q in np.quantile(values, _QUANTILES))
    return Spread(low=low, median=median, high=high)


def _two_modes(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_] | None:
    """Which values belong to the upper of two groups far apart; None where they are one."""
    if len(values) < _LEAST_FOR_MODES:
        return None
    ordered = np.sort(values)
    least = max(2, int(np.ceil(_LEAST_MODE_SHARE * len(values))))
    cuts = range(least, len(values) - least + 1)
    within = [ordered[:cut].var() * cut + ordered[cut:].var() * (len(values) - cut) for cut in cuts]
    cut = cuts[int(np.argmin(within))]
    low, high = ordered[:cut], ordered[cut:]
    spread = np.sqrt((low.var() + high.var()) / 2)
    if high.mean() - low.mean() <= _APART * max(float(spread), 1e-6):
        return None
    return np.asarray(values >= ordered[cut])
