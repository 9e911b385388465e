"""A batch's record as a list to filter and sort."""

from __future__ import annotations

import json

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.verdict import Decision
from facefidelity.plugin.review.desk import ReviewDesk
from facefidelity.plugin.review.reviewed import FaceFilter, ReviewedFace, read_batch, sort_faces


def line(name: str, decision: str, risk: float | None, **more: object) -> dict:
    return {
        "path": f"in/{name}",
        "output": f"out/{name}",
        "input_sha256": "a" * 64,
        "output_sha256": "b" * 64,
        "face": 0,
        "box": [0, 0, 10, 10],
        "landmarks": [[1, 1], [2, 1], [3, 1], [4, 1], [2, 3]],
        "landmark_scheme": "dlib5",
        "decision": decision,
        "identity_risk": risk,
        "reasons": ["IDENTITY_RISK"] if decision == "REJECT" else ["QUALITY_GAINED"],
        "something": "new",
        **more,
    }


LINES = [
    line("c.png", "ACCEPT", 0.1),
    line("A.png", "REJECT", 0.9),
    line("b.png", "FAILED", None),
    line("d.png", "REJECT", 0.4, proposed="BLEND", mixture="pixel 0.45"),
]


@pytest.fixture
def faces() -> list[ReviewedFace]:
    return [ReviewedFace.model_validate(one) for one in LINES]


def names(faces) -> str:
    return "".join(face.name[0] for face in faces)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (FaceFilter(), "cAbd"),
        (FaceFilter(decisions=frozenset([Decision.REJECT])), "Ad"),
        (FaceFilter(reason="IDENTITY_RISK"), "Ad"),
        (FaceFilter(name="a.PNG"), "A"),
        (FaceFilter(risk=(0.1, 0.4)), "cd"),
        (FaceFilter(risk=(0.0, 0.99)), "cAd"),
    ],
)
def test_filters(faces, wanted, left):
    assert names(face for face in faces if wanted.lets_pass(face)) == left


@pytest.mark.parametrize(
    ("by", "order"),
    [("highest risk", "Adcb"), ("lowest risk", "cdAb"), ("file name", "Abcd"), ("log", "cAbd")],
)
def test_sorting(faces, by, order):
    assert names(sort_faces(faces, by)) == order


def test_an_unknown_sorting_is_refused(faces):
    with pytest.raises(InvalidInput, match="highest risk"):
        sort_faces(faces, "colour")


def test_observing_the_guard_says_what_it_proposed(faces):
    observed = faces[3]
    assert observed.guard_says is Decision.BLEND
    approved = observed.decide(Decision.BLEND)
    assert (approved.guard, approved.mixture) == (Decision.BLEND, "pixel 0.45")


def test_what_cannot_be_followed_cannot_be_decided(faces):
    with pytest.raises(InvalidInput, match="FAILED"):
        faces[2].decide(Decision.ACCEPT)
    assert faces[2].decide(Decision.REJECT).guard is Decision.FAILED
    with pytest.raises(InvalidInput, match="share"):
        faces[1].decide(Decision.BLEND)
    with pytest.raises(InvalidInput, match="share"):
        faces[1].decide(Decision.BLEND, share=1.0)
    with pytest.raises(InvalidInput):
        faces[1].decide(Decision.NOT_ASSESSABLE)


def test_a_wrong_line_is_named(tmp_path):
    log = tmp_path / "decisions.jsonl"
    log.write_text(json.dumps(LINES[0]) + "\n\n" + json.dumps({**LINES[1], "face": -1}) + "\n")
    with pytest.raises(InvalidInput, match=r"decisions\.jsonl line 3: .*face"):
        read_batch(log)


def test_a_folder_that_no_batch_wrote_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"decisions\.jsonl"):
        ReviewDesk(tmp_path)


def test_a_log_that_grows_is_read_again(tmp_path):
    log = tmp_path / "decisions.jsonl"
    log.write_text(json.dumps(LINES[0]) + "\n")
    desk = ReviewDesk(tmp_path)
    assert len(desk.faces()) == 1
    with log.open("a") as more:
        more.write(json.dumps(LINES[1]) + "\n")
    assert len(desk.faces()) == 2
    assert desk.crops(desk.faces()[0]).before is None
