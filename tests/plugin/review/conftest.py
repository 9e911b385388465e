"""Faces, verdicts and decisions to review, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from facefidelity.core.faces import AlignedFace, LandmarkScheme
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.core.protocols import Restoration
from facefidelity.guards.verdict import Decision, Reason, Verdict
from facefidelity.plugin.results import GuardedFace
from facefidelity.plugin.review.overrides import Override

SHA = "a" * 64
BOX = (10.0, 20.0, 110.0, 120.0)


@pytest.fixture
def make_face() -> Callable[..., AlignedFace]:
    def make(box: tuple[float, float, float, float] = BOX, grey: int = 100) -> AlignedFace:
        scheme = LandmarkScheme.FFHQ5
        pixels = np.full((512, 512, 3), grey, np.uint8)
        return AlignedFace(pixels, np.eye(2, 3), TEMPLATES[scheme], scheme, box, 1.0)

    return make


@pytest.fixture
def make_guarded(make_face) -> Callable[..., GuardedFace]:
    """LQ is grey 100, HQ grey 200."""

    def make(
        decision: Decision = Decision.REJECT, mixture: str | None = None, restored: bool = True
    ) -> GuardedFace:
        face = make_face()
        blend = {Decision.ACCEPT: 1.0, Decision.BLEND: 0.5}.get(decision, 0.0)
        verdict = Verdict(decision, blend, (Reason.IDENTITY_RISK,), "balanced", mixture=mixture)
        hq = np.full((512, 512, 3), 200, np.uint8)
        pixels = {Decision.ACCEPT: hq, Decision.BLEND: np.full_like(hq, 140)}.get(
            decision, face.pixels
        )
        restoration = Restoration(face.pixels, hq, "classical", {"strength": 0.5})
        return GuardedFace(
            face,
            restoration if restored else None,
            verdict,
            pixels,
            "classical",
            {"strength": 0.5},
        )

    return make


@pytest.fixture
def make_override() -> Callable[..., Override]:
    def make(decision: Decision = Decision.ACCEPT, **changes: Any) -> Override:
        plain: dict[str, Any] = {
            "input_sha256": SHA,
            "path": "in/a.png",
            "face": 0,
            "box": BOX,
            "restorer": "classical",
            "settings": {"strength": 0.5},
            "guard": Decision.REJECT,
            "decision": decision,
        }
        return Override(**{**plain, **changes})

    return make
