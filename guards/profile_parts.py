"""The parts of a camera profile: what the camera looks like, what is guaranteed, which weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ..core.errors import InvalidInput
from ..core.scores import HEADS

__all__ = [
    "MOST_STORED",
    "SIGNALS",
    "Block",
    "CalibrationBlock",
    "CameraDescription",
    "FrameSet",
    "Spread",
    "WeightsHashes",
    "stored_sample",
]

MOST_STORED: Final = 200
"""Values of one measure that a profile keeps at most, for `camera-check`."""

SIGNALS: Final = ("face_px", "blur_px", "noise", "compression_quality", "brightness")
"""What is measured on a camera's faces beside the six heads."""

Probability = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Sample = tuple[float, ...]


class Block(BaseModel):
    """A frozen part that takes known fields and finite numbers only."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Spread(Block):
    """How one measure is spread over the faces of a camera."""

    low: float = Field(description="10 % of the faces lie below.")
    median: float
    high: float = Field(description="10 % of the faces lie above.")

    @model_validator(mode="after")
    def _ordered(self) -> Spread:
        if not self.low <= self.median <= self.high:
            raise ValueError(
                f"expected low <= median <= high, got {self.low}, {self.median}, {self.high}"
            )
        return self


class CameraDescription(Block):
    """What a camera's faces look like, measured without any truth."""

    face_px: Spread | None = Field(None, description="Width of a face in the frame, px.")
    blur_px: Spread | None = Field(None, description="Blur of the aligned face, sigma in px.")
    noise: Spread | None = Field(None, description="Deviation of the noise, grey levels.")
    compression_quality: Spread | None = Field(None, description="As JPEG quality, 1..100.")
    brightness: Spread | None = Field(None, description="Mean luminance of the face, 0..255.")
    grey_share: Probability = Field(0.0, description="Share of the faces without colour.")
    scores: dict[str, Sample] = Field(
        default_factory=dict,
        description="Of each head the tuning faces' values, as `stored_sample` keeps them.",
    )
    signals: dict[str, Sample] = Field(
        default_factory=dict, description="Likewise of each of `SIGNALS` that can be measured."
    )
    faces: Count = Field(description="Faces that were measured.")

    @field_validator("scores", "signals")
    @classmethod
    def _sorted_known(cls, value: dict[str, Sample], info: ValidationInfo) -> dict[str, Sample]:
        known = HEADS if info.field_name == "scores" else SIGNALS
        for name, sample in value.items():
            if name not in known:
                raise ValueError(f"expected samples of {', '.join(known)}, got one of {name}")
            if len(sample) < 2 or any(a > b for a, b in pairwise(sample)):
                raise ValueError(f"expected two or more sorted values of {name}")
        return value


class CalibrationBlock(Block):
    """The guarantee: P(identity lost | delivered) <= alpha, with confidence 1 - delta."""

    alpha: float = Field(gt=0, lt=1)
    delta: float = Field(gt=0, lt=1)
    pairs: Count = Field(description="Pairs that were judged.")
    accepted: Count = Field(description="Of them delivered at the threshold, whole or blended.")
    lost: Count = Field(description="Of the delivered those whose identity was lost.")
    bound: Probability = Field(description="Exact upper bound of the share lost; at most alpha.")
    max_identity_risk: Probability = Field(description="The threshold that was chosen.")
    source: Literal["pairs", "self"]
    truth: str = Field("given", description="Who said what is lost: given, or a recogniser.")
    pairs_sha256: str = Field(description="Of the pairs' names, contents and truth.")
    embedder: str
    assessor: str
    risk_model: str
    calibrated_at: str = Field(description="Date, YYYY-MM-DD.", pattern=r"^\d{4}-\d{2}-\d{2}$")

    @model_validator(mode="after")
    def _possible(self) -> CalibrationBlock:
        if not self.lost <= self.accepted <= self.pairs:
            raise ValueError(
                f"expected lost <= accepted <= pairs, got {self.lost}, {self.accepted}, "
                f"{self.pairs}"
            )
        if self.bound > self.alpha:
            raise ValueError(f"expected bound <= alpha, got {self.bound} > {self.alpha}")
        return self


class WeightsHashes(Block):
    """Which weights a profile was made with."""

    assessor: str
    embedder: str
    risk_model: str
    restorer: str | dict[str, str] = Field(
        description="SHA-256 of the restorer's weights file, or file name to SHA-256; empty "
        "where it has none."
    )


class FrameSet(Block):
    """The frames that a profile was tuned on."""

    pictures: Count
    faces: Count
    sha256: str


def stored_sample(values: Sequence[float], most: int = MOST_STORED) -> tuple[float, ...]:
    """What a profile keeps of a measure: all values sorted, or evenly spaced ones of them.

    Args:
        values: At least two finite numbers, in any order.
        most: How many are kept at most, at least two.

    Raises:
        InvalidInput: If there are fewer than two.
    """
    if len(values) < 2 or most < 2:
        raise InvalidInput(f"expected two or more values to keep, got {len(values)} of {most}")
    ordered = sorted(float(value) for value in values)
    kept, last = min(len(ordered), most), len(ordered) - 1
    return tuple(round(ordered[round(i * last / (kept - 1))], 4) for i in range(kept))
