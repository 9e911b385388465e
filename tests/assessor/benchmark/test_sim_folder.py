"""The folder of a set: whole or not there, and fidelity from cohorts that are the person's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facefidelity.assessor.benchmark.dataset import Person, Row
from facefidelity.assessor.benchmark.identity_labels import cohort_z, fidelity_label
from facefidelity.assessor.benchmark.sim_folder import SimFolder, fidelity_of
from facefidelity.core.errors import InvalidInput, WriteFailed


def people(count: int, sexes: str) -> list[Person]:
    return [Person(Path(f"p{n}.png"), sexes[n % len(sexes)], "x", "t") for n in range(count)]


def vectors(count: int) -> dict[str, np.ndarray]:
    rows = np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32)
    return {f"p{n}": row / np.linalg.norm(row) for n, row in enumerate(rows)}


def row(vector: np.ndarray, structure: float = 50.0) -> Row:
    image = np.zeros((4, 4, 3), np.uint8)
    return Row(image, {"structure": structure}, {"toy": vector}, "none", 0, {})


@pytest.mark.parametrize(("sexes", "count"), [("f", 5), ("fm", 5), ("fm", 30)])
def test_the_cohort_is_of_the_same_sex_where_enough_are(sexes, count):
    everyone, own = people(count, sexes), vectors(count)
    probe = (own["p0"] + own["p1"]) / np.linalg.norm(own["p0"] + own["p1"])
    found = fidelity_of([row(probe)], ["p0"], {"toy": own}, everyone, 0)
    others = [one for one in everyone[1:] if count < 30 or one.sex == everyone[0].sex]
    cohort = np.stack([own[one.path.stem] for one in others])
    z = cohort_z(probe[None], own["p0"][None], cohort)
    np.testing.assert_allclose(found, fidelity_label(z, np.array([50.0])), rtol=1e-4)


def test_fidelity_is_the_mean_over_embedders_whatever_the_order_of_rows():
    everyone, own = people(6, "f"), vectors(6)
    rows = [row(own["p0"]), row(own["p1"]), row(own["p0"], 0.0)]
    names = ["p0", "p1", "p0"]
    found = fidelity_of(rows, names, {"toy": own}, everyone, 1)
    turned = fidelity_of(rows[::-1], names[::-1], {"toy": own}, everyone, 1)
    np.testing.assert_allclose(found, turned[::-1])
    assert found[0] - found[2] == pytest.approx(7.5)


def test_nothing_is_left_behind_after_an_error(tmp_path):
    with pytest.raises(KeyError), SimFolder(tmp_path / "deep" / "set"):
        assert len(list((tmp_path / "deep").iterdir())) == 1
        raise KeyError
    assert list((tmp_path / "deep").iterdir()) == []


def test_a_place_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "notes.txt").write_text("mine")
    for place in (tmp_path / "set", tmp_path / "set" / "notes.txt"):
        with pytest.raises(InvalidInput, match="an empty or new folder"):
            SimFolder(place)
    with pytest.raises(WriteFailed, match="able to write"):
        SimFolder(tmp_path / "set" / "notes.txt" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
