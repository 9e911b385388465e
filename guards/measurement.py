"""Puts together everything measured on LQ, once, and on each candidate, once.

The networks are run by the judge, in batches; what needs no network is measured here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.embedding import Embedding, SimilarityCalibration
from ..core.protocols import RGBImage
from ..core.scores import QualityScores
from .consistency import MAP_SIDE_PX, CameraView, Consistency
from .drift import Drift, measure_drift
from .findings import ReferenceMatch
from .geometry import HeadPose, head_pose, landmark_shift
from .references import ReferenceSet
from .regions import Masks, region_masks
from .risk import RiskModel
from .verdict import Evidence

__all__ = [
    "Gathered",
    "MeasuredCandidate",
    "MeasuredSource",
    "features_of",
    "gather_evidence",
]

_LEAST_DISSIMILARITY: Final = 1e-4
"""Embeddings of one face in two encodings differ by more."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSource:
    """What is measured on LQ once, however many candidates are judged against it.

    Attributes:
        scores: Its six scores.
        embedding: Its identity.
        landmarks: (5, 2) dlib points in px of the face.
        pose: The pose that they show.
        view: What the camera measured.
        masks: (7, 64, 64) region masks.
        references: Enrolled pictures that are said to show this person, None without.
        reference_embedding: LQ as it is compared with them, None where it was not yet.
    """

    scores: QualityScores
    embedding: Embedding
    landmarks: Points
    pose: HeadPose
    view: CameraView
    masks: Masks
    references: ReferenceSet | None = None
    reference_embedding: Embedding | None = None

    @classmethod
    def of(
        cls, lq: RGBImage, scores: QualityScores, embedding: Embedding, landmarks: Points
    ) -> MeasuredSource:
        """Add to what the networks found of LQ, (S, S, 3) uint8 RGB, what needs none.

        Raises:
            InvalidInput: If LQ is not square, or the landmarks are none.
        """
        masks = region_masks(landmarks, lq.shape[0], MAP_SIDE_PX)
        view = CameraView(lq)
        return cls(scores, embedding, landmarks, head_pose(landmarks), view, masks)


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredCandidate:
    """What the networks and the locator found of one candidate.

    Attributes:
        scores: Its six scores.
        supported_fidelity: Fidelity that LQ supports, 0..100.
        embedding: Its identity.
        landmarks: (5, 2) dlib points in px of the face.
        reference_embedding: As it is compared with enrolled pictures, None without any.
    """

    scores: QualityScores
    supported_fidelity: float
    embedding: Embedding
    landmarks: Points
    reference_embedding: Embedding | None = None


class Gathered(NamedTuple):
    """The evidence on one candidate, and what its numbers were taken from.

    Attributes:
        evidence: The numbers.
        drift: How far each region departs, and where that is in the face.
        found: The comparison with what the camera measured.
    """

    evidence: Evidence
    drift: Drift
    found: Consistency


def gather_evidence(
    source: MeasuredSource,
    pixels: RGBImage,
    measured: MeasuredCandidate,
    calibration: SimilarityCalibration,
    risk_model: RiskModel,
) -> Gathered:
    """Turn measurements into the evidence on one candidate.

    Args:
        source: LQ.
        pixels: (S, S, 3) uint8 RGB, the candidate.
        measured: What the networks found of it.
        calibration: Of the embedder.
        risk_model: Fitted on that embedder and assessor.

    Raises:
        EmbedderMismatch: If the references were embedded by another embedder.
    """
    scores = measured.scores
    found = source.view.compare(pixels)
    drift = measure_drift(source.view, found, source.masks)
    pose = head_pose(measured.landmarks)
    features = risk_model.complete(features_of(source, measured, found, drift))
    similarity = features["cosine_similarity"]
    risk, drop = risk_model.identity_risk(features), risk_model.drop_risk(features)
    identifiable = risk_model.source_identifiable(features)
    evidence = Evidence(
        lq_scores=source.scores,
        hq_scores=scores,
        cosine_similarity=similarity,
        embedder=source.embedding.embedder,
        probability_same=calibration.probability_same(similarity),
        fidelity_given_source=risk_model.fidelity_given_source(features),
        source_identifiable=identifiable,
        consistency=found.score,
        landmark_shift=features["landmark_shift"],
        identity_risk=risk,
        drop_risk=drop,
        predicted_loss=risk_model.predicted_loss(risk, drop, identifiable),
        attributions=risk_model.attributions(features),
        region_drift=drift.regions,
        region_colour_drift=drift.colours,
        roll_change_degrees=source.pose.roll_change(pose),
        yaw_change=source.pose.yaw_change(pose),
        references=_match(source, measured),
    )
    return Gathered(evidence, drift, found)


def _match(source: MeasuredSource, measured: MeasuredCandidate) -> ReferenceMatch | None:
    lq, hq = source.reference_embedding, measured.reference_embedding
    if source.references is None or lq is None or hq is None:
        return None
    return source.references.match(lq, hq)


def features_of(
    source: MeasuredSource, measured: MeasuredCandidate, found: Consistency, drift: Drift
) -> dict[str, float]:
    """The numbers that the risk model reads, by name; `lq_` and `hq_` stand before the six heads.

    Args:
        source: LQ.
        measured: What the networks found of the candidate.
        found: Its comparison with what the camera measured.
        drift: How far its regions depart.
    """
    lq, hq = source.scores, measured.scores
    similarity = source.embedding.cosine_similarity(measured.embedding)
    log_dissimilarity = math.log(max(1.0 - similarity, _LEAST_DISSIMILARITY))
    shown = lq.fidelity / 100.0
    return {
        "cosine_similarity": similarity,
        "log_dissimilarity": log_dissimilarity,
        # The same fall of similarity takes more of a person whom LQ shows clearly.
        "weighted_dissimilarity": (1.0 - similarity) * shown,
        "weighted_log_dissimilarity": log_dissimilarity * shown,
        "consistency": found.score,
        "landmark_shift": landmark_shift(source.landmarks, measured.landmarks),
        "overall_gain": hq.overall - lq.overall,
        "supported_fidelity": measured.supported_fidelity,
        "unsupported_fidelity": lq.fidelity - measured.supported_fidelity,
        "largest_drift": max(drift.regions.values()),
        **{f"lq_{name}": value for name, value in lq.as_dict().items()},
        **{f"hq_{name}": value for name, value in hq.as_dict().items()},
    }
