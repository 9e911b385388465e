"""Judged again under another policy, a picture is what that policy would have made of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.decisions import decision_record
from facefidelity.plugin.pipeline import Guard
from facefidelity.plugin.rejudging import judge_again

Picture = npt.NDArray[np.uint8]


def test_it_is_what_the_other_policy_gives(astronaut: Picture) -> None:
    first = Guard("classical", policy="balanced").restore(astronaut)
    assert not np.array_equal(first.pixels, astronaut), "something was delivered"
    for policy in ("observe", "strict"):
        guard = Guard("classical", policy=policy)
        again, expected = judge_again(guard, astronaut, first), guard.restore(astronaut)
        assert np.array_equal(again.pixels, expected.pixels)
        records = [
            decision_record("a.png", 0, result.faces[0], guard.provenance(), guard.policy)
            for result in (again, expected)
        ]
        for record in records:
            record.pop("seconds")
            record.pop("candidates")
        assert records[0] == records[1]
        assert [one.verdict for one in again.faces[0].attempts] == [again.faces[0].verdict]
        assert again.faces[0].attempts[0].seconds == first.faces[0].attempts[0].seconds


def test_a_face_without_a_restoration_keeps_its_verdict(astronaut: Picture) -> None:
    first = Guard("identity").restore(astronaut)
    again = judge_again(Guard("identity", policy="strict"), astronaut, first)
    verdict = again.faces[0].verdict
    assert (verdict.decision, verdict.policy) == (first.faces[0].verdict.decision, "strict")
    assert np.array_equal(again.pixels, astronaut)


def test_several_candidates_are_refused(astronaut: Picture) -> None:
    guard = Guard("identity")
    first = guard.restore(astronaut)
    (face,) = first.faces
    two = replace(first, faces=(replace(face, attempts=face.attempts * 2),))
    with pytest.raises(InvalidInput, match="restore again"):
        judge_again(guard, astronaut, two)
