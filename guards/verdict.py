"""The verdict on one restoration: decision, reasons, and every number behind it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..core.errors import InvalidInput
from ..core.scores import QualityScores
from .findings import ReferenceMatch, RegionDrift
from .phrasebook import Phrasebook, load_phrases
from .risk import Attribution

__all__ = [
    "LEAST_BLEND",
    "LEAST_IDENTIFIABLE",
    "Decision",
    "Evidence",
    "IdentityState",
    "Reason",
    "TriedMixture",
    "Verdict",
]

LEAST_IDENTIFIABLE: Final = 0.85
"""Probability from which on LQ is said to identify its person (docs/guards.md)."""
LEAST_BLEND: Final = 1e-6
"""A mixture that delivers a smaller share of HQ's change is the input again."""


class Decision(str, Enum):
    """What happens to a restored face."""

    ACCEPT = "ACCEPT"
    """The restoration replaces the face."""
    BLEND = "BLEND"
    """A mixture of both replaces the face."""
    REJECT = "REJECT"
    """The face stays as it was."""
    FAILED = "FAILED"
    """There is no usable restoration; the face stays as it was."""
    NOT_ASSESSABLE = "NOT_ASSESSABLE"
    """The face itself cannot be judged; it stays as it was."""


class IdentityState(str, Enum):
    """What became of the person's identity."""

    KEPT = "kept"
    LOST = "lost"
    NEVER_THERE = "never_there"
    """The input itself does not identify anybody: any sharp result is an illustration."""


class Reason(str, Enum):
    """Why a verdict is what it is; `phrases` has the words."""

    QUALITY_GAINED = "QUALITY_GAINED"
    IDENTITY_KEPT = "IDENTITY_KEPT"
    NO_QUALITY_GAIN = "NO_QUALITY_GAIN"
    IDENTITY_RISK = "IDENTITY_RISK"
    IDENTITY_WEAKENED = "IDENTITY_WEAKENED"
    FIDELITY_FELL = "FIDELITY_FELL"
    UNSUPPORTED_DETAIL = "UNSUPPORTED_DETAIL"
    INCONSISTENT_WITH_SOURCE = "INCONSISTENT_WITH_SOURCE"
    LANDMARKS_MOVED = "LANDMARKS_MOVED"
    REFERENCE_CONTRADICTS = "REFERENCE_CONTRADICTS"
    BLEND_WITHIN_RISK = "BLEND_WITHIN_RISK"
    CLEANED_UP = "CLEANED_UP"
    NO_BLEND_WITHIN_RISK = "NO_BLEND_WITHIN_RISK"
    OBSERVE_ONLY = "OBSERVE_ONLY"
    RESTORER_RAISED = "RESTORER_RAISED"
    RESTORER_TIMED_OUT = "RESTORER_TIMED_OUT"
    RESTORER_OUTPUT_INVALID = "RESTORER_OUTPUT_INVALID"
    RESTORER_DID_NOTHING = "RESTORER_DID_NOTHING"
    FACE_TOO_SMALL = "FACE_TOO_SMALL"
    FACE_WITHOUT_CONTENT = "FACE_WITHOUT_CONTENT"

    @property
    def text(self) -> str:
        """The reason in words, English."""
        return load_phrases().reason[self.value].words


