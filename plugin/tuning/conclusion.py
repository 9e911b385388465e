"""What a tuning comes to: the profile, and what makes it less sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np

from ... import __version__
from ...guards.judgement import FaceJudge
from ...guards.policy import Policy, policy_names
from ...guards.profile import CameraDescription, CameraProfile, FrameSet
from ...restorers.registry import DEFAULT_RESTORER
from ..cameras.weights import weights_in_use
from .choosing import Candidate
from .frames import CameraFrames
from .self_truth import SelfPair
from .space import Choice, GuardLimit
from .truth import LEAST_COHORT, Truth

__all__ = ["describe_doubts", "make_profile"]

_FEW_FACES: Final = 20
_LITTLE_BETTER: Final = 4.0
"""Points of overall by which the truths should lie above the typical face."""


def describe_doubts(
    found: CameraFrames, pairs: Sequence[SelfPair], truth: Truth, absent: Mapping[str, str]
) -> tuple[str, ...]:
    """Say, one sentence each, what makes a result less sure.

    Args:
        found: The frames.
        pairs: The self-made pairs.
        truth: Their truths.
        absent: Restorers that cannot run here, and why.
    """
    said = []
    if found.offered > found.frames:
        said.append(f"of {found.offered:,} frames a seeded sample of {found.frames} was looked at")
    if len(found.faces) < _FEW_FACES:
        said.append(
            f"only {len(found.faces)} faces: the numbers are rough, {_FEW_FACES} or more are better"
        )
    overall = [face.scores.overall for face in found.faces]
    best = float(np.median([overall[pair.face] for pair in pairs]))
    if best - float(np.median(overall)) < _LITTLE_BETTER:
        said.append(
            "the camera's best faces are hardly better than its typical ones, so they are a poor "
            "truth; add frames in which somebody stands close, or calibrate with known people"
        )
    if truth.people < LEAST_COHORT:
        said.append(
            f"the faces show fewer than {LEAST_COHORT + 1} people, so lost identity is told by "
            "similarity alone"
        )
    if absent:
        said.append(
            f"not tried, for want of weights or packages: {', '.join(absent)} (facefidelity "
            "doctor says what is missing)"
        )
    return tuple(said)


def make_profile(
    camera: str,
    chosen: Candidate | None,
    description: CameraDescription,
    found: CameraFrames,
    judge: FaceJudge,
) -> CameraProfile:
    """The profile of a camera; where nothing was chosen it observes and changes nothing."""
    choice = chosen.trial.choice if chosen is not None else Choice(DEFAULT_RESTORER)
    limit = chosen.outcome.limit if chosen is not None else None
    thresholds = {}
    if limit is not None and not limit.own and limit.base in policy_names():
        thresholds = {"max_identity_risk": limit.max_identity_risk}
    return CameraProfile(
        name=camera,
        restorer=choice.restorer,
        settings=dict(choice.settings),
        policy="observe" if limit is None else _policy(limit),
        thresholds=thresholds,
        camera=description,
        weights=weights_in_use(judge, choice.restorer, dict(choice.settings)),
        frames=FrameSet(pictures=found.frames, faces=len(found.faces), sha256=found.sha256),
        seconds_per_face=None if chosen is None else round(chosen.trial.seconds, 3),
        tool_version=__version__,
        tuned_at=date.today().isoformat(),
    )


def _policy(limit: GuardLimit) -> str | Policy:
    """By its name where it is a shipped one, else written out."""
    return limit.base if limit.base in policy_names() else limit.policy
