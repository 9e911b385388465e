"""Judges one aligned pair: gathers evidence, decides, and searches a blend where HQ fails.

This module sees the assessor, the embedder and the landmark locator only through protocols of
`core`. It decides; it neither restores nor pastes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..core.embedding import Embedding
from ..core.errors import EmbedderMismatch, InvalidInput, UnsupportedWeights
from ..core.faces import LandmarkLocator
from ..core.protocols import Embedder, QualityAssessor, Restoration, RGBImage
from .blending import Blend, FacePair, blends_of, delivered_share
from .decision import decide
from .drift import EvidenceMaps
from .measurement import Gathered, MeasuredCandidate, MeasuredSource, gather_evidence
from .policy import Policy
from .risk import RiskModel
from .rules import best_mixture
from .verdict import Decision, TriedMixture, Verdict

__all__ = ["FaceJudge", "Judgement", "MeasuredSource"]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A verdict and the face that it delivers.

    Attributes:
        verdict: The decision and its evidence.
        pixels: (S, S, 3) uint8 RGB: HQ, a mixture, or LQ itself.
        maps: Where HQ departs from LQ, None where nothing was measured.
    """

    verdict: Verdict
    pixels: RGBImage
    maps: EvidenceMaps | None = None


class FaceJudge:
    """Turns a restoration into a verdict.

    Args:
        assessor: Predicts the six scores.
        embedder: Measures identity.
        locator: Finds five landmarks in an aligned face.
        risk_model: Fitted on that assessor and that embedder.
        open_reference_embedder: Opens, where it is needed, who compares faces with enrolled
            pictures; `embedder` does it by default.

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
        open_reference_embedder: Callable[[], Embedder] | None = None,
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
        self.open_reference_embedder = open_reference_embedder or (lambda: embedder)

    @cached_property
    def reference_embedder(self) -> Embedder:
        """Who compares faces with enrolled pictures."""
        return self.open_reference_embedder()

    def measure_source(self, lq: RGBImage) -> MeasuredSource:
        """Measure LQ alone, once, for several candidates; (S, S, 3) uint8 RGB."""
        (scores,) = self.assessor.score_batch([lq])
        (embedding,) = self.embedder.embed_batch([lq])
        return MeasuredSource.of(lq, scores, embedding, self.locator.locate(lq))

    def judge(
        self, restoration: Restoration, policy: Policy, source: MeasuredSource | None = None
    ) -> Judgement:
        """Judge one restoration under one policy.

        Args:
            restoration: LQ and HQ of one shape in the FFHQ frame.
            policy: Whose thresholds apply.
            source: What `measure_source` says of LQ; measured here where it is None.

        Returns:
            The verdict and the face to deliver; LQ's own pixels unless ACCEPT or BLEND.

        Raises:
            InvalidInput: If the two faces differ in shape.
        """
        lq, hq = restoration.lq, restoration.hq
        if lq.shape != hq.shape:
            raise InvalidInput(f"expected LQ and HQ of one shape, got {lq.shape} and {hq.shape}")
        source, measured = self._measure(lq, hq, source)
        gathered = self._evidence(source, hq, measured)
        verdict = decide(gathered.evidence, None, policy)
        if verdict is not None:
            changed = verdict.decision is Decision.ACCEPT
            return Judgement(verdict, hq if changed else lq, gathered.drift.maps)
        return self._blend(source, restoration, gathered, policy)

    def _measure(
        self, lq: RGBImage, hq: RGBImage, source: MeasuredSource | None
    ) -> tuple[MeasuredSource, MeasuredCandidate]:
        """Both faces in one batch, or HQ alone where LQ was measured before."""
        if source is not None:
            if source.references is not None and source.reference_embedding is None:
                (seen,) = self.reference_embedder.embed_batch([lq])
                source = replace(source, reference_embedding=seen)
            (scores,), (supported,) = self.assessor.score_restored([hq], [lq])
            (embedding,) = self.embedder.embed_batch([hq])
            landmarks = self.locator.locate(hq)
            (referred,) = self._referred(source, [hq])
            found = MeasuredCandidate(scores, supported, embedding, landmarks, referred)
            return source, found
        (lq_scores, scores), (_, supported) = self.assessor.score_restored([lq, hq], [lq, lq])
        lq_embedding, embedding = self.embedder.embed_batch([lq, hq])
        source = MeasuredSource.of(lq, lq_scores, lq_embedding, self.locator.locate(lq))
        landmarks = self.locator.locate(hq)
        return source, MeasuredCandidate(scores, supported, embedding, landmarks)

    def _referred(
        self, source: MeasuredSource, faces: Sequence[RGBImage]
    ) -> Sequence[Embedding | None]:
        """The faces as they are compared with enrolled pictures, None each without any."""
        if source.references is None:
            return [None] * len(faces)
        return self.reference_embedder.embed_batch(faces)

    def _evidence(
        self, source: MeasuredSource, pixels: RGBImage, measured: MeasuredCandidate
    ) -> Gathered:
        calibration = self.embedder.calibration
        return gather_evidence(source, pixels, measured, calibration, self.risk_model)

    def _blend(
        self,
        source: MeasuredSource,
        restoration: Restoration,
        gathered: Gathered,
        policy: Policy,
    ) -> Judgement:
        """Search the mixtures in one batch; the best overall within the policy wins."""
        blends = blends_of(_face_pair(source, restoration, gathered))
        tried = self._measure_blends(source, restoration, blends)
        verdict = decide(gathered.evidence, tried, policy)
        best = best_mixture(tried, policy) if verdict.decision is Decision.BLEND else None
        pixels = restoration.lq if best is None else blends[best].pixels
        return Judgement(verdict, pixels, gathered.drift.maps)

    def _measure_blends(
        self, source: MeasuredSource, restoration: Restoration, blends: Sequence[Blend]
    ) -> tuple[TriedMixture, ...]:
        lq, hq = restoration.lq, restoration.hq
        mixed = [blend.pixels for blend in blends]
        scores, supported = self.assessor.score_restored(mixed, [lq] * len(mixed))
        embeddings = self.embedder.embed_batch(mixed)
        landmarks = map(self.locator.locate, mixed)
        referred = self._referred(source, mixed)
        measured = map(MeasuredCandidate, scores, supported, embeddings, landmarks, referred)
        return tuple(
            TriedMixture(
                blend.name,
                delivered_share(lq, hq, blend.pixels),
                self._evidence(source, blend.pixels, numbers).evidence,
                blend.patchwork,
            )
            for blend, numbers in zip(blends, measured, strict=True)
        )


def _face_pair(source: MeasuredSource, restoration: Restoration, gathered: Gathered) -> FacePair:
    return FacePair(
        lq=restoration.lq,
        hq=restoration.hq,
        view=source.view,
        found=gathered.found,
        drift=gathered.drift.regions,
        masks=source.masks,
    )
