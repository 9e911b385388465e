"""The verdict on one restoration: decision, reasons, and every number behind it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..core.errors import InvalidInput
from ..core.scores import QualityScores

__all__ = ["Decision", "Evidence", "IdentityState", "Reason", "Verdict"]


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
    """Why a verdict is what it is; `REASON_TEXT` has the words."""

    QUALITY_GAINED = "QUALITY_GAINED"
    IDENTITY_KEPT = "IDENTITY_KEPT"
    NO_QUALITY_GAIN = "NO_QUALITY_GAIN"
    IDENTITY_RISK = "IDENTITY_RISK"
    FIDELITY_FELL = "FIDELITY_FELL"
    UNSUPPORTED_DETAIL = "UNSUPPORTED_DETAIL"
    INCONSISTENT_WITH_SOURCE = "INCONSISTENT_WITH_SOURCE"
    LANDMARKS_MOVED = "LANDMARKS_MOVED"
    BLEND_WITHIN_RISK = "BLEND_WITHIN_RISK"
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
        return _REASON_TEXT[self]


_REASON_TEXT = {
    Reason.QUALITY_GAINED: "visual quality rose",
    Reason.IDENTITY_KEPT: "the person is still recognisable as the same",
    Reason.NO_QUALITY_GAIN: "visual quality did not rise enough to be worth a change",
    Reason.IDENTITY_RISK: "the person may have been lost",
    Reason.FIDELITY_FELL: "fidelity given the source lies too far below the input's",
    Reason.UNSUPPORTED_DETAIL: "the input carries no identity; sharp detail would be invented",
    Reason.INCONSISTENT_WITH_SOURCE: "the result contradicts what the camera measured",
    Reason.LANDMARKS_MOVED: "eyes or nose moved",
    Reason.BLEND_WITHIN_RISK: "a mixture keeps the person within the policy's limit",
    Reason.NO_BLEND_WITHIN_RISK: "no mixture passes either",
    Reason.OBSERVE_ONLY: "the policy only observes; the picture was not changed",
    Reason.RESTORER_RAISED: "the restorer failed",
    Reason.RESTORER_TIMED_OUT: "the restorer did not finish in time",
    Reason.RESTORER_OUTPUT_INVALID: "the restorer returned something that is not a restored face",
    Reason.RESTORER_DID_NOTHING: "the restorer returned its input",
    Reason.FACE_TOO_SMALL: "the face is smaller than the minimum that was asked for",
    Reason.FACE_WITHOUT_CONTENT: "the face region is blank or mostly outside the picture",
}


_EVIDENCE_RANGES: Final = {
    "cosine_similarity": (-1.0, 1.0),
    "fidelity_given_source": (0.0, 100.0),
    "source_identifiable": (0.0, 1.0),
    "consistency": (0.0, 1.0),
    "landmark_shift": (0.0, sys.float_info.max),
    "identity_risk": (0.0, 1.0),
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

    def __post_init__(self) -> None:
        # A number that is not one would pass every comparison of a rule.
        for name, (low, high) in _EVIDENCE_RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidInput(f"expected {name} in {low:g}..{high:g}, got {value!r}")

    @property
    def overall_gain(self) -> float:
        """Overall of HQ minus overall of LQ."""
        return self.hq_scores.overall - self.lq_scores.overall

    @property
    def identity_state(self) -> IdentityState:
        """Kept, lost or never there, by the likelier side of each probability."""
        if self.source_identifiable < 0.5:
            return IdentityState.NEVER_THERE
        return IdentityState.LOST if self.identity_risk > 0.5 else IdentityState.KEPT


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

    def __post_init__(self) -> None:
        low, high = {Decision.ACCEPT: (1.0, 1.0), Decision.BLEND: (1e-6, 1.0)}.get(
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
        """The verdict in one sentence."""
        words = "; ".join(reason.text for reason in self.reasons)
        mixture = f" ({self.mixture})" if self.mixture else ""
        decision = self.decision.value
        if self.proposed is not None:
            decision = f"{decision} (would be {self.proposed.value})"
        return f"{decision}{mixture}: {words}"
