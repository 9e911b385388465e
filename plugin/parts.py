"""Builds the embedded default parts, once a process: assessor, embedder, detector, risk model."""

from __future__ import annotations

from functools import lru_cache, partial

from ..assessor.runtime import Assessor
from ..core.faces import DlibDetector
from ..guards.identity import DegradedFaceEmbedder, DlibEmbedder
from ..guards.judgement import FaceJudge
from ..guards.risk import load_risk_model

__all__ = ["default_assessor", "default_detector", "default_judge"]


@lru_cache(maxsize=4)
def default_assessor(threads: int = 0) -> Assessor:
    """The shipped assessor."""
    return Assessor(threads=threads)


@lru_cache(maxsize=1)
def default_detector() -> DlibDetector:
    """Build dlib's detector, looking for faces of at least 32 px."""
    return DlibDetector()


@lru_cache(maxsize=4)
def default_judge(threads: int = 0) -> FaceJudge:
    """The embedded judge: shipped assessor, dlib's embedder, shipped risk model.

    Enrolled pictures are compared by dlib's network as it was taught on degraded faces.
    """
    return FaceJudge(
        assessor=default_assessor(threads),
        embedder=DlibEmbedder(threads=threads),
        locator=default_detector(),
        risk_model=load_risk_model(),
        open_reference_embedder=partial(DegradedFaceEmbedder, threads),
    )
