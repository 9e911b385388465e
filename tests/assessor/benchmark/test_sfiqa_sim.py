"""The pictures of a set: in the plan's order, each from its own seed, tools made once."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from facefidelity.assessor.benchmark.build_plan import BuildPlan
from facefidelity.assessor.benchmark.dataset import Person, jitter
from facefidelity.assessor.benchmark.sfiqa_sim import Workshop, read_pristine, simulate
from facefidelity.assessor.benchmark.simulate.named import named_camera
from facefidelity.core.embedding import Embedding
from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import write_picture


class MeanColour:
    """An embedder that is quick: the mean colour as a unit vector."""

    name = "mean-colour"

    def embed(self, face):
        mean = face.mean(axis=(0, 1)).astype(np.float32) + 1
        return Embedding(mean / np.linalg.norm(mean), self.name)


@pytest.fixture(scope="module")
def plan(astronaut_face, tmp_path_factory) -> BuildPlan:
    folder, people = tmp_path_factory.mktemp("faces"), []
    for number in range(3):
        face = astronaut_face.pixels if number else astronaut_face.pixels[:, ::-1]
        moved = jitter(np.ascontiguousarray(face), np.random.default_rng(number))
        write_picture(folder / f"{number}.png", moved)
        people.append(Person(folder / f"{number}.png", "female", "x", "test"))
    cameras = (named_camera("analogue_dvr"), named_camera("phone_zoom"))
    return BuildPlan(tuple(people), cameras, size=6, restored=1, seed=5)


def test_the_order_the_sources_and_one_set_of_tools(plan):
    made = []

    def embedders():
        made.append(1)
        return [MeanColour()]

    found = [one for some in simulate(plan, Workshop(embedders), 1) for one in some]
    assert [one.camera for one in found] == [0] * 4 + [1] * 4
    assert [one.row.source for one in found] == [0, 1, 0, 0] * 2
    assert [one.row.restoration == "none" for one in found] == [True, False, True, True] * 2
    people = [one.person for one in found if one.row.restoration == "none"]
    assert people == [plan.person_of(camera, number) for camera, number in plan.shots]
    assert found[0].person == found[1].person
    assert made == [1]


def test_a_picture_has_its_own_seed(plan):
    """A smaller set, or one without restorations, holds the same captures."""

    def captures(**other):
        pictures = simulate(replace(plan, **other), Workshop(lambda: [MeanColour()]), 1)
        rows = [one for some in pictures for one in some if one.row.restoration == "none"]
        assert len({one.row.provenance["face_px"] for one in rows}) == len(rows)
        return [(one.camera, one.row.image.tobytes()) for one in rows]

    whole = captures(restored=0)
    assert captures(size=2) == [whole[0], whole[3]]
    assert {image for _, image in captures(seed=6)}.isdisjoint(image for _, image in whole)


def test_real_restorers_are_run_and_named(plan):
    workshop = Workshop(lambda: [MeanColour()], lambda: {"negative": lambda lq, rng: 255 - lq})
    small = replace(plan, size=2)
    names = [one.row.restoration for some in simulate(small, workshop, 1) for one in some]
    assert {name.removesuffix("+blend") for name in names[1::2]} == {"negative"}


def test_pristine_faces_come_in_any_size_but_square(tmp_path, astronaut_face):
    face = astronaut_face.pixels
    for name, size in (("small", 300), ("large", 700)):
        write_picture(tmp_path / f"{name}.png", cv2.resize(face, (size, size)))
        read = read_pristine(tmp_path / f"{name}.png")
        assert read.shape == (512, 512, 3)
        assert np.abs(read.astype(int) - face).mean() < 4
    write_picture(tmp_path / "wide.png", face[:400])
    with pytest.raises(InvalidInput, match=r"square aligned face in wide.png, got 512x400"):
        read_pristine(tmp_path / "wide.png")


def test_a_picture_of_nothing_is_named(plan, tmp_path):
    write_picture(tmp_path / "blank.png", np.full((512, 512, 3), 128, np.uint8))
    blank = replace(plan.people[0], path=tmp_path / "blank.png")
    unlucky = replace(plan, people=(blank, *plan.people[1:]), restored=0)
    with pytest.raises(InvalidInput, match=r"^blank.png: expected a pristine face"):
        list(simulate(unlucky, Workshop(lambda: [MeanColour()]), 1))
