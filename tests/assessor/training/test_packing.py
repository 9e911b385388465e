"""Rated pictures on disk to one array: reuse, changes, what cannot be read, sources, people."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch (the train extra)")
pytest.importorskip("scipy", reason="needs scipy (the train extra)")

from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import find_preset
from facefidelity.assessor.training import packing
from facefidelity.assessor.training.packing import pack_pictures, split_people
from facefidelity.assessor.views import prepare_face
from facefidelity.core.errors import InvalidInput, WriteFailed
from facefidelity.core.images import write_picture
from facefidelity.core.scores import HEADS

ROWS = [
    "a0.png,ann,,50,",
    "a1.png,ann,a0.png,40,30",
    "b0.png,ben,,,70",
    "c1.png,cid,gone.png,20,10",
]


@pytest.fixture
def table(tmp_path):
    for number, name in enumerate(("a0", "a1", "b0", "c1")):
        noise = np.random.default_rng(number).integers(0, 256, (300, 300, 3), np.uint8)
        write_picture(tmp_path / f"{name}.png", noise)
    (tmp_path / "r.csv").write_text("\n".join(["file,person,source,noise,fidelity", *ROWS]))
    return tmp_path / "r.csv"


def rated(table):
    return read_ratings(table, find_preset("sfiqa-sim")).pictures


@pytest.fixture
def decoded(monkeypatch) -> list[str]:
    """Names of the pictures that were decoded."""
    names = []
    true = packing.read_picture

    def read(path):
        names.append(path.name)
        return true(path)

    monkeypatch.setattr(packing, "read_picture", read)
    return names


def test_pictures_labels_sources_and_people(table, tmp_path) -> None:
    packed = pack_pictures(rated(table), tmp_path / "run", "train")
    faces = packed.faces
    assert packed.problems == ()
    for row, name in enumerate(("a0", "a1", "b0", "c1")):
        noise = np.random.default_rng(row).integers(0, 256, (300, 300, 3), np.uint8)
        np.testing.assert_array_equal(faces.pictures(np.array([row]))[0], prepare_face(noise), name)
    np.testing.assert_array_equal(faces.labels[:, HEADS.index("noise")], [50, 40, np.nan, 20])
    np.testing.assert_array_equal(faces.labels[:, HEADS.index("fidelity")], [np.nan, 30, 70, 10])
    assert np.isnan(faces.labels[:, HEADS.index("overall")]).all()
    np.testing.assert_array_equal(faces.source, [0, 0, 2, 3])
    assert list(faces.owners()) == ["ann", "ann", "ben", "cid"]
    # c1's source is not at hand: what it supports is unknown, not what c1 supports of itself.
    np.testing.assert_array_equal(faces.fidelity_given_source(), [np.nan, 30, 70, np.nan])


def test_what_was_packed_is_taken_over(table, tmp_path, decoded) -> None:
    first = pack_pictures(rated(table), tmp_path / "run", "train").faces
    assert len(decoded) == 4
    again = pack_pictures(rated(table), tmp_path / "run", "train").faces
    assert len(decoded) == 4
    rows = np.arange(4)
    np.testing.assert_array_equal(first.pictures(rows), again.pictures(rows))


def test_new_ratings_need_no_decoding(table, tmp_path, decoded) -> None:
    pack_pictures(rated(table), tmp_path / "run", "train")
    table.write_text(table.read_text().replace(",50,", ",60,"))
    again = pack_pictures(rated(table), tmp_path / "run", "train").faces
    assert again.labels[0, HEADS.index("noise")] == 60
    assert len(decoded) == 4


def change_file(table) -> None:
    write_picture(table.with_name("b0.png"), np.full((300, 300, 3), 9, np.uint8))


def touch_file(table) -> None:
    os.utime(table.with_name("b0.png"), ns=(1, 1))


def drop_row(table) -> None:
    table.write_text("\n".join(table.read_text().splitlines()[:-1]))


def lose_array(table) -> None:
    table.with_name("run").joinpath("train.npy").unlink()


def break_note(table) -> None:
    table.with_name("run").joinpath("train.json").write_text("[1]")


@pytest.mark.parametrize("change", [change_file, touch_file, drop_row, lose_array, break_note])
def test_what_changed_is_packed_again(table, tmp_path, decoded, change) -> None:
    pack_pictures(rated(table), tmp_path / "run", "train")
    change(table)
    faces = pack_pictures(rated(table), tmp_path / "run", "train").faces
    assert len(decoded) > 4
    if change is change_file:
        assert (faces.pictures(np.array([2])) == 9).all()


def test_a_stop_while_packing_is_packed_again(table, tmp_path, decoded) -> None:
    def stop(pictures):
        yield pictures[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack_pictures(rated(table), tmp_path / "run", "train", stop)
    assert len(pack_pictures(rated(table), tmp_path / "run", "train").faces) == 4
    assert decoded == ["a0.png", "a0.png", "a1.png", "b0.png", "c1.png"]


def test_what_cannot_be_used_is_named_and_left_out(table, tmp_path) -> None:
    (tmp_path / "a0.png").write_bytes(b"not a picture")
    write_picture(tmp_path / "b0.png", np.zeros((64, 90, 3), np.uint8))
    for _ in range(2):  # also when it is taken over
        packed = pack_pictures(rated(table), tmp_path / "run", "train")
        assert [name for name, _ in packed.problems] == ["a0.png", "b0.png"]
        assert "square" in packed.problems[1][1]
        np.testing.assert_array_equal(packed.faces.labels[:, 0], [40, 20])
        np.testing.assert_array_equal(packed.faces.source, [0, 1])
        assert np.isnan(packed.faces.fidelity_given_source()).all()
        assert list(packed.faces.owners()) == ["ann", "cid"]


def test_nothing_readable_is_refused(table, tmp_path) -> None:
    for name in ("a0", "a1", "b0", "c1"):
        (tmp_path / f"{name}.png").unlink()
    with pytest.raises(InvalidInput, match="at least one readable"):
        pack_pictures(rated(table), tmp_path / "run", "train")


def test_no_space_is_said_before_anything_is_written(table, tmp_path, monkeypatch) -> None:
    usage = packing.shutil.disk_usage(tmp_path)._replace(free=1 << 19)
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(WriteFailed, match="MiB of space"):
        pack_pictures(rated(table), tmp_path / "run", "train")
    assert list((tmp_path / "run").iterdir()) == []


def test_people_are_split_whole(tmp_path) -> None:
    lines = [f"{person}_{i}.png,{person},50" for person in range(30) for i in range(3)]
    (tmp_path / "r.csv").write_text("\n".join(["file,person,noise", *lines]))
    pictures = rated(tmp_path / "r.csv")
    splits = [split_people(pictures, seed) for seed in (0, 0, 1)]
    for learned, held_out in splits:
        names = [{p.facts["person"] for p in part} for part in (learned, held_out)]
        assert not names[0] & names[1]
        assert len(names[1]) == 3
        assert len(learned) + len(held_out) == 90
    assert splits[0] == splits[1] != splits[2]


def test_without_names_a_restoration_stays_with_its_source(tmp_path) -> None:
    lines = [f"{i}.png,,50\n{i}_r.png,{i}.png,50" for i in range(20)]
    (tmp_path / "r.csv").write_text("\n".join(["file,source,noise", *lines]))
    learned, held_out = split_people(rated(tmp_path / "r.csv"), 0)
    assert len(held_out) == 4
    names = [{p.name.split("_")[0].split(".")[0] for p in part} for part in (learned, held_out)]
    assert not names[0] & names[1]


def test_one_person_cannot_be_split(tmp_path) -> None:
    (tmp_path / "r.csv").write_text("file,person,noise\na.png,ann,1\nb.png,ann,2\n")
    with pytest.raises(InvalidInput, match="at least 2 people"):
        split_people(rated(tmp_path / "r.csv"), 0)
