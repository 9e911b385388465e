"""A set of faces measures each once, and knows what judging one takes beside its restorer."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np

from facefidelity.plugin.tuning.cache import ExaminedCache
from facefidelity.plugin.tuning.faceset import FaceSet
from facefidelity.plugin.tuning.measuring import Examined
from facefidelity.plugin.tuning.space import Choice

CHOICE = Choice("classical", ())


class SlowExaminer:
    """Takes 0.05 s a face, 0.02 of which were the restorer's."""

    judge = SimpleNamespace(measure_source=lambda _face: None)

    def __init__(self, example: Examined) -> None:
        self.example = example
        self.calls = 0

    def examine(self, *_: object) -> Examined:
        self.calls += 1
        time.sleep(0.05)
        return self.example


def test_a_face_is_measured_once_and_its_judging_is_timed(examined) -> None:
    faces = [np.full((8, 8, 3), shade, np.uint8) for shade in (10, 200)]
    examiner = SlowExaminer(examined(seconds=0.02))
    with ExaminedCache(None, "test") as cache:
        known = FaceSet(faces, examiner, cache)
        assert known.judging_seconds == 0.5
        assert len(known.examine(CHOICE, 2)) == len(known.examine(CHOICE, 2)) == 2
    assert examiner.calls == 2
    assert 0.03 <= known.judging_seconds < 0.45


def test_nothing_new_is_begun_after_the_deadline(examined) -> None:
    examiner = SlowExaminer(examined())
    with ExaminedCache(None, "test") as cache:
        known = FaceSet([np.zeros((8, 8, 3), np.uint8)], examiner, cache)
        assert known.examine(CHOICE, 1, deadline=time.monotonic() - 1) == []
    assert examiner.calls == 0
