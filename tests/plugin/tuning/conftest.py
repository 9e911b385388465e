"""Made-up measurements, a restorer with a known optimum, and degraded frames of the astronaut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.core.faces import AlignedFace
from facefidelity.core.images import write_picture
from facefidelity.core.scores import QualityScores
from facefidelity.guards.verdict import Evidence
from facefidelity.plugin.tuning.measuring import Examined
from facefidelity.plugin.tuning.truth import Look


def make_examined(
    gain: float = 10.0,
    risk: float = 0.05,
    *,
    lost: bool = False,
    seconds: float = 0.1,
    loss: float | None = None,
) -> Examined:
    """One face whose restoration gains so much, at this risk; `loss` is the risk unless said."""
    evidence = Evidence(
        lq_scores=QualityScores(40, 40, 40, 40, 40, 40),
        hq_scores=QualityScores(60, 60, 60, 60, 60, 40 + gain),
        cosine_similarity=0.9,
        embedder="",
        probability_same=None,
        fidelity_given_source=40,
        source_identifiable=1.0,
        consistency=0.9,
        landmark_shift=0.01,
        identity_risk=risk,
        predicted_loss=risk if loss is None else loss,
    )
    kept = Look(40.0, True, 3.0, True)
    after = Look(40.0 + gain, not lost, 1.5 if lost else 3.0, True)
    return Examined(seconds, evidence, (), kept, {"ACCEPT": after})


@pytest.fixture
def examined() -> Callable[..., Examined]:
    return make_examined


def degrade(face: np.ndarray, count: int, seed: int = 0) -> list[np.ndarray]:
    """The same face as one camera takes it near and far."""
    rng = np.random.default_rng(seed)
    return [
        VirtualCamera(
            face_px=float(np.geomspace(110, 45, count)[index]),
            defocus_px=float(rng.uniform(0, 0.6)),
            noise=(("sensor", float(rng.uniform(1, 6))),),
            quality=(int(rng.integers(55, 90)),),
        ).capture(face, rng)
        for index in range(count)
    ]


@pytest.fixture(scope="session")
def astronaut_frames(astronaut_face: AlignedFace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six aligned frames of one person."""
    folder = tmp_path_factory.mktemp("frames")
    for index, shot in enumerate(degrade(astronaut_face.pixels, 6)):
        write_picture(folder / f"frame{index}.png", shot)
    return folder
