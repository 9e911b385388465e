"""Each pair is judged once; decisions and pixels are those that the guard itself would give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.protocols import Restoration
from facefidelity.guards.policy import load_policy
from facefidelity.guards.verdict import Decision
from facefidelity.plugin.benchmark import examination
from facefidelity.plugin.benchmark.gallery import Gallery, require_independent

from .conftest import POLICIES, capture_of, make_pair, vector_of


def test_the_truth_is_the_recognisers(examined):
    kept, _, lost, seen_through, absent = examined
    assert (kept.lq.rank1, kept.hq.rank1) == (True, True)
    assert (lost.lq.rank1, lost.hq.rank1) == (True, False)
    assert lost.hq.z < lost.lq.z - 0.3
    assert lost.by_policy["balanced"].decision is Decision.ACCEPT
    assert not lost.by_policy["balanced"].rank1
    assert not absent.lq.rank1
    assert seen_through.by_policy["strict"].decision is not Decision.ACCEPT
    assert kept.half.gain == pytest.approx(kept.evidence.overall_gain / 2, rel=0.1)
    assert kept.seconds > 0


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("suspicious", [False, True])
def test_what_is_delivered_is_what_the_guard_delivers(
    name, suspicious, fake_judge, recogniser, gallery, examiner
):
    pair = make_pair(7, 5, shown=23, suspicious=suspicious)
    found = examiner.examine(pair).by_policy[name]
    judged = fake_judge.judge(
        Restoration(pair.read_source(), pair.read_restored()), load_policy(name)
    )
    assert found.decision is judged.verdict.decision
    assert found.mixture == judged.verdict.mixture
    sight = gallery.see(recogniser.embed(judged.pixels).vector, pair.person)
    assert (found.rank1, found.z) == (sight.rank1, pytest.approx(sight.z))


def test_every_mixture_is_the_guards_own(examiner, fake_judge):
    pair = make_pair(8, 6, suspicious=True)
    lq, hq = pair.read_source(), pair.read_restored()
    judged = fake_judge.judge(Restoration(lq, hq), load_policy("lenient"))
    assert judged.verdict.decision is Decision.BLEND
    source = examiner._open(pair)
    made = examination._mixture(source, hq, judged.verdict.mixture)
    assert np.array_equal(made, judged.pixels)


def test_the_search_is_not_left_out_where_the_guard_would_accept(examiner, monkeypatch):
    pair = make_pair(0, 0)
    calls = []
    judge = examiner.judge.judge
    monkeypatch.setattr(examiner.judge, "judge", lambda *a: calls.append(a) or judge(*a))
    examiner.examine(pair)
    assert len(calls) == 1
    assert judge(*calls[0]).verdict.tried


def test_a_restorer_that_does_nothing_failed_under_every_policy(examiner):
    pair = make_pair(0, 0)
    idle = replace(pair, read_restored=pair.read_source)
    found = examiner.examine(idle).by_policy
    assert {one.decision for one in found.values()} == {Decision.FAILED}
    assert {one.gain for one in found.values()} == {0.0}


def test_a_person_without_a_pristine_face_is_named(examiner):
    with pytest.raises(InvalidInput, match="pristine face of 99"):
        examiner.examine(replace(make_pair(0, 0), person="99"))


def test_a_policy_that_only_observes_is_refused(examiner):
    with pytest.raises(InvalidInput, match="observe"):
        examination.GuardExaminer(
            examiner.judge, examiner.recogniser, examiner.gallery, [load_policy("observe")]
        )


def test_the_guards_own_embedder_is_no_recogniser(fake_judge, recogniser):
    face = capture_of(0, 0)
    require_independent(recogniser, fake_judge.embedder, face)
    with pytest.raises(InvalidInput, match="fixed"):
        require_independent(fake_judge.embedder, fake_judge.embedder, face)


def test_its_network_under_another_name_is_none_either(fake_judge):
    class Disguised:
        name = "other"
        embed = staticmethod(fake_judge.embedder.embed)

    with pytest.raises(InvalidInput, match="other"):
        require_independent(Disguised(), fake_judge.embedder, capture_of(0, 0))


def test_the_cohort_is_of_the_same_sex_where_enough_are():
    vectors = {str(k): vector_of(k) for k in range(24)}
    sexes = {str(k): "female" if k < 12 else "male" for k in range(24)}
    probe = vector_of(0)
    mixed, split = Gallery(vectors), Gallery(vectors, sexes)
    same = Gallery({str(k): vector_of(k) for k in range(12)})
    assert split.see(probe, "0").z == pytest.approx(same.see(probe, "0").z)
    assert mixed.see(probe, "0").z != pytest.approx(same.see(probe, "0").z)
    with pytest.raises(InvalidInput, match="three|3"):
        Gallery({"a": probe, "b": probe})