_EVIDENCE_RANGES: Final = {
    "cosine_similarity": (-1.0, 1.0),
    "fidelity_given_source": (0.0, 100.0),
    "source_identifiable": (0.0, 1.0),
    "consistency": (0.0, 1.0),
    "landmark_shift": (0.0, sys.float_info.max),
    "identity_risk": (0.0, 1.0),
    "drop_risk": (0.0, 1.0),
    "predicted_loss": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything measured on one pair of LQ and HQ.

    Attributes:
        lq_scores: Six scores of the input.
        hq_scores: Six scores of the restoration.
        cosine_similarity: Of the two embeddings, in [-1, 1].
        embedder: Which embedder measured it.
        probability_same: The similarity as a calibrated probability, None where the embedder
            has no calibration.
        fidelity_given_source: Fidelity of HQ as far as LQ supports it, 0..100.
        source_identifiable: Probability in [0, 1] that LQ alone identifies its person.
        consistency: Agreement of HQ with what the camera measured, 0..1.
        landmark_shift: Mean shift of five landmarks in inter-ocular distances.
        identity_risk: Calibrated probability in [0, 1] that HQ is not identifiable as the
            person, or clearly less than LQ is.
        attributions: What moved that risk away from a typical face's, the largest part first.
        region_drift: How far each region departs from LQ, 0..1; None where it was not measured.
        region_colour_drift: The part of it that is colour, 0..1 each.
        roll_change_degrees: Change of the head's roll, proxy of five landmarks.
        yaw_change: Change of the head's yaw proxy, in inter-ocular distances.
        references: Resemblance to enrolled pictures, None without any.
        drop_risk: Calibrated probability in [0, 1] that HQ shows the person noticeably less than
            LQ does; None where the risk model does not say.
        predicted_loss: Calibrated probability in [0, 1] that LQ identifies the person and HQ no
            longer does: `identity_risk` counts faces that LQ never identified, too. No rule reads
            it, `tune` does; None where it was not measured.
    """

    lq_scores: QualityScores
    hq_scores: QualityScores
    cosine_similarity: float
    embedder: str
    probability_same: float | None
    fidelity_given_source: float
    source_identifiable: float
    consistency: float
    landmark_shift: float
    identity_risk: float
    attributions: tuple[Attribution, ...] = ()
    region_drift: RegionDrift | None = None
    region_colour_drift: RegionDrift | None = None
    roll_change_degrees: float | None = None
    yaw_change: float | None = None
    references: ReferenceMatch | None = None
    drop_risk: float | None = None
    predicted_loss: float | None = None

    def __post_init__(self) -> None:
        # A number that is not one would pass every comparison of a rule.
        for name, (low, high) in _EVIDENCE_RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InvalidInput(f"expected {name} in {low:g}..{high:g}, got {value!r}")

    @property
    def overall_gain(self) -> float:
        """Overall of HQ minus overall of LQ."""
        return self.hq_scores.overall - self.lq_scores.overall

    @property
    def identity_state(self) -> IdentityState:
        """Never there unless LQ surely identifies its person; else kept or lost, the likelier."""
        if self.source_identifiable < LEAST_IDENTIFIABLE:
            return IdentityState.NEVER_THERE
        return IdentityState.LOST if self.identity_risk > 0.5 else IdentityState.KEPT


@dataclass(frozen=True, slots=True)
class TriedMixture:
    """A mixture that was measured, delivered or not.

    Attributes:
        name: As in `Verdict.mixture`.
        blend: Share of HQ's change that it delivers, 0..1.
        evidence: What was measured on it.
        patchwork: Whether some parts of the face are LQ's and others are not.
    """

    name: str
    blend: float
    evidence: Evidence
    patchwork: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one face.

    Attributes:
        decision: What happens.
        blend: Share of HQ's change that is delivered: 1 for ACCEPT, 0 where nothing was changed.
        reasons: Why, most important first.
        policy: Name of the policy that decided.
        evidence: The measurements, None for FAILED and NOT_ASSESSABLE.
        mixture: Name of the blend ("pixel 0.45", "detail 0.75 finer than 8 px"), None without one.
        guarded: Evidence of that mixture, None without one.
        proposed: What the thresholds say where the policy only observes, else None.
        detail: What the restorer said when it failed, for the log.
        tried: Every mixture that was measured, in the order of the search; None where none was.
    """

    decision: Decision
    blend: float
    reasons: tuple[Reason, ...]
    policy: str
    evidence: Evidence | None = None
    mixture: str | None = None
    guarded: Evidence | None = None
    proposed: Decision | None = None
    detail: str | None = None
    tried: tuple[TriedMixture, ...] | None = None

    def __post_init__(self) -> None:
        low, high = {Decision.ACCEPT: (1.0, 1.0), Decision.BLEND: (LEAST_BLEND, 1.0)}.get(
            self.decision, (0.0, 0.0)
        )
        if not low <= self.blend <= high:
            raise InvalidInput(
                f"expected blend in {low}..{high} for {self.decision.value}, got {self.blend}"
            )
        if not self.reasons:
            raise InvalidInput("expected at least one reason, got none")

    @property
    def sentence(self) -> str:
        """The verdict in one sentence, English."""
        return self.sentence_in(load_phrases())

    def sentence_in(self, phrases: Phrasebook) -> str:
        """The verdict in one sentence of a language."""
        reasons = "; ".join(phrases.reason[reason.value].words for reason in self.reasons)
        decision = self.decision.value
        if self.proposed is not None:
            decision = phrases.say("observed", decision=decision, proposed=self.proposed.value)
        if self.mixture is None:
            return phrases.say("sentence", decision=decision, reasons=reasons)
        return phrases.say(
            "sentence_mixture", decision=decision, mixture=self.mixture, reasons=reasons
        )
