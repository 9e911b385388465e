"""The simulated set: rows that say what is true of them, and the same rows for the same seed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.dataset import jitter, read_people, simulate_person
from facefidelity.core.embedding import Embedding
from facefidelity.core.errors import InvalidInput


class MeanColour:
    """An embedder that is quick: the mean colour as a unit vector."""

    name = "mean-colour"

    def embed(self, face):
        mean = face.mean(axis=(0, 1)).astype(np.float32) + 1
        return Embedding(mean / np.linalg.norm(mean), self.name)


def rows_of(face, seed=0, restorers=None, share=1.0, captures=4):
    other = np.ascontiguousarray(face[:, ::-1])
    rng = np.random.default_rng(seed)
    return list(
        simulate_person(face, [other], [MeanColour()], restorers or {}, captures, share, rng)
    )


def test_every_capture_is_followed_by_its_restoration(astronaut_face):
    rows = rows_of(astronaut_face.pixels)
    assert len(rows) == 8
    for position, row in enumerate(rows):
        assert row.image.shape == (256, 256, 3)
        assert row.image.dtype == np.uint8
        assert (row.restoration == "none") == (position % 2 == 0)
        assert row.source == position - position % 2
        assert set(row.labels) == {"noise", "sharpness", "colorfulness", "contrast", "overall"}
        assert all(0 <= value <= 100 for value in row.labels.values())
        assert set(row.vectors) == {"mean-colour"}
        assert row.provenance


def test_the_same_seed_makes_the_same_rows(astronaut_face):
    first, second, other = (rows_of(astronaut_face.pixels, s, captures=2) for s in (3, 3, 4))
    assert [row.image.tobytes() for row in first] == [row.image.tobytes() for row in second]
    assert [row.labels for row in first] == [row.labels for row in second]
    assert [row.image.tobytes() for row in first] != [row.image.tobytes() for row in other]


def test_real_restorers_take_the_place_of_the_simulated_ones(astronaut_face):
    rows = rows_of(
        astronaut_face.pixels, restorers={"negative": lambda lq, rng: 255 - lq}, captures=2
    )
    assert [row.restoration for row in rows] == ["none", "negative"] * 2
    assert np.abs(rows[1].image.astype(int) - (255 - rows[0].image)).max() <= 1


def test_no_restoration_where_none_is_asked_for(astronaut_face):
    rows = rows_of(astronaut_face.pixels, share=0.0)
    assert [row.source for row in rows] == [0, 1, 2, 3]


def test_an_untouched_capture_is_at_the_top_of_every_label(astronaut_face):
    untouched = [
        row
        for seed in range(8)
        for row in rows_of(astronaut_face.pixels, seed, share=0.0, captures=1)
        if row.provenance == {"pristine": True}
    ]
    assert untouched
    assert all(min(row.labels.values()) >= 97 for row in untouched)


def test_jitter_moves_a_face_a_little(astronaut_face):
    face = astronaut_face.pixels
    shifts = []
    for seed in range(20):
        moved = jitter(face, np.random.default_rng(seed))
        assert moved.shape == face.shape
        grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (face, moved)]
        shifts.append(np.hypot(*cv2.phaseCorrelate(*grey)[0]))
    assert 2 < np.median(shifts) < 20
    assert max(shifts) < 40


def test_people_are_read_from_their_table(tmp_path):
    table = tmp_path / "faces.csv"
    table.write_text("file,sex,ethnicity,split\na.jpg,f,x,train\nb.jpg,m,y,test\n")
    first, second = read_people(table, tmp_path / "faces")
    assert first.path == tmp_path / "faces" / "a.jpg"
    assert (second.sex, second.ethnicity, second.split) == ("m", "y", "test")


@pytest.mark.parametrize("text", ["", "file,sex\na.jpg,f\n", "file,sex,ethnicity,split\n"])
def test_a_table_without_its_columns_or_rows_is_refused(tmp_path, text):
    table = tmp_path / "faces.csv"
    table.write_text(text)
    with pytest.raises(InvalidInput, match="expected the columns"):
        read_people(table, tmp_path)
