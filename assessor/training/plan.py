"""Every number of a training run, from one YAML file; needs no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ...core.errors import InvalidInput
from ...core.yaml_files import read_yaml

__all__ = ["NetworkPlan", "TrainingPlan", "load_plan", "plan_from"]


ViewName = Literal["whole", "inner", "mosaic"]
Channels = Annotated[int, Field(ge=1)]


class NetworkPlan(BaseModel):
    """What the network is made of; the default is what ships, the rest is for ablations.

    Attributes:
        views: Views of the face that are cut.
        channels: Channels of the four stages of each view's CNN.
        source_channels: Channels of the three stages of the source view's CNN.
        width: Width of a token.
        cross_layers: Cross-view encoder layers.
        task_layers: Decoder layers of the task tokens.
        task_tokens: False: plain heads on the mean token instead.
        source: Whether there is a source view.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    views: tuple[ViewName, ...] = Field(default=("whole", "inner", "mosaic"), min_length=1)
    channels: tuple[Channels, Channels, Channels, Channels] = (16, 32, 64, 96)
    source_channels: tuple[Channels, Channels, Channels] = (16, 48, 64)
    width: int = Field(default=128, ge=4, multiple_of=4)
    cross_layers: int = Field(default=2, ge=0)
    task_layers: int = Field(default=2, ge=1)
    task_tokens: bool = True
    source: bool = True

    @field_validator("views")
    @classmethod
    def _check_views(cls, views: tuple[ViewName, ...]) -> tuple[ViewName, ...]:
        if len(set(views)) < len(views):
            raise ValueError(f"each view once, got {', '.join(views)}")
        return views


class TrainingPlan(BaseModel):
    """Numbers of one training run.

    Attributes:
        pictures: How many pictures are seen in all, repeats counted.
        batch: Pictures a step.
        learning_rate: Peak of the schedule.
        warm_up: Share of the steps until the peak.
        weight_decay: AdamW's.
        ema_decay: Of the moving average of the weights that is measured and exported.
        check_every: Pictures between two checkpoints with their measurement.
        seed: Of initialisation, order, flips and shifts.
        threads: torch threads; one when something else runs.
        device: "cpu" or "cuda"; bfloat16 autocast on both.
        frozen_statistics: Keep the normalisation layers as they are, for fine-tuning on few
            pictures.
        network: What the network is made of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    pictures: int = Field(default=400_000, ge=1)
    batch: int = Field(default=64, ge=2)
    learning_rate: float = Field(default=2e-3, gt=0)
    warm_up: float = Field(default=0.05, gt=0, lt=1)
    weight_decay: float = Field(default=0.02, ge=0)
    ema_decay: float = Field(default=0.998, ge=0, lt=1)
    check_every: int = Field(default=20_000, ge=1)
    seed: int = Field(default=0, ge=0)
    threads: int = Field(default=1, ge=1)
    device: str = Field(default="cpu", pattern="^(cpu|cuda)$")
    frozen_statistics: bool = False
    network: NetworkPlan = NetworkPlan()

    @property
    def steps(self) -> int:
        """Optimiser steps in all."""
        return -(-self.pictures // self.batch)

    def rate_at(self, step: int) -> float:
        """Learning rate of a step: a linear rise to the peak, then half a cosine down to zero."""
        rise = max(1.0, self.warm_up * self.steps)
        if step < rise:
            return self.learning_rate * (step + 1) / (rise + 1)
        done = min(1.0, (step - rise) / max(1.0, self.steps - rise))
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def load_plan(path: Path, **changes: object) -> TrainingPlan:
    """Read a plan from YAML; ``changes`` that are not None replace its numbers.

    Raises:
        InvalidInput: If the file is not there or names something that a plan does not have.
    """
    content = read_yaml(path, "a training plan's YAML") or {}
    if not isinstance(content, dict):
        raise InvalidInput(f"expected key: value lines in {path}, got {type(content).__name__}")
    return plan_from(content, **changes)


def plan_from(content: Mapping[str, object], **changes: object) -> TrainingPlan:
    """Check a plan; ``changes`` that are not None replace its numbers.

    Raises:
        InvalidInput: If it names something that a plan does not have, or a number is impossible.
    """
    named = {key: value for key, value in changes.items() if value is not None}
    try:
        return TrainingPlan.model_validate({**content, **named})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"expected a training plan, got {where}: {first['msg']}") from error
