"""Judges one aligned pair: gathers evidence, decides, and searches a blend where HQ fails.

This module sees the assessor, the embedder and the landmark locator only through protocols of
`core`. It decides; it neither restores nor pastes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core.embedding import Embedding
from ..core.errors import EmbedderMismatch, InvalidInput, UnsupportedWeights
from ..core.faces import LandmarkLocator
from ..core.protocols import Embedder, QualityAssessor, Restoration, RGBImage
from ..core.scores import QualityScores
from .blending import MIXTURES, Mixture, delivered_share, mix
from .consistency import measure_consistency
from .geometry import landmark_shift
from .policy import Policy
from .risk import RiskModel
from .rules import accept_faults
from .verdict import Decision, Evidence, IdentityState, Reason, Verdict

__all__ = ["FaceJudge", "Judgement"]


_STATE_REASON: Final = {
    IdentityState.KEPT: Reason.IDENTITY_KEPT,
    IdentityState.LOST: Reason.IDENTITY_RISK,
    IdentityState.NEVER_THERE: Reason.UNSUPPORTED_DETAIL,
}


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A verdict and the face that it delivers.

    Attributes:
        verdict: The decision and its evidence.
        pixels: (S, S, 3) uint8 RGB: HQ, a mixture, or LQ itself.
    """

    verdict: Verdict
    pixels: RGBImage


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """What is measured on LQ once, however many candidates are judged against it."""

    scores: QualityScores
    embedding: Embedding
    landmarks: npt.NDArray[np.float64]


