"""Policies are data: the shipped ones are whole and ordered, an own one is read or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.guards.policy import Policy, load_policy, policy_names

GOOD = {
    "name": "mine",
    "summary": "My own.",
    "max_identity_risk": 0.2,
    "min_overall_gain": 2.5,
    "max_fidelity_loss": 10,
    "min_consistency": 0.5,
    "max_landmark_shift": 0.1,
    "min_source_identifiable": 0.6,
    "max_reference_drop": 0.2,
    "changes_pixels": True,
}
LIMITS_ABOVE = (
    "max_identity_risk",
    "max_drop_risk",
    "max_fidelity_loss",
    "max_landmark_shift",
    "max_reference_drop",
)
LIMITS_BELOW = ("min_overall_gain", "min_consistency", "min_source_identifiable", "drop_price")


def written(folder: Path, content: object, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return str(path)


def test_the_contracts_four_policies_are_shipped_under_their_own_names():
    assert policy_names() == ("balanced", "lenient", "observe", "strict")
    for name in policy_names():
        policy = load_policy(name)
        assert policy.name == name
        assert policy.summary.endswith(".")


@pytest.mark.parametrize(("tighter", "looser"), [("strict", "balanced"), ("balanced", "lenient")])
def test_every_threshold_is_ordered(tighter, looser):
    tight, loose = load_policy(tighter), load_policy(looser)
    for name in LIMITS_ABOVE:
        assert getattr(tight, name) <= getattr(loose, name)
    for name in LIMITS_BELOW:
        assert getattr(tight, name) >= getattr(loose, name)
    # Of faces that identify nobody the strictest policy delivers nothing at all.
    assert (tight.max_invented_fidelity or 0) <= loose.max_invented_fidelity
    words = {"name", "summary", "changes_pixels", "max_invented_fidelity"}
    assert {*LIMITS_ABOVE, *LIMITS_BELOW, *words} == set(Policy.model_fields)


def test_only_strict_leaves_faces_alone_that_identify_nobody():
    alone = [name for name in policy_names() if load_policy(name).max_invented_fidelity is None]
    assert alone == ["strict"]


def test_observe_is_balanced_without_hands():
    observe, balanced = load_policy("observe").model_dump(), load_policy("balanced").model_dump()
    different = {name for name in observe if observe[name] != balanced[name]}
    assert different == {"name", "summary", "changes_pixels"}
    assert not observe["changes_pixels"]


def test_every_policy_but_observe_changes_pixels():
    assert [name for name in policy_names() if not load_policy(name).changes_pixels] == ["observe"]


def test_lenient_lets_unsupported_detail_pass():
    assert load_policy("lenient").min_source_identifiable == 0.0


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "Mine.YAML"])
def test_an_own_policy_is_loaded_by_its_path(tmp_path, name):
    assert load_policy(written(tmp_path, GOOD, name)) == Policy(**GOOD)


def test_an_own_policy_is_read_again_when_it_changed(tmp_path, monkeypatch):
    path = written(tmp_path, GOOD)
    load_policy(path)
    written(tmp_path, GOOD | {"max_identity_risk": 0.01})
    assert load_policy(path).max_identity_risk == 0.01
    other = tmp_path / "other"
    other.mkdir()
    written(other, GOOD | {"name": "others"})
    monkeypatch.chdir(tmp_path)
    assert load_policy("mine.yaml").name == "mine"
    os.chdir(other)
    assert load_policy("mine.yaml").name == "others"


@pytest.mark.parametrize(
    ("name", "close"), [("balnced", "balanced"), ("Strict", "strict"), ("observer", "observe")]
)
def test_an_unknown_name_is_answered_with_the_close_one(name, close):
    with pytest.raises(NotRegistered, match=f"no policy is called '{name}'; did you mean {close}"):
        load_policy(name)


@pytest.mark.parametrize("name", ["", "zzz"])
def test_a_name_close_to_none_is_refused(name):
    with pytest.raises(NotRegistered, match="balanced"):
        load_policy(name)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "got None"),
        ("- a\n- b\n", "name: value"),
        ("just words", "just words"),
        ("a: [1,\nb: }", "expected a policy file"),
        ("a: \tb\n\t- c", "expected a policy file"),
        ("!!python/object/apply:os.system ['true']", "expected a policy file"),
        ("\x00\x01", "expected a policy file"),
        ("1: 2", "mine.yaml"),
        (GOOD | {"max_identity_risk": 1.5}, "max_identity_risk"),
        (GOOD | {"max_identity_risk": float("nan")}, "max_identity_risk"),
        (GOOD | {"max_landmark_shift": float("inf")}, "max_landmark_shift"),
        (GOOD | {"max_landmark_shift": float("nan")}, "max_landmark_shift"),
        (GOOD | {"min_overall_gain": -1}, "min_overall_gain"),
        (GOOD | {"min_consistency": "high"}, "min_consistency"),
        (GOOD | {"changes_pixels": "perhaps"}, "changes_pixels"),
        (GOOD | {"max_identity_rsk": 0.1}, "max_identity_rsk"),
        ({k: v for k, v in GOOD.items() if k != "min_consistency"}, "min_consistency"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_in_one_line(tmp_path, content, told):
    with pytest.raises(InvalidInput) as raised:
        load_policy(written(tmp_path, content))
    text = str(raised.value)
    assert told in text
    assert "mine.yaml" in text
    assert "\n" not in text


@pytest.mark.parametrize("name", ["missing.yaml", "folder.yaml", "a\0b.yaml"])
def test_a_path_without_a_readable_file_is_refused(tmp_path, name):
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(InvalidInput, match="expected a policy file"):
        load_policy(str(tmp_path / name))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: \xff\xfe")
    with pytest.raises(InvalidInput, match="expected a policy file"):
        load_policy(str(path))


def test_a_policy_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load_policy("strict").max_identity_risk = 1.0
