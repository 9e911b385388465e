"""Comparing pictures made elsewhere: nothing goes unjudged, no input is overwritten."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision
from facefidelity.plugin.batch.pairs import compare_pairs
from facefidelity.plugin.comparison import compare_pictures, match_pairs
from facefidelity.plugin.pipeline import Guard


@pytest.fixture
def guard(fake_judge) -> Guard:
    return Guard("identity", judge=fake_judge)


def brighten(picture: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(picture, alpha=1.0, beta=40)


def dim(picture: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(picture, alpha=0.5, beta=0)


def test_an_accepted_picture_is_after_itself(astronaut, guard) -> None:
    after = brighten(astronaut)
    result = compare_pictures(guard, astronaut, after)
    assert [face.verdict.decision for face in result.faces] == [Decision.ACCEPT]
    assert result.pixels.tobytes() == after.tobytes()


def test_a_refused_face_comes_back_from_before_to_the_byte(astronaut, guard) -> None:
    result = compare_pictures(guard, astronaut, dim(astronaut))
    (face,) = result.faces
    assert face.verdict.decision is Decision.REJECT
    x0, y0, x1, y1 = (round(value) for value in face.face.box)
    assert result.pixels[y0:y1, x0:x1].tobytes() == astronaut[y0:y1, x0:x1].tobytes()
    assert result.pixels[-50:, :50].tobytes() == dim(astronaut)[-50:, :50].tobytes()


def test_a_refused_aligned_face_of_any_size_is_before_itself(astronaut_face, guard) -> None:
    large = cv2.resize(astronaut_face.pixels, (900, 900))
    result = compare_pictures(guard, large, dim(large), aligned=True)
    assert result.pixels.tobytes() == large.tobytes()


def test_observe_leaves_after_as_it_is(astronaut, fake_judge) -> None:
    guard = Guard("identity", judge=fake_judge, policy="observe")
    after = dim(astronaut)
    result = compare_pictures(guard, astronaut, after)
    assert result.pixels.tobytes() == after.tobytes()
    assert result.faces[0].verdict.proposed is Decision.REJECT


def test_a_face_that_only_after_shows_is_judged(astronaut, guard) -> None:
    tiny = cv2.resize(astronaut, (30, 30), interpolation=cv2.INTER_AREA)
    before = cv2.resize(tiny, (512, 512), interpolation=cv2.INTER_LINEAR)
    assert guard.assessment.find_faces(before) == []
    result = compare_pictures(guard, before, astronaut)
    assert len(result.faces) == 1
    assert result.faces[0].verdict.evidence is not None


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5, 2.0])
def test_both_crops_show_the_same_place_at_any_scale(astronaut, guard, scale) -> None:
    size = round(512 * scale)
    after = brighten(cv2.resize(astronaut, (size, size), interpolation=cv2.INTER_AREA))
    (face,) = compare_pictures(guard, astronaut, after).faces
    lq, hq = (
        cv2.GaussianBlur(x, (0, 0), 4).astype(int) for x in (face.face.pixels, face.restoration.hq)
    )
    dark = lq.max(axis=2) < 200
    assert np.abs(hq - lq - 40)[dark].mean() < 2.5


def test_two_views_of_unlike_shape_are_refused(astronaut, guard) -> None:
    with pytest.raises(InvalidInput, match="aspect ratio"):
        compare_pictures(guard, astronaut, astronaut[:300])


def test_before_is_never_overwritten(astronaut_face, put_picture, guard) -> None:
    before = put_picture("lq/x.png", astronaut_face.pixels)
    after = put_picture("hq/x.tif", dim(astronaut_face.pixels))
    kept = before.read_bytes()
    pairs = match_pairs(before.parent, after.parent)
    (outcome,) = compare_pairs(pairs, guard, after.parent, before.parent, aligned=True)
    assert "is itself an input" in (outcome.error or "")
    assert before.read_bytes() == kept


def test_exact_names_match_before_names_without_suffix(put_picture, astronaut) -> None:
    small = astronaut[:40, :40]
    for name in ("b/a.png", "b/a.tif", "b/c.tif", "a/a.png", "a/c.png"):
        put_picture(name, small)
    root = put_picture("b/a.png", small).parent.parent
    pairs = match_pairs(root / "b", root / "a")
    matched = {(p.before.name, p.after.name) for p in pairs if p.problem is None}
    assert matched == {("a.png", "a.png"), ("c.tif", "c.png")}
    assert [Path(p.before).name for p in pairs if p.problem] == ["a.tif"]


def test_results_of_an_earlier_run_are_not_compared(put_picture, astronaut) -> None:
    small = astronaut[:40, :40]
    for name in ("b/a.png", "a/a.png", "a/out/a.png"):
        put_picture(name, small)
    root = put_picture("b/a.png", small).parent.parent
    pairs = match_pairs(root / "b", root / "a", root / "a" / "out")
    assert [pair.problem for pair in pairs] == [None]


def test_the_policy_decides_what_is_given_back(astronaut, fake_judge) -> None:
    never = load_policy("balanced").model_copy(update={"min_overall_gain": 90.0})
    result = compare_pictures(
        Guard("identity", judge=fake_judge, policy=never), astronaut, brighten(astronaut)
    )
    assert [face.verdict.decision for face in result.faces] == [Decision.REJECT]
