"""The guard follows a person's decision and keeps its own beside it."""

from __future__ import annotations

import numpy as np
import pytest

import facefidelity as ff
from facefidelity.core.protocols import RestorerInfo
from facefidelity.guards.blending import Mixture, mix
from facefidelity.guards.verdict import Decision
from facefidelity.restorers.settings import NoSettings


class Brighten:
    info = RestorerInfo("brighten", "test", 0, NoSettings, "none", "yes", "a test")

    def restore(self, face, settings):
        return np.minimum(face, 215) + np.uint8(40)


@pytest.fixture
def lq(astronaut_face) -> np.ndarray:
    return np.ascontiguousarray(astronaut_face.pixels)


def decided(make_override, decision, restored, **more):
    face = restored.faces[0]
    return make_override(
        decision, box=face.face.box, restorer=face.restorer, settings=face.settings, **more
    )


@pytest.mark.parametrize("policy", ["balanced", "observe"])
def test_every_decision_is_delivered_under_every_policy(fake_judge, lq, make_override, policy):
    guard = ff.Guard(Brighten(), judge=fake_judge, policy=policy)
    own = guard.restore(lq, aligned=True)
    hq = own.faces[0].restoration.hq
    wanted = {
        Decision.ACCEPT: ({}, hq),
        Decision.REJECT: ({}, lq),
        Decision.BLEND: ({"share": 0.3}, mix(lq, hq, Mixture(0.3))),
    }
    for decision, (more, expected) in wanted.items():
        said = decided(make_override, decision, own, **more)
        result = guard.restore(lq, aligned=True, overrides=[said])
        (face,) = result.faces
        assert (result.pixels == expected).all()
        assert face.verdict.decision is own.faces[0].verdict.decision
        assert (face.override, face.decision) == (said, decision)
        assert result.ignored == ()


def test_one_that_fits_no_face_is_handed_back(fake_judge, lq, make_override):
    guard = ff.Guard(Brighten(), judge=fake_judge)
    own = guard.restore(lq, aligned=True)
    said = decided(make_override, Decision.REJECT, own, face=1)
    result = guard.restore(lq, aligned=True, overrides=[said])
    assert [one.override for one in result.ignored] == [said]
    assert (result.pixels == own.pixels).all()
    assert result.faces[0].override is None
