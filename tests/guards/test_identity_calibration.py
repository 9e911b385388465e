"""The shipped numbers: whole, ordered, and honest about what was not measured."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.identity import (
    DlibEmbedder,
    embedder_names,
    load_calibration,
    load_populations,
)


def test_the_default_embedder_is_measured_on_enough_real_pairs():
    calibration = DlibEmbedder(threads=1).calibration
    assert calibration == load_calibration("dlib-resnet-v1")
    assert calibration.embedder == "dlib-resnet-v1"
    assert calibration.pairs >= 850
    assert "Labeled Faces in the Wild" in calibration.source


def test_probability_rises_with_the_cosine_and_separates_the_two_kinds():
    calibration = load_calibration("dlib-resnet-v1")
    cosines = np.linspace(-1, 1, 401)
    probabilities = np.array([calibration.probability_same(value) for value in cosines])
    assert (np.diff(probabilities) >= 0).all()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert calibration.impostor_mean < calibration.genuine_mean
    assert calibration.probability_same(calibration.genuine_mean) > 0.95
    assert calibration.probability_same(calibration.impostor_mean) < 0.05


def test_generated_faces_stand_on_a_higher_impostor_floor_than_real_people():
    populations = {population.name: population for population in load_populations("dlib-resnet-v1")}
    assert populations["faces_hq"].mean > populations["lfw_gray"].mean
    assert populations["faces_hq_same_sex"].mean >= populations["faces_hq"].mean
    assert all(population.pairs >= 10_000 for population in populations.values())


def test_an_unmeasured_embedder_says_how_to_measure_it():
    with pytest.raises(InvalidInput, match=r"identity_calibration\.py --embedder nobody"):
        load_calibration("nobody-v1")
    assert "dlib" in embedder_names()


def test_damaged_files_are_named(tmp_path):
    missing = tmp_path / "missing.json"
    with pytest.raises(InvalidInput, match=r"missing\.json"):
        load_calibration("dlib-resnet-v1", missing)
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"broken\.json"):
        load_calibration("dlib-resnet-v1", broken)
    listed = tmp_path / "listed.json"
    listed.write_text("[]", encoding="utf-8")
    with pytest.raises(InvalidInput, match="one JSON object"):
        load_calibration("dlib-resnet-v1", listed)


@pytest.mark.parametrize("entry", [{}, {"slope": None}, {"slope": -1.0}])
def test_incomplete_or_senseless_entries_are_refused(tmp_path, entry):
    whole = {
        "slope": 60.0,
        "intercept": -50.0,
        "genuine": {"mean": 0.95, "pairs": 2},
        "impostor": {"mean": 0.8, "pairs": 3},
        "source": "made up",
    }
    path = tmp_path / "entry.json"
    path.write_text(json.dumps({"x-1": {**whole, **entry} if entry else {}}), encoding="utf-8")
    with pytest.raises(InvalidInput):
        load_calibration("x-1", path)
    with pytest.raises(InvalidInput):
        load_populations("x-1", path)
