"""The card of one face, and the section of one picture with its faces."""

from __future__ import annotations

from typing import Final

from ...core.faces import AlignedFace
from ...core.protocols import Restoration, RGBImage
from ...guards.explanation import outcome_sentence
from ...guards.policy import Policy
from ...guards.verdict import Decision, Evidence
from ..results import GuardedFace, GuardedImage
from .candidates import candidates_table
from .charts import Series, legend, score_chart
from .heatmap import drift_section
from .identity import identity_section
from .markup import Markup, fill, join, tag
from .measures import measures_table
from .overview import overview
from .reasons import message, reasons, shorten
from .sliders import face_pictures
from .wording import DECISION_MEANING, LABELS, NO_FACE, NO_PICTURES, UNREADABLE

__all__ = ["badge", "face_facts", "failure_section", "picture_section"]

_SETTING_LIMIT: Final = 120


def badge(key: str) -> Markup:
    """Name a decision (or "no face", "input failed") on its colour."""
    return tag("span", LABELS[key], class_=f"badge tone-{key}")


def face_facts(face: AlignedFace, restoration: Restoration | None) -> Markup:
    """Lay out where a face came from and how its restoration was made."""
    facts: list[tuple[str, object]] = [
        ("Face width", f"{face.width_px:.0f} px"),
        ("Detector confidence", f"{face.detector_confidence:.2f}"),
    ]
    if restoration is not None:
        unknown = restoration.restorer == "unknown"
        facts.append(("Restorer", "made elsewhere" if unknown else restoration.restorer))
        settings = (
            tag("code", f"{name} = {shorten(str(value), _SETTING_LIMIT)}")
            for name, value in restoration.settings.items()
        )
        if restoration.settings:
            facts.append(("Settings", join(settings, " ")))
        if not unknown:
            facts.append(("Time", f"{restoration.seconds:.2f} s"))
    rows = tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in facts), class_="facts")
    return join([tag("h4", "How it was made"), rows])


def _outcome(guarded: GuardedFace) -> str:
    """What became of the face, and who decided it."""
    override = guarded.override
    if override is None:
        return outcome_sentence(guarded.verdict)
    who = f"A person ({override.who})" if override.who else "A person"
    share = "" if override.share is None else f" with {100 * override.share:.0f} % restoration"
    said = f"{who} decided {override.decision.value}{share} in place of the guard's decision."
    return f"{said} Note: {override.note}" if override.note else said


def _scores(evidence: Evidence, guarded: Evidence | None) -> Markup:
    series = [
        Series("lq", "Input", evidence.lq_scores),
        Series("hq", "Restored", evidence.hq_scores),
    ]
    if guarded is not None:
        series.append(Series("guarded", "Delivered", guarded.hq_scores))
    names = legend([(one.key, one.label) for one in series])
    return join([tag("h4", "Predicted quality"), names, score_chart(series)])


def _face_card(
    guarded: GuardedFace, anchor: str, number: int, source: str, policy: Policy, pictures: bool
) -> Markup:
    verdict = guarded.verdict
    evidence, mixed = verdict.evidence, verdict.guarded
    key = verdict.decision.value
    judged = verdict.decision not in {Decision.FAILED, Decision.NOT_ASSESSABLE}
    why = reasons(verdict, policy)
    facts = face_facts(guarded.face, guarded.restoration)
    below, beside, measures = Markup(), [why, facts], Markup()
    if evidence is not None and judged:
        drift = drift_section(guarded, f"face {number} of {source}") if pictures else Markup()
        below = why
        beside = [identity_section(evidence, mixed, policy), _scores(evidence, mixed), drift, facts]
        measures = measures_table(evidence, mixed, policy)
    return fill(
        "face.html",
        anchor=anchor,
        key=key,
        number=number,
        badge=badge(key),
        outcome=_outcome(guarded),
        pictures=face_pictures(guarded, anchor, f"face {number} of {source}")
        if pictures
        else tag("p", NO_PICTURES, class_="note"),
        below=below,
        beside=join(beside),
        measures=join([measures, candidates_table(guarded.attempts)]),
    )


def picture_section(
    anchor: str,
    title: str,
    result: GuardedImage,
    policy: Policy,
    *,
    output: str | None = None,
    before: RGBImage | None = None,
    pictures: bool = True,
) -> Markup:
    """Lay out one picture: the whole before and after, then a card for each face.

    Args:
        anchor: Its id on the page; faces get ``anchor-1``, ``anchor-2``.
        title: The picture's name, as it came.
        result: The picture after the guard.
        policy: Whose limits are shown.
        output: Where the result was written, None if it was not.
        before: (H, W, 3) uint8 RGB, the picture before; None leaves it out.
        pictures: Whether any is shown; without them words and numbers stand alone.

    Raises:
        InvalidInput: If pixels are not RGB uint8.
    """
    cards = [
        _face_card(guarded, f"{anchor}-{number}", number, title, policy, pictures)
        for number, guarded in enumerate(result.faces, start=1)
    ]
    keys = dict.fromkeys(guarded.verdict.decision.value for guarded in result.faces) or [NO_FACE]
    badges = join((badge(key) for key in keys), " ") if len(result.faces) != 1 else Markup()
    nothing = tag("p", DECISION_MEANING[NO_FACE], class_="nothing")
    return fill(
        "picture.html",
        anchor=anchor,
        keys=" ".join(keys),
        title=title,
        badges=badges,
        output=tag("p", "Written to ", tag("bdi", output), class_="written")
        if output
        else Markup(),
        overview=overview(result, before, anchor) if pictures else Markup(),
        content=join(cards) if cards else nothing,
    )


def failure_section(anchor: str, source: str, said: str) -> Markup:
    """Lay out an input for which there is no result, with what was said about it."""
    sentence = tag("p", DECISION_MEANING[UNREADABLE], class_="nothing")
    return fill(
        "picture.html",
        anchor=anchor,
        keys=UNREADABLE,
        title=source,
        badges=badge(UNREADABLE),
        output=Markup(),
        overview=Markup(),
        content=join([sentence, message("Message", said)]),
    )