class FaceJudge:
    """Turns a restoration into a verdict.

    Args:
        assessor: Predicts the six scores.
        embedder: Measures identity.
        locator: Finds five landmarks in an aligned face.
        risk_model: Fitted on that assessor and that embedder.

    Raises:
        EmbedderMismatch: If the risk model was fitted on another embedder.
        UnsupportedWeights: If it was fitted on another assessor.
    """

    def __init__(
        self,
        assessor: QualityAssessor,
        embedder: Embedder,
        locator: LandmarkLocator,
        risk_model: RiskModel,
    ) -> None:
        if risk_model.embedder != embedder.name:
            raise EmbedderMismatch(
                f"expected embedder {risk_model.embedder}, on which the risk model was fitted, "
                f"got {embedder.name}; fit one with benchmarks/fit_risk.py"
            )
        if risk_model.assessor != assessor.name:
            raise UnsupportedWeights(
                f"expected assessor {risk_model.assessor}, on which the risk model was fitted, "
                f"got {assessor.name}; fit one with benchmarks/fit_risk.py"
            )
        self.assessor = assessor
        self.embedder = embedder
        self.locator = locator
        self.risk_model = risk_model

    def judge(self, restoration: Restoration, policy: Policy) -> Judgement:
        """Judge one restoration under one policy.

        Args:
            restoration: LQ and HQ of one shape in the FFHQ frame.
            policy: Whose thresholds apply.

        Returns:
            The verdict and the face to deliver; LQ's own pixels unless ACCEPT or BLEND.

        Raises:
            InvalidInput: If the two faces differ in shape.
        """
        lq, hq = restoration.lq, restoration.hq
        if lq.shape != hq.shape:
            raise InvalidInput(f"expected LQ and HQ of one shape, got {lq.shape} and {hq.shape}")
        lq_scores, hq_scores = self.assessor.score_batch([lq, hq])
        lq_embedding, hq_embedding = self.embedder.embed_batch([lq, hq])
        source = _Source(lq_scores, lq_embedding, self.locator.locate(lq))
        evidence = self._evidence(source, lq, hq, hq_scores, hq_embedding)
        faults = accept_faults(evidence, policy)
        if faults:
            decided = self._blend(source, lq, hq, evidence, faults, policy)
        else:
            verdict = _verdict(Decision.ACCEPT, 1.0, _merits(evidence), policy, evidence)
            decided = Judgement(verdict, hq)
        return decided if policy.changes_pixels else _observed(decided, lq)

    def _evidence(
        self,
        source: _Source,
        lq: RGBImage,
        candidate: RGBImage,
        scores: QualityScores,
        embedding: Embedding,
    ) -> Evidence:
        similarity = source.embedding.cosine_similarity(embedding)
        consistency = measure_consistency(lq, candidate)
        shift = landmark_shift(source.landmarks, self.locator.locate(candidate))
        features = {
            "cosine_similarity": similarity,
            "consistency": consistency,
            "landmark_shift": shift,
            "overall_gain": scores.overall - source.scores.overall,
            **{f"lq_{name}": value for name, value in source.scores.as_dict().items()},
            **{f"hq_{name}": value for name, value in scores.as_dict().items()},
        }
        return Evidence(
            lq_scores=source.scores,
            hq_scores=scores,
            cosine_similarity=similarity,
            embedder=self.embedder.name,
            probability_same=self.embedder.calibration.probability_same(similarity),
            fidelity_given_source=self.risk_model.fidelity_given_source(features),
            source_identifiable=self.risk_model.source_identifiable(features),
            consistency=consistency,
            landmark_shift=shift,
            identity_risk=self.risk_model.identity_risk(features),
        )

    def _blend(
        self,
        source: _Source,
        lq: RGBImage,
        hq: RGBImage,
        evidence: Evidence,
        faults: tuple[Reason, ...],
        policy: Policy,
    ) -> Judgement:
        """Search the mixtures in one batch; the best overall within the policy wins."""
        if Reason.UNSUPPORTED_DETAIL in faults:
            return Judgement(_verdict(Decision.REJECT, 0.0, faults, policy, evidence), lq)
        best = self._best_mixture(source, lq, hq, policy)
        if best is None:
            reasons = (*faults, Reason.NO_BLEND_WITHIN_RISK)
            return Judgement(_verdict(Decision.REJECT, 0.0, reasons, policy, evidence), lq)
        mixture, pixels, found = best
        verdict = Verdict(
            decision=Decision.BLEND,
            blend=delivered_share(lq, hq, pixels),
            reasons=(Reason.BLEND_WITHIN_RISK, *faults),
            policy=policy.name,
            evidence=evidence,
            mixture=mixture.name,
            guarded=found,
        )
        return Judgement(verdict, pixels)

    def _best_mixture(
        self, source: _Source, lq: RGBImage, hq: RGBImage, policy: Policy
    ) -> tuple[Mixture, RGBImage, Evidence] | None:
        candidates: Sequence[RGBImage] = [mix(lq, hq, mixture) for mixture in MIXTURES]
        scores = self.assessor.score_batch(candidates)
        embeddings = self.embedder.embed_batch(candidates)
        passing = []
        for mixture, pixels, score, embedding in zip(
            MIXTURES, candidates, scores, embeddings, strict=True
        ):
            found = self._evidence(source, lq, pixels, score, embedding)
            if not accept_faults(found, policy):
                passing.append((score.overall, mixture, pixels, found))
        if not passing:
            return None
        return max(passing, key=lambda entry: entry[0])[1:]


def _observed(decided: Judgement, lq: RGBImage) -> Judgement:
    """The same findings, with nothing changed; what would have been done is kept beside them."""
    verdict = replace(
        decided.verdict,
        decision=Decision.REJECT,
        blend=0.0,
        reasons=(Reason.OBSERVE_ONLY, *decided.verdict.reasons),
        proposed=decided.verdict.decision,
    )
    return Judgement(verdict, lq)


def _merits(evidence: Evidence) -> tuple[Reason, ...]:
    """Why a face without faults may be delivered, and what became of the person all the same."""
    return (Reason.QUALITY_GAINED, _STATE_REASON[evidence.identity_state])


def _verdict(
    decision: Decision,
    blend: float,
    reasons: tuple[Reason, ...],
    policy: Policy,
    evidence: Evidence,
) -> Verdict:
    return Verdict(decision, blend, reasons, policy.name, evidence)
