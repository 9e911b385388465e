"""One face under one restorer: everything that any policy could deliver of it, in numbers.

The restorer and the networks run once; what a policy delivers follows from these numbers by the
guard's own rules (`deliver`), so policies and risk limits cost nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ...core.errors import InvalidInput, RestorerFailed
from ...core.faces import frame_as_aligned
from ...core.protocols import Restoration, Restorer, RGBImage
from ...core.scores import HEADS, QualityScores
from ...guards.counterfactual import decide_under
from ...guards.judgement import FaceJudge, MeasuredSource
from ...guards.policy import SEARCH_ALWAYS, Policy
from ...guards.remixing import remix
from ...guards.verdict import Decision, Evidence, TriedMixture
from ...restorers.output import check_restored
from ...restorers.settings import parse_settings
from ..timebox import call_restorer
from .space import Choice, GuardLimit
from .truth import Look

__all__ = ["Delivered", "Examined", "FaceExaminer", "LookAt", "deliver", "examined_of", "plain_of"]

_NUMBERS: Final = (
    "cosine_similarity",
    "fidelity_given_source",
    "source_identifiable",
    "consistency",
    "landmark_shift",
    "identity_risk",
    "drop_risk",
    "predicted_loss",
)
_WHOLE: Final = "ACCEPT"

LookAt: TypeAlias = Callable[[Sequence[RGBImage]], list[Look]]
"""Compares faces with the truth of the pair."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One face under one choice.

    Attributes:
        seconds: Wall time of the restorer.
        evidence: What the guard measured on the restoration, None where it failed.
        tried: Every mixture, measured.
        kept: What the truth says of LQ, None where no truth is known.
        looks: What it says of what any of the limits delivers, by name ("ACCEPT" is the whole
            restoration).
        problem: What the restorer said when it failed.
    """

    seconds: float
    evidence: Evidence | None = None
    tried: tuple[TriedMixture, ...] = ()
    kept: Look | None = None
    looks: Mapping[str, Look] | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one policy delivers of one examined face.

    Attributes:
        decision: ACCEPT, BLEND, REJECT or FAILED.
        gain: Overall of what is delivered minus that of LQ, by the assessor.
        true_gain: The same against the truth; None where it is not known.
        lost: Whether the identity that LQ has is lost in it; None likewise.
        risk: Predicted probability of that: 0 where nothing is delivered.
        name: Of what is delivered: "ACCEPT", a mixture's name, or "" for LQ.
    """

    decision: Decision
    gain: float
    true_gain: float | None
    lost: bool | None
    risk: float
    name: str = ""


class FaceExaminer:
    """Restores, judges and compares with the truth.

    Args:
        judge: The guard's judge.
        restorers: By name.
        limits: The guard's limits; the truth is asked of what they deliver only.
        time_limit_seconds: Of one restoration.
    """

    def __init__(
        self,
        judge: FaceJudge,
        restorers: Mapping[str, Restorer],
        limits: Sequence[GuardLimit],
        time_limit_seconds: float = 120.0,
    ) -> None:
        self.judge = judge
        self.restorers = restorers
        self.limits = tuple(limits)
        self._limit = time_limit_seconds

    def restore(self, lq: RGBImage, choice: Choice) -> Restoration:
        """Restore one face; (512, 512, 3) uint8 RGB in and out.

        Raises:
            RestorerFailed: If nothing usable came.
        """
        restorer = self.restorers[choice.restorer]
        settings = parse_settings(restorer.info, dict(choice.settings))
        given = lq.copy()
        hq, seconds = call_restorer(
            choice.restorer, lambda: restorer.restore(given, settings), self._limit
        )
        hq = check_restored(lq, hq, choice.restorer)
        if hq.shape != lq.shape:
            hq = frame_as_aligned(hq).pixels
        return Restoration(lq, hq, choice.restorer, dict(choice.settings), seconds)

    def examine(
        self, lq: RGBImage, source: MeasuredSource, choice: Choice, look: LookAt | None
    ) -> Examined:
        """Restore one face and measure everything that could be delivered of it.

        Args:
            lq: (512, 512, 3) uint8 RGB.
            source: What was measured on it.
            choice: Who restores, how.
            look: Compares with the truth, None where it is not known.
        """
        try:
            made = self.restore(lq, choice)
        except RestorerFailed as error:
            return Examined(0.0, problem=str(error))
        verdict = self.judge.judge(made, SEARCH_ALWAYS, source).verdict
        if verdict.evidence is None:
            raise InvalidInput("expected every restoration to be measured, got no evidence")
        tried = verdict.tried or ()
        if look is None:
            return Examined(made.seconds, verdict.evidence, tried)
        known = Examined(made.seconds, verdict.evidence, tried)
        chosen = {deliver(known, one.policy).name for one in self.limits} - {""}
        pixels = {_WHOLE: made.hq}
        if chosen - {_WHOLE}:
            pixels |= remix(source, lq, made.hq)
        names = sorted(chosen)
        kept, *found = look([lq, *(pixels[name] for name in names)])
        looks = dict(zip(names, found, strict=True))
        return Examined(made.seconds, verdict.evidence, tried, kept, looks)


