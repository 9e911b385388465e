"""What the review says of a face and of the agreement, as table rows and markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ..guards.phrasebook import load_phrases
from ..guards.verdict import Decision
from ..plugin.report.cards import badge
from ..plugin.report.markup import Markup, join, tag
from ..plugin.review.agreement import DECIDED, Agreement
from ..plugin.review.overrides import Override
from ..plugin.review.overrides_file import OverrideBook
from ..plugin.review.reviewed import ReviewedFace

__all__ = ["TABLE_COLUMNS", "agreement_markup", "face_head", "face_words", "rows_of", "thumb_title"]

TABLE_COLUMNS: Final = ("no.", "picture", "face", "guard", "risk", "person", "why")
_SCORES_SHOWN: Final = ("overall", "sharpness", "noise", "fidelity")


def rows_of(faces: Iterable[tuple[int, ReviewedFace]], book: OverrideBook) -> list[list[str | int]]:
    """One row a face under `TABLE_COLUMNS`.

    Args:
        faces: Number in the log and face, in the order of the table.
        book: What people decided.
    """
    rows: list[list[str | int]] = []
    for number, face in faces:
        override = book.get(face.place)
        rows.append(
            [
                number,
                face.name,
                face.face,
                face.decision.value,
                _risk(face),
                "" if override is None else _decided(override),
                ", ".join(reason.replace("_", " ").lower() for reason in face.reasons),
            ]
        )
    return rows


def thumb_title(face: ReviewedFace, book: OverrideBook) -> str:
    """Caption of a face in the gallery."""
    override = book.get(face.place)
    person = "" if override is None else f" → {override.decision.value}"
    return f"{face.decision.value}{person} {_risk(face)}"


def face_head(face: ReviewedFace, position: int, total: int, override: Override | None) -> Markup:
    """Which face is looked at, and what guard and person say in a word."""
    person: list[object] = [tag("span", "no person has decided", class_="note")]
    if override is not None:
        person = [tag("span", "person", class_="note"), badge(override.decision.value)]
    return tag(
        "header",
        tag("strong", f"{position} of {total}", class_="desk-place"),
        tag("bdi", f"{face.name}, face {face.face}", class_="desk-name"),
        tag("span", "guard", class_="note"),
        badge(face.decision.value),
        *person,
        class_="desk-head",
    )


def face_words(face: ReviewedFace, override: Override | None, problem: str | None) -> Markup:
    """Why the guard decided so, what it measured, and what a person made of it."""
    parts: list[object] = []
    if problem:
        parts.append(tag("p", problem, class_="desk-problem", role="status"))
    if override is not None:
        parts.append(_person(override))
    parts += [_list("Why", face.explanation.reasons), tag("h4", "Measured"), _measured(face)]
    parts.append(_list("What moved the risk most", face.explanation.drivers))
    parts.append(_list("What would be decided otherwise", face.explanation.otherwise))
    if face.detail:
        parts.append(tag("p", face.detail, class_="detail"))
    return join(parts)


def agreement_markup(found: Agreement) -> Markup:
    """Table of the decisions, the share with its interval, and kappa."""
    if not found.faces:
        said = "No face has been decided on by a person yet."
        return join([tag("h4", "Agreement with the guard"), tag("p", said, class_="note")])
    low, high = found.interval or (0.0, 1.0)
    share = f"{100 * (found.share or 0):.0f} % ({100 * low:.0f} to {100 * high:.0f} %)"
    kappa = "not defined" if found.kappa is None else f"{found.kappa:.2f}"
    words = {one: load_phrases().decision[one.value].label for one in DECIDED}
    head = tag("tr", tag("th", "guard"), *(tag("th", f"person {words[one]}") for one in DECIDED))
    rows = (
        tag("tr", tag("th", words[guard]), *(_count(found, guard, person) for person in DECIDED))
        for guard in DECIDED
    )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="measures agreement")
    facts = [("Faces", found.faces), ("Agreement, 95 %", share), ("Cohen's kappa", kappa)]
    if found.unpaired:
        facts.append(("Guard had no opinion", found.unpaired))
    listed = tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in facts), class_="facts")
    return join([tag("h4", "Agreement with the guard"), listed, table])


def _count(found: Agreement, guard: Decision, person: Decision) -> Markup:
    return tag("td", found.count(guard, person), class_="same" if guard is person else None)


def _person(override: Override) -> Markup:
    who = override.who or "A person"
    when = override.when.strftime("%Y-%m-%d %H:%M UTC")
    note = f" “{override.note}”" if override.note else ""
    return tag("p", f"{who} decided {_decided(override)} on {when}.{note}", class_="desk-person")


def _decided(override: Override) -> str:
    if override.share is not None:
        return f"BLEND {override.share:.2f}"
    return override.decision.value


def _measured(face: ReviewedFace) -> Markup:
    facts = [("Identity risk", _risk(face))]
    if face.probability_same is not None:
        cosine = "" if face.cosine_similarity is None else f" (cosine {face.cosine_similarity:.3f})"
        facts.append(("Same person", f"{100 * face.probability_same:.1f} %{cosine}"))
    before, after = face.scores_before or {}, face.scores_after or {}
    facts += [
        (name.capitalize(), f"{before[name]:.0f} → {after[name]:.0f}")
        for name in _SCORES_SHOWN
        if name in before and name in after
    ]
    settings = ", ".join(f"{name} = {value}" for name, value in face.settings.items())
    facts.append(("Restorer", f"{face.restorer} {settings}"))
    if face.mixture:
        facts.append(("Mixture", f"{face.mixture}, {100 * face.blend:.0f} % of the change"))
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in facts), class_="facts")


def _list(title: str, lines: Sequence[str]) -> Markup:
    if not lines:
        return Markup()
    return join([tag("h4", title), tag("ul", *(tag("li", one) for one in lines), class_="reasons")])


def _risk(face: ReviewedFace) -> str:
    return "–" if face.identity_risk is None else f"{face.identity_risk:.3f}"
