"""The measurements of one face as table rows, each beside what the policy asks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ...guards.policy import Policy
from ...guards.verdict import Evidence
from .markup import Markup, join, tag

__all__ = ["measures_table"]


@dataclass(frozen=True, slots=True)
class _Measure:
    """One row: how to read a number, how to write it, and what the policy asks of it."""

    name: str
    note: Callable[[Evidence], str]
    read: Callable[[Evidence], float | None]
    write: Callable[[float], str]
    asks: Callable[[Evidence, Policy], str] = lambda _evidence, _policy: "no limit"
    holds: Callable[[Evidence, Policy], bool] = lambda _evidence, _policy: True


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", " %")


def _least_fidelity(evidence: Evidence, policy: Policy) -> str:
    floor = evidence.lq_scores.fidelity - policy.max_fidelity_loss
    return f"at least {floor:.1f}" if floor > 0 else "no limit"


_MEASURES: Final = (
    _Measure(
        "Identity risk",
        lambda _: "probability that the person was lost",
        lambda e: e.identity_risk,
        _share,
        lambda _, p: f"at most {_share(p.max_identity_risk)}",
        lambda e, p: e.identity_risk <= p.max_identity_risk,
    ),
    _Measure(
        "Same person",
        lambda e: (
            "calibrated probability"
            if e.probability_same is not None
            else "this embedder has no calibration"
        ),
        lambda e: e.probability_same,
        _share,
    ),
    _Measure(
        "Cosine similarity",
        lambda e: f"raw, embedder {e.embedder}",
        lambda e: e.cosine_similarity,
        lambda value: f"{value:.3f}",
    ),
    _Measure(
        "Input identifies its person",
        lambda _: "probability, from the input alone",
        lambda e: e.source_identifiable,
        _share,
        lambda _, p: f"at least {_share(p.min_source_identifiable)}",
        lambda e, p: e.source_identifiable >= p.min_source_identifiable,
    ),
    _Measure(
        "Fidelity given the source",
        lambda e: f"0 to 100; the input's fidelity is {e.lq_scores.fidelity:.1f}",
        lambda e: e.fidelity_given_source,
        lambda value: f"{value:.1f}",
        _least_fidelity,
        lambda e, p: e.lq_scores.fidelity - e.fidelity_given_source <= p.max_fidelity_loss,
    ),
    _Measure(
        "Consistency",
        lambda _: "with the light and colour the camera measured, 0 to 1",
        lambda e: e.consistency,
        lambda value: f"{value:.3f}",
        lambda _, p: f"at least {p.min_consistency:.3f}",
        lambda e, p: e.consistency >= p.min_consistency,
    ),
    _Measure(
        "Landmark shift",
        lambda _: "mean, in distances between the eyes",
        lambda e: e.landmark_shift,
        lambda value: f"{value:.3f}",
        lambda _, p: f"at most {p.max_landmark_shift:.3f}",
        lambda e, p: e.landmark_shift <= p.max_landmark_shift,
    ),
    _Measure(
        "Gain of overall",
        lambda _: "predicted score, after minus before",
        lambda e: e.overall_gain,
        lambda value: f"{value:+.1f}",
        lambda _, p: f"at least {p.min_overall_gain:+.1f}",
        lambda e, p: e.overall_gain >= p.min_overall_gain,
    ),
)


def _cell(measure: _Measure, evidence: Evidence, policy: Policy) -> Markup:
    value = measure.read(evidence)
    if value is None:
        return tag("td", "unknown", class_="asks")
    if measure.holds(evidence, policy):
        return tag("td", measure.write(value), class_="number")
    outside = tag("span", "outside", class_="outside")
    return tag("td", measure.write(value), " ", outside, class_="number broken")


def measures_table(evidence: Evidence, guarded: Evidence | None, policy: Policy) -> Markup:
    """Lay out what was measured.

    Args:
        evidence: Of the restoration.
        guarded: Of the delivered mixture, None without one.
        policy: Whose limits stand in the last column.
    """
    columns = ["Measure", "Restored", *(["Delivered"] if guarded else []), f"Policy {policy.name}"]
    head = join(tag("th", name, scope="col") for name in columns)
    rows = []
    for measure in _MEASURES:
        note = tag("span", measure.note(evidence), class_="note")
        cells = [tag("th", measure.name, note, scope="row"), _cell(measure, evidence, policy)]
        if guarded:
            cells.append(_cell(measure, guarded, policy))
        cells.append(tag("td", measure.asks(evidence, policy), class_="asks"))
        rows.append(tag("tr", *cells))
    table = tag("table", tag("thead", tag("tr", head)), tag("tbody", *rows), class_="measures")
    return tag(
        "div", table, class_="scroll", tabindex="0", role="region", aria_label="Measurements"
    )
