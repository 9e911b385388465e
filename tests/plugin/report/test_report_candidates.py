"""A face's card says why, what moved the risk, what would differ, and what each candidate gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from facefidelity.guards.policy import load_policy
from facefidelity.guards.risk import Attribution
from facefidelity.guards.verdict import TriedMixture, Verdict
from facefidelity.plugin.report import ReportWriter
from facefidelity.plugin.results import Attempt, GuardedImage


def attempt(name: str, verdict: Verdict, seconds: float, chosen: bool = False) -> Attempt:
    return Attempt(name, {}, name, seconds, verdict, chosen)


@pytest.fixture
def text(
    path: Path, read: Callable, picture: Callable, verdicts: dict[str, Verdict], evidence: Callable
) -> str:
    """The page about one refused face with three candidates, as text."""
    parts = (Attribution("cosine_similarity", 2.5), Attribution("consistency", -0.5))
    verdict = replace(
        verdicts["REJECT"],
        evidence=replace(evidence(0.902), attributions=parts),
        tried=(TriedMixture("pixel 0.45", 0.4, evidence(0.55)),),
    )
    attempts = (
        attempt("gfpgan (weight=<i>0.5</i>)", verdict, 2.314, chosen=True),
        attempt("classical", verdicts["BLEND"], 0.25),
        attempt("codeformer", verdicts["FAILED"], 1.5),
    )
    result = picture("REJECT")
    (face,) = result.faces
    face = replace(face, verdict=verdict, attempts=attempts)
    writer = ReportWriter(path, "t", load_policy("balanced"))
    writer.add_picture("a.png", None, GuardedImage(result.pixels, (face,)))
    writer.write()
    page = path.read_text("utf-8")
    assert "<i>0.5" not in page
    reader = read(page)
    assert reader.open == []
    return reader.text


def test_the_card_explains_the_verdict(text: str) -> None:
    assert "the person may have been lost (identity risk 90.2 %, at most 30.0 %)" in text
    assert "recogniser sees less similarity than usual (raises the risk, log-odds +2.5)" in text
    assert "agree with the source (lowers the risk, log-odds -0.5)" in text


def test_the_card_says_what_would_be_decided_otherwise(text: str) -> None:
    assert "Would be accepted at risk <= 0.91 (the limit is 0.30)." in text
    assert "Would blend at 0.40 with policy lenient." in text


def test_the_card_holds_every_candidate_with_its_cost(text: str) -> None:
    for shown in ("gfpgan (weight=<i>0.5</i>) chosen", "41 → 79", "90.2 %", "2.31", "4.06"):
        assert shown in text
    assert text.count("chosen") == 1
    assert "<b>boom</b> & out" in text, "why a candidate failed"


def test_one_candidate_needs_no_table(page: str) -> None:
    assert "Candidates" not in page
