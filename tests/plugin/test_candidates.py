"""Several candidates for one face: all are judged, the best that may go back goes back."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from pydantic import Field

from facefidelity.core.errors import InvalidInput, NotRegistered, WeightsMissing
from facefidelity.core.protocols import RestorerInfo
from facefidelity.core.scores import QualityScores
from facefidelity.guards.rules import merit
from facefidelity.guards.verdict import Decision, Evidence, Reason, Verdict
from facefidelity.plugin.candidates import MAX_CANDIDATES, make_candidates, parse_candidates
from facefidelity.plugin.decisions import decision_record
from facefidelity.plugin.pipeline import Guard
from facefidelity.restorers.registry import restorer_info, restorer_names
from facefidelity.restorers.settings import NoSettings, RestorerSettings


class Gain(RestorerSettings):
    by: int = Field(40, ge=0, le=100, description="grey levels")


class Named:
    """A restorer of one name that does what it is told; counts its calls."""

    def __init__(self, name, call, settings=NoSettings):
        self.info = RestorerInfo(name, "test", 0, settings, "none", "yes", "a test")
        self.call = call
        self.calls = 0

    def restore(self, face, settings):
        self.calls += 1
        return self.call(face, settings)


def brighten(by):
    return lambda face, settings: np.clip(face.astype(int) + by, 0, 255).astype(np.uint8)


def stranger(face, settings):
    result = brighten(60)(face, settings)
    result[0, 0] = (255, 0, 0)
    return result


def fail(face, settings):
    raise RuntimeError("boom")


def hang(face, settings):
    time.sleep(2)
    return face


def restore(face, candidates, judge, **options):
    guard = Guard(candidates=candidates, judge=judge, **options)
    (guarded,) = guard.restore(face.pixels, aligned=True).faces
    return guarded, guard


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("classical", [("classical", {})]),
        ("a, b", [("a", {}), ("b", {})]),
        ("a:x=1|2;y=z,b", [("a", {"x": ["1", "2"], "y": ["z"]}), ("b", {})]),
        (r"onnx:path=C:\x.onnx", [("onnx", {"path": [r"C:\x.onnx"]})]),
    ],
)
def test_the_syntax_is_read(text, wanted):
    assert parse_candidates(text) == wanted


@pytest.mark.parametrize("text", ["", "a,", "a:", "a:x", "a:=1", ":x=1", "a:x=1;x=2", "a:x=1;"])
def test_what_is_not_the_syntax_is_refused(text):
    with pytest.raises(InvalidInput, match="expected candidates such as"):
        parse_candidates(text)


def test_a_grid_is_every_combination_in_order():
    made = make_candidates("classical:strength=0.2|0.4;sharpen=0.1|0.3")
    values = [(one.settings.strength, one.settings.sharpen) for one in made]
    assert values == [(0.2, 0.1), (0.2, 0.3), (0.4, 0.1), (0.4, 0.3)]
    assert len({id(one.restorer) for one in made}) == 1, "a restorer is loaded once"
    assert made[0].label == "classical (strength=0.2, sharpen=0.1)"


@pytest.mark.parametrize(
    ("specs", "error", "words"),
    [
        ("nobody", NotRegistered, "nobody"),
        ("classical:colour=1", InvalidInput, "no setting 'colour'"),
        ("classical:strength=9", InvalidInput, "strength of classical must be"),
        ("classical,classical", InvalidInput, "once"),
        ("classical,classical:strength=0.4", InvalidInput, "once"),
        ([], InvalidInput, "at least one"),
        (
            [("classical", {"strength": list(np.linspace(0, 1, MAX_CANDIDATES + 1))})],
            InvalidInput,
            f"at most {MAX_CANDIDATES}",
        ),
    ],
)
def test_wrong_candidates_are_refused_before_anything_runs(specs, error, words):
    with pytest.raises(error, match=words):
        make_candidates(specs)


def test_one_restorer_and_candidates_are_not_mixed(fake_judge):
    for options in ({"restorer": "classical"}, {"settings": {"input_size": 64}}):
        with pytest.raises(InvalidInput, match="got both"):
            Guard(candidates="identity", judge=fake_judge, **options)


@pytest.mark.parametrize("name", restorer_names())
def test_every_registered_restorer_can_be_named_with_its_settings(name):
    settings = restorer_info(name).settings
    (default,) = [settings().model_dump(mode="json")] if name != "onnx" else [{}]
    plain = {key: value for key, value in default.items() if isinstance(value, (int, float))}
    text = ";".join(f"{key}={value}" for key, value in plain.items())
    ((read, grid),) = parse_candidates(f"{name}:{text}" if text else name)
    assert read == name
    assert {key: values[0] for key, values in grid.items()} == {
        key: str(value) for key, value in plain.items()
    }


def test_the_best_acceptable_is_delivered(astronaut_face, fake_judge):
    candidates = [Named("little", brighten(10)), Named("much", brighten(30)), "identity"]
    guarded, _ = restore(astronaut_face, [*candidates, Named("other", stranger)], fake_judge)
    assert guarded.restorer == "much"
    assert guarded.verdict.decision is Decision.ACCEPT
    decided = [(one.restorer, one.verdict.decision.value) for one in guarded.attempts]
    assert decided == [
        ("little", "ACCEPT"),
        ("much", "ACCEPT"),
        ("identity", "FAILED"),
        ("other", "BLEND"),
    ]
    assert [one.chosen for one in guarded.attempts] == [False, True, False, False]
    alone, _ = restore(astronaut_face, [candidates[1]], fake_judge)
    assert guarded.pixels.tobytes() == alone.pixels.tobytes()
    assert guarded.verdict == alone.verdict


def test_a_candidate_that_fails_does_not_stop_the_others(astronaut_face, fake_judge):
    candidates = [Named("bad", fail), Named("slow", hang), Named("good", brighten(40))]
    guarded, _ = restore(astronaut_face, candidates, fake_judge, time_limit_seconds=0.5)
    assert guarded.restorer == "good"
    reasons = [one.verdict.reasons[0] for one in guarded.attempts[:2]]
    assert reasons == [Reason.RESTORER_RAISED, Reason.RESTORER_TIMED_OUT]
    assert "boom" in guarded.attempts[0].verdict.detail
    assert 0.4 < guarded.attempts[1].seconds < 2, "the limit holds for each candidate"


def test_a_refusal_comes_before_a_failure_and_failed_only_if_all_are(astronaut_face, fake_judge):
    refused, _ = restore(astronaut_face, [Named("a", fail), Named("b", brighten(-40))], fake_judge)
    assert refused.verdict.decision is Decision.REJECT
    assert refused.restorer == "b"
    failed, _ = restore(astronaut_face, [Named("a", fail), Named("b", fail)], fake_judge)
    assert failed.verdict.decision is Decision.FAILED
    assert failed.restorer == "a"
    assert failed.pixels.tobytes() == astronaut_face.pixels.tobytes()


def test_what_cannot_run_here_is_named_unless_nothing_can(astronaut_face, fake_judge):
    def lack(face, settings):
        raise WeightsMissing("x.onnx is not here; models pull x.onnx")

    candidates = [Named("lacking", lack), Named("good", brighten(40))]
    guarded, _ = restore(astronaut_face, candidates, fake_judge)
    assert guarded.restorer == "good"
    assert "models pull" in guarded.attempts[0].verdict.detail
    with pytest.raises(WeightsMissing, match="models pull"):
        restore(astronaut_face, [Named("a", lack), Named("b", lack)], fake_judge)


def test_the_source_is_measured_once(astronaut_face, fake_judge, monkeypatch):
    measured = []
    embed = fake_judge.embedder.embed_batch
    monkeypatch.setattr(
        fake_judge.embedder,
        "embed_batch",
        lambda faces: measured.append(len(faces)) or embed(faces),
    )
    candidates = [Named(str(by), brighten(by)) for by in (20, 30, 40)]
    restore(astronaut_face, candidates, fake_judge)
    assert measured == [1, 1, 1, 1], "LQ once, then each candidate"


def test_candidates_decide_the_same_twice(astronaut_face, fake_judge):
    specs = [(Named("gain", lambda f, s: brighten(s.by)(f, s), Gain), {"by": [20, 30, 30.0 + 20]})]
    one, other = (restore(astronaut_face, specs, fake_judge)[0] for _ in range(2))
    assert one.settings == other.settings == {"by": 50}
    assert one.pixels.tobytes() == other.pixels.tobytes()
    assert [a.verdict for a in one.attempts] == [a.verdict for a in other.attempts]


def test_of_equals_the_first_is_taken(astronaut_face, fake_judge):
    guarded, _ = restore(
        astronaut_face, [Named("first", brighten(40)), Named("second", brighten(40))], fake_judge
    )
    assert guarded.restorer == "first"


def test_observing_judges_every_candidate_and_changes_nothing(astronaut_face, fake_judge):
    candidates = [Named("little", brighten(10)), Named("much", brighten(30))]
    guarded, _ = restore(astronaut_face, candidates, fake_judge, policy="observe")
    assert guarded.restorer == "much"
    assert guarded.verdict.proposed is Decision.ACCEPT
    assert guarded.pixels.tobytes() == astronaut_face.pixels.tobytes()


def test_the_record_holds_every_candidate_and_its_cost(astronaut_face, fake_judge):
    candidates = [Named("bad", fail), Named("good", brighten(40))]
    guarded, guard = restore(astronaut_face, candidates, fake_judge)
    record = decision_record("a.png", 0, guarded, guard.provenance(), guard.policy)
    assert json.loads(json.dumps(record)) == record
    bad, good = record["candidates"]
    assert (bad["decision"], bad["overall"], bad["chosen"]) == ("FAILED", None, False)
    assert "boom" in bad["detail"]
    assert (good["decision"], good["chosen"]) == ("ACCEPT", True)
    assert good["seconds"] == record["seconds"] >= 0
    assert good["identity_risk"] == record["identity_risk"]
    assert record["explanation"]["summary"].startswith("ACCEPT: ")
    assert len(record["explanation"]["reasons"]) == len(record["reasons"])
    assert record["counterfactual"]["accept_at_risk"] >= record["identity_risk"]
    assert set(record["attributions"]) == {"cosine_similarity"}


def evidence(overall, risk):
    scores = QualityScores(50, 50, 50, 50, 50, overall)
    return Evidence(scores, scores, 0.9, "fake", None, 50, 0.9, 1, 0, risk)


def test_the_order_of_merit():
    def blend(overall):
        found = Verdict(
            Decision.BLEND, 0.5, (Reason.BLEND_WITHIN_RISK,), "balanced", evidence(99, 0.9)
        )
        return replace(found, guarded=evidence(overall, 0.1))

    refused = [
        Verdict(Decision.REJECT, 0.0, (Reason.IDENTITY_RISK,), "balanced", evidence(90, risk))
        for risk in (0.9, 0.5)
    ]
    accepted = Verdict(
        Decision.ACCEPT, 1.0, (Reason.QUALITY_GAINED,), "balanced", evidence(40, 0.1)
    )
    failed = Verdict(Decision.FAILED, 0.0, (Reason.RESTORER_RAISED,), "balanced")
    ordered = [failed, *refused, blend(60), blend(80), accepted]
    shuffled = [ordered[index] for index in (3, 0, 5, 1, 4, 2)]
    assert sorted(shuffled, key=merit) == ordered
