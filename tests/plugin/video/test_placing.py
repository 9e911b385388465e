"""Smoothed places: no jitter, no lag, no turn by one wrong sighting, no hole where one lacks."""

from __future__ import annotations

import numpy as np

from facefidelity.plugin.video.analysis import SeenFace
from facefidelity.plugin.video.placing import place_faces

from .conftest import face_at


def walk(frames, shake: float = 0.0, run: int = 1, seed: int = 3) -> list[SeenFace]:
    rng = np.random.default_rng(seed)
    places = [SeenFace(frame, 1, run, face_at(10 + 2 * frame, 20)) for frame in frames]
    for one in places:
        one.face.landmarks[:] += shake * rng.normal(size=(5, 2))
    return places


def placed(seen, frames=40, missed=6, start=0):
    return list(place_faces(seen, frames, missed, 25.0, start))


def points(faces) -> np.ndarray:
    return np.stack([one.face.landmarks for (one,) in faces])


def truth(frames) -> np.ndarray:
    return np.stack([face_at(10 + 2 * frame, 20).landmarks for frame in frames])


def test_a_steady_walk_is_followed_without_lag():
    assert np.allclose(points(placed(walk(range(40)))), truth(range(40)), atol=1e-6)


def test_shaking_landmarks_become_calmer():
    raw = np.stack([one.face.landmarks for one in walk(range(40), 0.5)])
    calm = points(placed(walk(range(40), 0.5)))
    shake = [np.abs(np.diff(one, n=2, axis=0)).mean() for one in (raw, calm)]
    assert shake[1] < shake[0] / 3
    assert np.abs(calm - truth(range(40))).mean() < np.abs(raw - truth(range(40))).mean()


def test_one_wrong_sighting_does_not_turn_the_crop():
    seen = walk(range(40))
    seen[20].face.landmarks[:, 1] += np.linspace(-9, 9, 5)
    assert np.abs(points(placed(seen)) - truth(range(40))).max() < 0.9


def test_a_face_that_was_missed_for_a_moment_keeps_its_place():
    faces = placed(walk([*range(10), *range(15, 40)]))
    assert np.allclose(points(faces), truth(range(40)), atol=1e-6)
    assert [one.detected for (one,) in faces[9:16]] == [True, *[False] * 5, True]


def test_nothing_is_carried_beyond_the_sightings_nor_across_runs():
    seen = [*walk(range(5, 10)), *walk(range(20, 30), run=2)]
    runs = [[one.run for one in faces] for faces in placed(seen, missed=20)]
    assert runs == [[]] * 5 + [[1]] * 5 + [[]] * 10 + [[2]] * 10 + [[]] * 10


def test_a_later_start_gives_the_same_places():
    seen = walk(range(40), 0.5)
    whole, later = points(placed(seen)), points(placed(seen, start=17))
    assert np.array_equal(whole[17:], later)
