"""The risk model: monotone in every feature, and a file that is none is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.assessor.runtime import Assessor
from facefidelity.core.errors import InvalidInput, UnsupportedWeights
from facefidelity.guards.identity import DlibEmbedder
from facefidelity.guards.risk import (
    DROP_SIGNS,
    RISK_SIGNS,
    LinearModel,
    RiskModel,
    load_risk_model,
)

FEATURES = {
    "cosine_similarity": st.floats(-1, 1),
    "log_dissimilarity": st.floats(-9.3, 0.7),
    "weighted_dissimilarity": st.floats(0, 2),
    "weighted_log_dissimilarity": st.floats(-9.3, 0.7),
    "log_source_identifiable": st.floats(-6.9, 0),
    "unsupported_fidelity": st.floats(-100, 100),
    "largest_drift": st.floats(0, 1),
    "consistency": st.floats(0, 1),
    "landmark_shift": st.floats(0, 2),
    "supported_fidelity": st.floats(0, 100),
    "overall_gain": st.floats(-100, 100),
    **{
        f"{side}_{head}": st.floats(0, 100)
        for side in ("lq", "hq")
        for head in ("noise", "sharpness", "colorfulness", "contrast", "fidelity", "overall")
    },
}
UNIT = st.floats(0, 1)
EVIDENCE = st.fixed_dictionaries(FEATURES)
MODELS = st.builds(
    lambda intercept, sizes: model(
        {name: sign * size for (name, sign), size in zip(RISK_SIGNS.items(), sizes, strict=True)},
        intercept,
    ),
    st.floats(-10, 10),
    st.lists(st.floats(0, 20), min_size=len(RISK_SIGNS), max_size=len(RISK_SIGNS)),
)


def model(coefficients: dict[str, float], intercept: float = 0.0) -> RiskModel:
    return RiskModel(
        embedder="e",
        assessor="a",
        risk=LinearModel(intercept, coefficients),
        source=LinearModel(0.0, {}),
        fidelity=LinearModel(50.0, {}),
    )


def content(**changed: object) -> dict[str, object]:
    part = {"intercept": 0.5, "coefficients": {"cosine_similarity": -2.0}}
    other = {"intercept": 0.5, "coefficients": {"lq_fidelity": 2.0}}
    whole = {"embedder": "e", "assessor": "a", "risk": part, "source": other, "fidelity": other}
    return whole | changed


def written(folder: Path, text: object) -> Path:
    path = folder / "model.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


@given(MODELS, EVIDENCE, st.floats(0, 50), st.sampled_from(sorted(RISK_SIGNS)))
def test_risk_moves_one_way_with_every_feature(fitted, features, step, name):
    worse = features | {name: features[name] + RISK_SIGNS[name] * step}
    assert fitted.identity_risk(worse) >= fitted.identity_risk(features) - 1e-12


@given(EVIDENCE, st.floats(0, 50), st.sampled_from(sorted(RISK_SIGNS)))
def test_the_shipped_risk_moves_one_way_with_every_feature(features, step, name):
    shipped = load_risk_model()
    worse = features | {name: features[name] + RISK_SIGNS[name] * step}
    assert shipped.identity_risk(worse) >= shipped.identity_risk(features) - 1e-12


@given(EVIDENCE, st.floats(0, 50), st.sampled_from(sorted(DROP_SIGNS)))
def test_the_shipped_drop_risk_moves_one_way_with_every_feature(features, step, name):
    shipped = load_risk_model()
    worse = features | {name: features[name] + DROP_SIGNS[name] * step}
    assert 0.0 <= shipped.drop_risk(features) <= shipped.drop_risk(worse) + 1e-12 <= 1.0 + 1e-12


@given(UNIT, UNIT, UNIT, st.floats(0, 1), st.integers(0, 2))
def test_the_shipped_loss_moves_one_way_with_every_probability(risk, drop, source, more, which):
    shipped = load_risk_model()
    values = [risk, drop, source]
    raised = [*values]
    raised[which] = min(1.0, values[which] + more)
    loss, larger = shipped.predicted_loss(*values), shipped.predicted_loss(*raised)
    assert 0.0 <= loss <= larger + 1e-12 <= 1.0 + 1e-12


def test_nothing_is_lost_of_whom_nobody_could_name():
    shipped = load_risk_model()
    assert shipped.predicted_loss(0.9, 0.9, 0.02) < 0.05
    assert shipped.predicted_loss(0.9, 0.9, 0.9) > 0.7


@pytest.mark.parametrize(
    ("source", "risk", "loss"),
    [(1.0, 0.3, 0.3), (0.9, 0.3, 0.2), (0.5, 0.5, 0.0), (0.1, 0.95, 0.05), (0.0, 1.0, 0.0)],
)
def test_without_a_model_of_a_loss_the_least_possible_counts(source, risk, loss):
    assert model({}).predicted_loss(risk, None, source) == pytest.approx(loss)


def test_a_loss_of_the_wrong_sign_is_refused(tmp_path):
    wrong = {"intercept": 0.0, "coefficients": {"log_drop_risk": -1.0}}
    with pytest.raises(UnsupportedWeights, match="monotone .* got log_drop_risk"):
        load_risk_model(written(tmp_path, content(loss=wrong)))


def test_a_model_without_a_drop_does_not_say():
    assert model({}).drop_risk({}) is None


def test_a_drop_of_the_wrong_sign_is_refused(tmp_path):
    wrong = {"intercept": 0.0, "coefficients": {"log_dissimilarity": -1.0}}
    with pytest.raises(UnsupportedWeights, match="monotone .* got log_dissimilarity"):
        load_risk_model(written(tmp_path, content(drop=wrong)))


@given(EVIDENCE)
def test_the_shipped_models_stay_in_range(features):
    shipped = load_risk_model()
    assert 0.0 <= shipped.identity_risk(features) <= 1.0
    assert 0.0 <= shipped.source_identifiable(features) <= 1.0
    assert 0.0 <= shipped.fidelity_given_source(features) <= 100.0


@given(EVIDENCE, st.floats(0, 2))
def test_a_likelier_same_person_never_lowers_the_shipped_fidelity(features, step):
    shipped = load_risk_model()
    more = features | {"cosine_similarity": min(1.0, features["cosine_similarity"] + step)}
    assert shipped.fidelity_given_source(more) >= shipped.fidelity_given_source(features) - 1e-9


def test_the_logistic_of_known_numbers():
    fitted = model({"cosine_similarity": -4.0, "landmark_shift": 10.0}, intercept=1.0)
    features = {"cosine_similarity": 0.75, "landmark_shift": 0.1}
    assert fitted.identity_risk(features) == pytest.approx(1 / (1 + math.exp(1.0)))


def test_huge_evidence_does_not_overflow():
    assert model({"overall_gain": 1e6}).identity_risk({"overall_gain": 100.0}) == pytest.approx(1.0)
    assert model({"overall_gain": 1e6}).identity_risk({"overall_gain": -100.0}) < 1e-20


@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
def test_a_feature_that_is_missing_or_no_number_is_refused(bad):
    features = {} if bad is None else {"consistency": bad}
    with pytest.raises(InvalidInput, match="expected consistency"):
        model({"consistency": -1.0}).identity_risk(features)


@pytest.mark.parametrize("name", sorted(RISK_SIGNS))
def test_a_coefficient_of_the_wrong_sign_is_refused(name):
    with pytest.raises(UnsupportedWeights, match=f"monotone .* got {name}"):
        model({name: -0.01 * RISK_SIGNS[name]})


def test_a_feature_that_is_no_evidence_of_risk_is_refused():
    with pytest.raises(UnsupportedWeights, match="hq_fidelity"):
        model({"hq_fidelity": -1.0})


def test_a_whole_file_is_read(tmp_path):
    loaded = load_risk_model(written(tmp_path, content()))
    assert loaded.embedder == "e"
    assert loaded.risk.value({"cosine_similarity": 0.5}) == -0.5
    assert loaded.fidelity_given_source({"lq_fidelity": 10.0}) == 20.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        {},
        content(risk=None),
        content(risk=[]),
        content(risk={"intercept": 1.0}),
        content(risk={"intercept": 1.0, "coefficients": {}, "more": 1}),
        content(risk={"intercept": "1", "coefficients": {}}),
        content(risk={"intercept": None, "coefficients": {}}),
        content(risk={"intercept": 1.0, "coefficients": ["cosine_similarity"]}),
        content(risk={"intercept": 1.0, "coefficients": {"cosine_similarity": "-2"}}),
        content(risk={"intercept": 1.0, "coefficients": {"cosine_similarity": math.nan}}),
        content(risk={"intercept": math.inf, "coefficients": {}}),
        content(risk={"intercept": 1.0, "coefficients": {"cosine_similarity": 2.0}}),
        content(source={"intercept": 1.0, "coefficients": {"lq_fidelity": math.nan}}),
        content(fidelity={"intercept": 1.0, "coefficients": None}),
        {k: v for k, v in content().items() if k != "embedder"},
    ],
)
def test_a_file_that_is_no_risk_model_is_refused(tmp_path, text):
    with pytest.raises(UnsupportedWeights):
        load_risk_model(written(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnsupportedWeights, match="expected a risk model in"):
        load_risk_model(tmp_path / "none.json")


def test_the_shipped_model_was_fitted_on_the_shipped_parts() -> None:
    model = load_risk_model()
    assert model.assessor == Assessor().name
    assert model.embedder == DlibEmbedder().name
