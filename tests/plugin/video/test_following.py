"""Who is who: place where nothing else is known, the embedding where people cross or come back."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.scores import QualityScores
from facefidelity.plugin.video.following import FaceFollower
from facefidelity.plugin.video.tracks import BEST_FACES, Sighting, Track, robust_mean

from .conftest import face_at

CALIBRATION = SimilarityCalibration("made", 40.0, -36.0, 0.97, 0.8, 2, "made up")
PEOPLE = {"a": (1.0, 0.0, 0.0), "b": (0.5, 0.866, 0.0), "c": (0.0, 0.0, 1.0)}


def look(person: str, noise: float = 0.0, seed: int = 0) -> Embedding:
    vector = np.array(PEOPLE[person]) + noise * np.random.default_rng(seed).normal(size=3)
    return Embedding(np.float32(vector / np.linalg.norm(vector)), "made")


def seen(person: str, x: float, y: float = 0.0, fidelity: float = 50.0, seed: int = 0) -> Sighting:
    scores = QualityScores(50, 50, 50, 50, fidelity, 50)
    return Sighting(face_at(x, y), look(person, 0.05, seed), scores)


def follower() -> FaceFollower:
    return FaceFollower(CALIBRATION, most_missed=5)


def test_two_people_who_cross_keep_their_tracks():
    made, told = follower(), []
    for frame in range(21):
        faces = [("a", 10.0 * frame), ("b", 200 - 10.0 * frame)]
        if abs(faces[0][1] - faces[1][1]) < 25:
            faces = faces[:1]  # one hides the other
        found = made.follow(frame, [seen(who, x, seed=frame) for who, x in faces], cut=False)
        told += [(who, one.track.number) for (who, _), one in zip(faces, found, strict=True)]
    assert set(told) == {("a", 1), ("b", 2)}


def test_two_people_who_meet_and_turn_round_are_not_swapped_by_their_motion():
    made, told = follower(), set()
    for frame in range(21):
        away = abs(10.0 * frame - 100)  # they bounce where straight lines would cross
        faces = [("a", 100 - away), ("b", 118 + away)]
        found = made.follow(frame, [seen(who, x, seed=frame) for who, x in faces], cut=False)
        told |= {(who, one.track.number) for (who, _), one in zip(faces, found, strict=True)}
    assert told == {("a", 1), ("b", 2)}


def test_people_are_told_apart_by_one_embedder_and_remembered_by_the_other():
    made = follower()
    for frame in range(0, 30, 6):
        plain = seen("a", 10, seed=frame)
        other = Embedding(look("c", 0.05, frame).vector, "other")
        sighting = Sighting(plain.face, plain.embedding, plain.scores, other)
        (found,) = made.follow(frame, [sighting], cut=False)
    assert found.track.number == 1
    assert found.track.reference.embedder == "made"
    assert found.track.likeness.embedder == "other"
    assert found.track.likeness.vector @ np.float32(PEOPLE["c"]) > 0.99


def test_a_person_who_comes_back_is_the_same_track_and_a_new_run():
    made = follower()
    first = [made.follow(frame, [seen("a", 10)], cut=False)[0] for frame in range(5)]
    later = made.follow(60, [seen("a", 150)], cut=False)[0]
    assert later.track is first[0].track
    assert later.run != first[0].run


def test_after_a_cut_place_means_nothing():
    made = follower()
    for frame in range(5):
        made.follow(frame, [seen("a", 10)], cut=False)
    (other,) = made.follow(5, [seen("b", 10)], cut=True)
    assert other.track.number == 2
    (back,) = made.follow(6, [seen("a", 10)], cut=True)
    assert back.track.number == 1


def test_one_poor_frame_neither_splits_a_track_nor_spoils_its_reference():
    made = follower()
    for frame in range(6):
        made.follow(frame, [seen("a", 10, fidelity=30)], cut=False)
    (poor,) = made.follow(6, [seen("c", 10, fidelity=99)], cut=False)
    (after,) = made.follow(7, [seen("a", 10)], cut=False)
    assert poor.track is after.track
    assert not poor.surely
    assert after.track.reference.cosine_similarity(look("a")) > 0.98


def test_somebody_else_in_the_same_place_becomes_a_track_of_their_own():
    made = follower()
    for frame in range(6):
        made.follow(frame, [seen("a", 10, seed=frame)], cut=False)
    numbers = [
        made.follow(6 + n, [seen("c", 10, seed=n)], cut=False)[0].track.number for n in range(9)
    ]
    assert numbers[0] == 1
    assert numbers[-1] == 2


def test_a_track_keeps_few_faces_the_best_ones_apart_in_time():
    track = Track(1, 0, 0)
    for frame in range(500):
        track.see(frame, seen("a", 0, fidelity=frame % 97 / 2, seed=frame), surely=True)
    assert len({one.frame // 5 for one in track.best}) == BEST_FACES
    assert min(one.fidelity for one in track.best) > 40


def test_the_mean_leaves_out_who_is_far_from_it():
    faces = [look("a", 0.02, seed) for seed in range(7)] + [look("c")]
    assert robust_mean(faces).cosine_similarity(look("a")) == pytest.approx(1, abs=0.002)
