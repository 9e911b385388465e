"""A person's decision lands on the face that it was given for, and on no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from facefidelity.guards.verdict import Decision
from facefidelity.plugin.review.delivery import apply_override, apply_overrides
from facefidelity.plugin.review.overrides import LEAST_OVERLAP, match_overrides, overlap

NUMBER = st.floats(-1e4, 1e4)
BOXES = st.tuples(NUMBER, NUMBER, st.floats(1, 1e4), st.floats(1, 1e4)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"input_sha256": "A" * 64},
        {"input_sha256": "a" * 63},
        {"face": -1},
        {"box": (5, 5, 5, 9)},
        {"box": (0, 0, float("nan"), 9)},
        {"decision": Decision.FAILED},
        {"share": 0.5},
        {"mixture": "pixel 0.45"},
        {"decision": Decision.BLEND},
        {"decision": Decision.BLEND, "share": 0.0},
        {"decision": Decision.BLEND, "share": 1.0},
        {"decision": Decision.BLEND, "share": 0.5, "mixture": "pixel 0.45"},
        {"version": 2},
        {"surprise": 1},
        {"note": "x" * 2001},
        {"when": "2026-11-23T10:00:00"},
    ],
)
def test_what_is_no_decision_is_refused(make_override, wrong):
    with pytest.raises(ValidationError):
        make_override(**wrong)


def test_matching_takes_number_and_box(make_override, make_face):
    faces = [make_face(), make_face((200, 20, 300, 120))]
    ok = make_override(box=(10.04, 20.0, 110.0, 119.96))
    swapped = make_override(face=1)
    beyond = make_override(face=2)
    matched, ignored = match_overrides([ok, swapped, beyond], faces)
    assert matched == {0: ok}
    assert [one.override for one in ignored] == [swapped, beyond]
    assert "200, 20, 300, 120" in ignored[0].problem
    assert "2 faces" in ignored[1].problem


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_one_only_for_the_same_box(one, other):
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, one) == pytest.approx(1)


@given(BOXES)
def test_a_box_that_is_rounded_for_the_record_is_still_the_face(box):
    x0, y0, x1, y1 = box
    wide = (x0, y0, x0 + max(16.0, x1 - x0), y0 + max(16.0, y1 - y0))
    assert overlap(wide, tuple(round(value, 1) for value in wide)) >= LEAST_OVERLAP


@pytest.mark.parametrize("guard", [Decision.ACCEPT, Decision.REJECT])
def test_accept_delivers_hq_and_reject_keeps_lq(make_guarded, make_override, guard):
    accepted = apply_override(make_guarded(guard), make_override(Decision.ACCEPT))
    assert (accepted.pixels == 200).all()
    assert accepted.delivered
    assert accepted.decision is Decision.ACCEPT
    assert accepted.verdict.decision is guard
    refused = apply_override(make_guarded(guard), make_override(Decision.REJECT))
    assert (refused.pixels == 100).all()
    assert not refused.delivered
    assert refused.verdict.decision is guard


@given(share=st.floats(0.01, 0.99))
def test_a_share_is_pixel_alpha(share):
    lq, hq = np.full((1, 1, 3), 100.0), np.full((1, 1, 3), 200.0)
    from facefidelity.guards.blending import Mixture, mix

    mixed = mix(lq.astype(np.uint8), hq.astype(np.uint8), Mixture(share))
    assert abs(float(mixed[0, 0, 0]) - (100 + 100 * share)) <= 0.51


def test_blend_with_a_share_mixes_pixels(make_guarded, make_override):
    blended = apply_override(make_guarded(), make_override(Decision.BLEND, share=0.25))
    assert (blended.pixels == 125).all()
    assert blended.delivered


def test_the_guards_own_mixture_is_approved_only_while_it_is_that_one(make_guarded, make_override):
    approve = make_override(Decision.BLEND, mixture="pixel 0.45")
    same = make_guarded(Decision.BLEND, mixture="pixel 0.45")
    assert (apply_override(same, approve).pixels == 140).all()
    other = make_guarded(Decision.BLEND, mixture="projection 0.60")
    assert "projection 0.60" in apply_override(other, approve)
    assert "no mixture" in apply_override(make_guarded(), approve)


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.BLEND])
def test_what_was_not_looked_at_is_not_delivered(make_guarded, make_override, decision):
    share = {"share": 0.5} if decision is Decision.BLEND else {}
    for other in ({"restorer": "gfpgan-1.4"}, {"settings": {"strength": 0.9}}):
        said = apply_override(make_guarded(), make_override(decision, **share, **other))
        assert isinstance(said, str)
        assert "look at it again" in said
    failed = make_guarded(Decision.FAILED, restored=False)
    assert "no restoration" in apply_override(failed, make_override(decision, **share))


def test_a_refusal_holds_whoever_restored(make_guarded, make_override):
    refuse = make_override(Decision.REJECT, restorer="gfpgan-1.4")
    assert (apply_override(make_guarded(Decision.ACCEPT), refuse).pixels == 100).all()


def test_what_cannot_be_honoured_leaves_the_guards_decision(make_guarded, make_override):
    faces = [make_guarded(Decision.ACCEPT)]
    result, ignored = apply_overrides(faces, (make_override(face=3),))
    assert result == faces
    assert result[0].override is None
    assert len(ignored) == 1
