"""The measurements of one face as table rows, each beside what the policy asks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ...guards.policy import Policy
from ...guards.rules import drop_limit
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
    optional: bool = False
    """Whether the row is left out where nothing was measured."""


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", " %")


def _largest_drop(evidence: Evidence, policy: Policy) -> str:
    limit = drop_limit(evidence, policy)
    return f"at most {_share(limit)}" if limit < 1 else "no limit"


def _least_fidelity(evidence: Evidence, policy: Policy) -> str:
    floor = evidence.lq_scores.fidelity - policy.max_fidelity_loss
    return f"at least {floor:.1f}" if floor > 0 else "no limit"


def _least_reference(evidence: Evidence, policy: Policy) -> str:
    if evidence.references is None or policy.max_reference_drop >= 1:
        return "no limit"
    floor = evidence.references.lq_probability - policy.max_reference_drop
    return f"at least {_share(floor)}" if floor > 0 else "no limit"


def _reference_note(evidence: Evidence) -> str:
    match = evidence.references
    if match is None:
        return ""
    pictures = f"{match.pictures} picture{'' if match.pictures == 1 else 's'}"
    return f"calibrated probability from {pictures}; the input's is {_share(match.lq_probability)}"


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
        "Drop risk",
        lambda _: "probability that the person is shown less clearly than in the input",
        lambda e: e.drop_risk,
        _share,
        _largest_drop,
        lambda e, p: e.drop_risk is None or e.drop_risk <= drop_limit(e, p),
        optional=True,
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
        "Head roll",
        lambda _: "change of the tilt, from eyes and nose",
        lambda e: e.roll_change_degrees,
        lambda value: f"{value:.1f}°",
        optional=True,
    ),
    _Measure(
        "Head turn",
        lambda _: "change of the nose's place between the eyes, in their distance",
        lambda e: e.yaw_change,
        lambda value: f"{value:.3f}",
        optional=True,
    ),
    _Measure(
        "Person of the references",
        _reference_note,
        lambda e: e.references.hq_probability if e.references else None,
        _share,
        _least_reference,
        lambda e, p: e.references is None or e.references.drop <= p.max_reference_drop,
        optional=True,
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
        if measure.optional and measure.read(evidence) is None:
            continue
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
