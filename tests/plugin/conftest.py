"""Parts for the plugin's tests: a quick restorer, a judge that says what it is told, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.images import write_picture
from facefidelity.core.scores import QualityScores
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.risk import LinearModel, RiskModel

EYES = np.array([[170.0, 242], [220, 246], [292, 246], [341, 242], [256, 335]])


class BrightnessAssessor:
    """Overall is mean brightness: a brighter face is a better face."""

    name = "brightness"

    def score(self, face: np.ndarray) -> QualityScores:
        return self.score_batch([face])[0]

    def score_batch(self, faces: list[np.ndarray]) -> list[QualityScores]:
        return [QualityScores(90, 90, 90, 90, 90, float(face.mean()) / 2.56) for face in faces]

    def score_restored(
        self, faces: list[np.ndarray], sources: list[np.ndarray]
    ) -> tuple[list[QualityScores], list[float]]:
        return self.score_batch(faces), [90.0 for _ in sources]


class FixedEmbedder:
    """Every face is the same person unless its top left pixel is pure red."""

    name = "fixed"
    calibration = SimilarityCalibration("fixed", 10, -5, 1.0, 0.0, 2, "made up")

    def embed(self, face: np.ndarray) -> Embedding:
        stranger = tuple(face[0, 0]) == (255, 0, 0)
        return Embedding(np.array([not stranger, stranger], np.float32), self.name)

    def embed_batch(self, faces: list[np.ndarray]) -> list[Embedding]:
        return [self.embed(face) for face in faces]


class FixedLocator:
    def locate(self, face: np.ndarray) -> np.ndarray:
        return EYES


@pytest.fixture
def fake_judge() -> FaceJudge:
    """A judge whose risk is 1 for a stranger and 0 for the same person."""
    risk = RiskModel(
        embedder="fixed",
        assessor="brightness",
        risk=LinearModel(20.0, {"cosine_similarity": -40.0}),
        source=LinearModel(20.0, {}),
        fidelity=LinearModel(90.0, {}),
    )
    return FaceJudge(BrightnessAssessor(), FixedEmbedder(), FixedLocator(), risk)


def brighten(face: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(face, alpha=1.0, beta=40)


@pytest.fixture
def put_picture(tmp_path: Path) -> Callable[[str, np.ndarray], Path]:
    """Write a PNG below tmp_path and return its path."""

    def put(name: str, pixels: np.ndarray) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, pixels)
        return path

    return put
