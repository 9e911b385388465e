"""Parts for the judge's tests: fakes that measure as they are told, and a judge made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.protocols import Restoration
from facefidelity.core.scores import QualityScores
from facefidelity.guards.blending import FacePair, blends_of
from facefidelity.guards.consistency import CameraView
from facefidelity.guards.drift import measure_drift
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.policy import load_policy
from facefidelity.guards.regions import region_masks
from facefidelity.guards.risk import LinearModel, RiskModel

EYES = np.array([[20.0, 30], [26, 30], [36, 30], [42, 30], [31, 42]])
LQ = np.full((64, 64, 3), 100, np.uint8)
HQ = np.full((64, 64, 3), 120, np.uint8)
"""As flat pictures their brightness says how much of each a mixture holds: 100 LQ, 120 HQ."""


def measure_share(face: np.ndarray) -> float:
    return (float(face.mean()) - 100) / 20


@dataclass
class FakeAssessor:
    """Overall by the share of HQ; counts its calls."""

    overall: object = lambda share: 40 + 30 * share
    fidelity: object = lambda share: 70.0
    batches: list[int] = field(default_factory=list)
    name: str = "fake-assessor"

    def score(self, face):
        return self.score_batch([face])[0]

    def score_batch(self, faces):
        self.batches.append(len(faces))
        shares = [measure_share(face) for face in faces]
        return [
            QualityScores(50, 50, 50, 50, self.fidelity(share), self.overall(share))
            for share in shares
        ]

    def score_restored(self, faces, sources):
        return self.score_batch(faces), [70.0 for _ in sources]


@dataclass
class FakeEmbedder:
    """Cosine similarity to LQ by the share of HQ."""

    cosine: object = lambda share: 0.9
    name: str = "fake-embedder"
    calibration = SimilarityCalibration("fake-embedder", 10, -5, 0.6, 0.1, 10, "made up")

    def embed(self, face):
        cosine = 1.0 if face.mean() == 100 else self.cosine(measure_share(face))
        return Embedding(np.array([cosine, np.sqrt(1 - cosine**2)], np.float32), self.name)

    def embed_batch(self, faces):
        return [self.embed(face) for face in faces]


@dataclass
class FakeLocator:
    """Moves the landmarks by the share of HQ, in inter-ocular distances."""

    shift: object = lambda share: 0.0

    def locate(self, face):
        return EYES + np.array([self.shift(measure_share(face)) * 16, 0])


def make_risk_model(**changed) -> RiskModel:
    """Risk 0.5 at cosine 0.5, steep; fidelity given the source is 100 x cosine."""
    parts = {
        "embedder": "fake-embedder",
        "assessor": "fake-assessor",
        "risk": LinearModel(20.0, {"cosine_similarity": -40.0}),
        "source": LinearModel(-20.0, {"lq_fidelity": 0.5}),
        "fidelity": LinearModel(0.0, {"cosine_similarity": 100.0}),
    }
    return RiskModel(**(parts | changed))


def make_judge(**changed) -> FaceJudge:
    parts = {
        "assessor": FakeAssessor(),
        "embedder": FakeEmbedder(),
        "locator": FakeLocator(),
        "risk_model": make_risk_model(),
    }
    return FaceJudge(**(parts | changed))


def judge_pair(judge: FaceJudge, policy: str = "balanced", hq: np.ndarray = HQ):
    return judge.judge(Restoration(LQ, hq, "fake"), load_policy(policy))


@pytest.fixture(scope="session")
def lq() -> np.ndarray:
    return LQ


@pytest.fixture(scope="session")
def hq() -> np.ndarray:
    return HQ


@pytest.fixture(scope="session")
def share_of_hq() -> Callable[[np.ndarray], float]:
    return measure_share


@pytest.fixture(scope="session")
def assessor_of() -> type[FakeAssessor]:
    return FakeAssessor


@pytest.fixture(scope="session")
def embedder_of() -> type[FakeEmbedder]:
    return FakeEmbedder


@pytest.fixture(scope="session")
def locator_of() -> type[FakeLocator]:
    return FakeLocator


@pytest.fixture(scope="session")
def risk_model() -> Callable[..., RiskModel]:
    return make_risk_model


@pytest.fixture(scope="session")
def judge_of() -> Callable[..., FaceJudge]:
    return make_judge


@pytest.fixture(scope="session")
def mixtures() -> dict[str, np.ndarray]:
    """Every mixture of LQ and HQ that is searched, by name and in the order of the search."""
    view, masks = CameraView(LQ), region_masks(EYES, LQ.shape[0], 64)
    found = view.compare(HQ)
    pair = FacePair(LQ, HQ, view, found, measure_drift(view, found, masks).regions, masks)
    return {blend.name: blend.pixels for blend in blends_of(pair)}


@pytest.fixture(scope="session")
def judged() -> Callable:
    """Judge the pair of LQ and HQ, or of LQ and another restoration."""
    return judge_pair
