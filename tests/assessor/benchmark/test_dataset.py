"""The simulated set: rows that say what is true of them, and the same rows for the same seed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.dataset import (
    jitter,
    photograph,
    provenance_text,
    read_people,
    simulate_person,
)
from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.core.embedding import Embedding
from facefidelity.core.errors import InvalidInput
from facefidelity.core.scores import HEADS


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
        assert set(row.labels) == {*HEADS, "structure"} - {"fidelity"}
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
        astronaut_face.pixels, restorers={"negative": lambda lq, rng: 255 - lq}, captures=4
    )
    assert {row.restoration for row in rows} <= {"none", "negative", "negative+blend"}
    plain = [row.restoration for row in rows].index("negative")
    assert (
        np.abs(rows[plain].image.astype(int) - (255 - rows[plain - 1].image)).mean() < 1
    )  # resized on the way


def test_no_restoration_where_none_is_asked_for(astronaut_face):
    rows = rows_of(astronaut_face.pixels, share=0.0)
    assert [row.source for row in rows] == [0, 1, 2, 3]


def test_an_untouched_capture_is_at_the_top_of_every_label(astronaut_face):
    untouched = [
        row
        for seed in range(8)
        for row in rows_of(astronaut_face.pixels, seed, share=0.0, captures=1)
        if row.provenance.get("pristine")
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
    with pytest.raises(InvalidInput, match="expected the columns file, sex, ethnicity, split and"):
        read_people(table, tmp_path)


def test_a_table_that_is_not_there_or_not_text_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="expected a CSV of people at .*none.csv"):
        read_people(tmp_path / "none.csv", tmp_path)
    (tmp_path / "bad.csv").write_bytes(b"file,sex,ethnicity,split\n\xff\xfe,f,x,y\n")
    with pytest.raises(InvalidInput, match="expected a CSV of people at .*bad.csv"):
        read_people(tmp_path / "bad.csv", tmp_path)


def test_what_a_table_does_not_know_of_a_person_is_unknown(tmp_path):
    table = tmp_path / "faces.csv"
    table.write_text("file,sex,ethnicity,split\na.jpg,f\n")
    (person,) = read_people(table, tmp_path)
    assert (person.sex, person.ethnicity, person.split) == ("f", "unknown", "unknown")
    table.write_text("file,sex,ethnicity,split\n,f,x,test\n")
    with pytest.raises(InvalidInput, match="a file for every person"):
        read_people(table, tmp_path)


def test_an_occluder_belongs_to_the_scene_and_costs_nothing(astronaut_face):
    """Labels compare with the covered face; the camera without a fault stays at the top."""
    rng = np.random.default_rng(0)
    shot = photograph(astronaut_face.pixels, None, 1.0, rng)
    assert shot.provenance["occluder"]
    camera = VirtualCamera(face_px=1000.0)
    covered = photograph(astronaut_face.pixels, camera, 1.0, np.random.default_rng(0))
    bare = photograph(astronaut_face.pixels, camera, 0.0, np.random.default_rng(0))
    assert covered.lq.tobytes() == shot.lq.tobytes() != bare.lq.tobytes()
    assert bare.provenance["occluder"] == ""
    assert '"face_px": 1000.0' in provenance_text(bare.provenance)
