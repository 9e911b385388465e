"""Training plans: YAML there and back, one sentence for what is wrong, and the learning rate."""

from __future__ import annotations

import pytest
import yaml

pytest.importorskip("torch", reason="needs torch (the train extra)")

from facefidelity.assessor.training.plan import (
    TrainingPlan,
    load_plan,
    plan_from,
)
from facefidelity.core.errors import InvalidInput


def test_a_plan_survives_yaml(tmp_path) -> None:
    plan = plan_from(
        {"pictures": 1000, "frozen_statistics": True, "network": {"views": ["whole", "mosaic"]}}
    )
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(plan.model_dump(mode="json")))
    assert load_plan(path) == plan
    assert TrainingPlan.model_validate_json(plan.model_dump_json()) == plan


def test_an_empty_file_is_the_default_plan(tmp_path) -> None:
    (tmp_path / "plan.yaml").write_text("# nothing\n")
    assert load_plan(tmp_path / "plan.yaml") == TrainingPlan()


def test_options_replace_what_the_file_says(tmp_path) -> None:
    (tmp_path / "plan.yaml").write_text("pictures: 10\nseed: 3\n")
    plan = load_plan(tmp_path / "plan.yaml", pictures=20, seed=None, device=None)
    assert (plan.pictures, plan.seed, plan.device) == (20, 3, "cpu")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("epochs: 3", "epochs"),
        ("batch: 1", "batch"),
        ("pictures: 0", "pictures"),
        ("learning_rate: -1", "learning_rate"),
        ("learning_rate: .inf", "learning_rate"),
        ("learning_rate: .nan", "learning_rate"),
        ("warm_up: 1", "warm_up"),
        ("ema_decay: 1", "ema_decay"),
        ("device: tpu", "device"),
        ("pictures: many", "pictures"),
        ("network: {width: 30}", "network.width"),
        ("network: {width: 0}", "network.width"),
        ("network: {views: []}", "network.views"),
        ("network: {views: [whole, whole]}", "each view once"),
        ("network: {views: [profile]}", "network.views"),
        ("network: {channels: [16, 32, 0, 8]}", "network.channels"),
        ("network: {depth: 3}", "network.depth"),
        ("- 1", "key: value"),
        ("a: [", "YAML"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, text, told) -> None:
    (tmp_path / "plan.yaml").write_text(text)
    with pytest.raises(InvalidInput, match="expected") as caught:
        load_plan(tmp_path / "plan.yaml")
    assert told in str(caught.value)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.yaml"):
        load_plan(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("pictures", [64, 640, 64 * 500])
def test_the_rate_rises_peaks_and_ends_near_zero(pictures) -> None:
    plan = TrainingPlan(pictures=pictures, batch=64, learning_rate=0.01, warm_up=0.1)
    rates = [plan.rate_at(step) for step in range(plan.steps)]
    peak = rates.index(max(rates))
    assert all(rate > 0 for rate in rates)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    if plan.steps > 5:
        assert max(rates) == pytest.approx(0.01, rel=0.05)
        assert peak <= 0.1 * plan.steps
        assert rates[-1] < 0.05 * 0.01
    assert plan.rate_at(plan.steps) == pytest.approx(0, abs=1e-9) or plan.steps == 1


def test_steps_round_up() -> None:
    assert TrainingPlan(pictures=65, batch=64).steps == 2