def deliver(examined: Examined, policy: Policy) -> Delivered:
    """What a policy delivers, by the guard's own rules."""
    if examined.evidence is None:
        return _nothing(Decision.FAILED, examined)
    decided = decide_under(examined.evidence, examined.tried, policy)
    if decided.decision is Decision.ACCEPT:
        name, evidence = _WHOLE, examined.evidence
    elif decided.decision is Decision.BLEND and decided.mixture is not None:
        name = decided.mixture
        evidence = next(one.evidence for one in examined.tried if one.name == name)
    else:
        return _nothing(Decision.REJECT, examined)
    kept, seen = examined.kept, (examined.looks or {}).get(name)
    return Delivered(
        decision=decided.decision,
        gain=evidence.overall_gain,
        true_gain=seen.quality - kept.quality if kept and seen else None,
        lost=kept.lost_in(seen) if kept and seen else None,
        risk=_predicted_loss(evidence),
        name=name,
    )


def _predicted_loss(evidence: Evidence) -> float:
    """Its risk, which counts more, stands in where a risk model does not foretell losses."""
    loss = evidence.predicted_loss
    return evidence.identity_risk if loss is None else loss


def _nothing(decision: Decision, examined: Examined) -> Delivered:
    known = examined.kept is not None or examined.evidence is None
    return Delivered(decision, 0.0, 0.0 if known else None, False if known else None, 0.0)


def plain_of(examined: Examined) -> dict[str, Any]:
    """The same as plain data, for the cache."""
    evidence, looks = examined.evidence, examined.looks
    return {
        "seconds": examined.seconds,
        "problem": examined.problem,
        "lq": None if evidence is None else list(evidence.lq_scores.as_dict().values()),
        "whole": None if evidence is None else _plain_evidence(evidence),
        "tried": [_plain_mixture(one) for one in examined.tried],
        "kept": None if examined.kept is None else _plain_look(examined.kept),
        "looks": None if looks is None else {n: _plain_look(one) for n, one in looks.items()},
    }


def examined_of(plain: Mapping[str, Any]) -> Examined:
    """Back from plain data."""
    if plain["whole"] is None:
        return Examined(plain["seconds"], problem=plain["problem"])
    lq = QualityScores.from_sequence(plain["lq"])
    looks, kept = plain["looks"], plain["kept"]
    return Examined(
        seconds=plain["seconds"],
        evidence=_evidence(lq, plain["whole"]),
        tried=tuple(
            TriedMixture(name, blend, _evidence(lq, numbers), patchwork)
            for name, blend, numbers, patchwork in plain["tried"]
        ),
        kept=None if kept is None else Look(*kept),
        looks=None if looks is None else {name: Look(*one) for name, one in looks.items()},
    )


def _plain_mixture(one: TriedMixture) -> list[Any]:
    return [one.name, one.blend, _plain_evidence(one.evidence), one.patchwork]


def _plain_look(look: Look) -> list[Any]:
    return [look.quality, look.first, look.standing, look.ranked]


def _plain_evidence(evidence: Evidence) -> list[float | None]:
    numbers = (getattr(evidence, name) for name in _NUMBERS)
    return [*evidence.hq_scores.as_dict().values(), *numbers]


def _evidence(lq: QualityScores, numbers: Sequence[Any]) -> Evidence:
    scores = QualityScores.from_sequence(numbers[: len(HEADS)])
    cosine, fidelity, identifiable, consistency, shift, risk, drop, loss = numbers[len(HEADS) :]
    return Evidence(
        lq_scores=lq,
        hq_scores=scores,
        cosine_similarity=cosine,
        embedder="",
        probability_same=None,
        fidelity_given_source=fidelity,
        source_identifiable=identifiable,
        consistency=consistency,
        landmark_shift=shift,
        identity_risk=risk,
        drop_risk=drop,
        predicted_loss=loss,
    )
