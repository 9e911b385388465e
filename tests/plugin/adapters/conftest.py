"""Guards that are made to accept or to refuse, a picture of two colours, and stand-in hosts."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from facefidelity.core.embedding import Embedding, SimilarityCalibration
from facefidelity.core.faces import DetectedFace, LandmarkScheme
from facefidelity.core.faces.alignment import TEMPLATES
from facefidelity.core.protocols import RestorerInfo
from facefidelity.core.scores import QualityScores
from facefidelity.guards.judgement import FaceJudge
from facefidelity.guards.policy import Policy
from facefidelity.guards.risk import LinearModel, RiskModel
from facefidelity.plugin.pipeline import Guard
from facefidelity.restorers.settings import NoSettings

PLACE = (70.0, 50.0)
"""Where the aligned card lies in the whole picture, at half its size."""

GuardMaker = Callable[..., Guard]


class ConstantAssessor:
    name = "constant"

    def score(self, face: np.ndarray) -> QualityScores:
        return QualityScores(50, 50, 50, 50, 50, 50)

    def score_batch(self, faces: list[np.ndarray]) -> list[QualityScores]:
        return [self.score(face) for face in faces]

    def score_restored(self, faces: Any, sources: Any) -> tuple[list[QualityScores], list[float]]:
        return self.score_batch(faces), [50.0 for _ in sources]


class ConstantEmbedder:
    name = "constant"
    calibration = SimilarityCalibration("constant", 10, -5, 1.0, 0.0, 2, "made up")

    def embed(self, face: np.ndarray) -> Embedding:
        return Embedding(np.array([1.0, 0.0], np.float32), self.name)

    def embed_batch(self, faces: list[np.ndarray]) -> list[Embedding]:
        return [self.embed(face) for face in faces]


class ConstantLocator:
    def locate(self, face: np.ndarray) -> np.ndarray:
        return TEMPLATES[LandmarkScheme.DLIB5]


class OneFaceDetector:
    """Finds the card where `whole_card` puts it."""

    name = "one face"

    def detect(self, image: np.ndarray) -> list[DetectedFace]:
        landmarks = TEMPLATES[LandmarkScheme.FFHQ5] * 0.5 + PLACE
        x, y = PLACE
        return [
            DetectedFace((x + 50, y + 60, x + 206, y + 230), landmarks, LandmarkScheme.FFHQ5, 1)
        ]


def policy_of(name: str, **changes: Any) -> Policy:
    """Lets everything pass; the changes say what not."""
    permissive = {
        "max_identity_risk": 1.0,
        "min_overall_gain": 0.0,
        "max_fidelity_loss": 100.0,
        "min_consistency": 0.0,
        "max_landmark_shift": 1e6,
        "min_source_identifiable": 0.0,
        "max_reference_drop": 1.0,
        "changes_pixels": True,
    }
    return Policy(name=name, summary="for tests", **{**permissive, **changes})


ACCEPTING = policy_of("accept everything")
REFUSING = policy_of("refuse everything", min_overall_gain=100.0)


def brighten(face: np.ndarray) -> np.ndarray:
    """What every stand-in restorer does: 40 levels more of each colour."""
    return cv2.convertScaleAbs(face, alpha=1.0, beta=40)


class BrighteningRestorer:
    info = RestorerInfo("brighten", "test", 0, NoSettings, "none", "yes", "a test")

    def __init__(self, call: Callable[[np.ndarray], Any] = brighten) -> None:
        self._call = call

    def restore(self, face: np.ndarray, settings: Any) -> Any:
        return self._call(face)


@pytest.fixture(scope="session")
def guard_of() -> GuardMaker:
    """Makes a guard with an obedient judge; without a policy it accepts everything."""
    risk = RiskModel(
        embedder="constant",
        assessor="constant",
        risk=LinearModel(-20.0, {}),
        source=LinearModel(20.0, {}),
        fidelity=LinearModel(50.0, {}),
    )
    judge = FaceJudge(ConstantAssessor(), ConstantEmbedder(), ConstantLocator(), risk)

    def make(policy: Policy = ACCEPTING, restorer: Any = None, **options: Any) -> Guard:
        return Guard(
            restorer or BrighteningRestorer(),
            judge=judge,
            policy=policy,
            detector=options.pop("detector", OneFaceDetector()),
            **options,
        )

    return make


@pytest.fixture(scope="session")
def card() -> np.ndarray:
    """(512, 512, 3) uint8 RGB, read-only: left half red, right half blue, a little texture."""
    picture = np.full((512, 512, 3), 20, np.uint8)
    picture[:, :256, 0] = 180
    picture[:, 256:, 2] = 180
    picture[::8, ::8, 1] += 30
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def whole_card(card: np.ndarray) -> np.ndarray:
    """(400, 480, 3) uint8 RGB, read-only: the card at half its size on grey."""
    picture = np.full((400, 480, 3), 90, np.uint8)
    x, y = (int(value) for value in PLACE)
    half = cv2.resize(card, (256, 256), interpolation=cv2.INTER_AREA)
    picture[y : y + 256, x : x + 256] = half
    picture.setflags(write=False)
    return picture


def network_of(torch: Any, failure: Exception | None = None) -> Any:
    """A torch network with the call of GFPGANv1Clean that brightens by 40 levels."""

    class Brightening(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[dict[str, Any]] = []

        def forward(self, x: Any, return_rgb: bool = True, randomize_noise: bool = True, **k: Any):
            self.calls.append({"randomize_noise": randomize_noise, **k})
            if failure is not None:
                raise failure
            noise = torch.randn_like(x) if randomize_noise else 0
            return (x + 80 / 255 + noise).clamp(-1, 1), []

    return Brightening().eval()


@pytest.fixture(scope="session")
def accepting() -> Policy:
    """Accepts everything."""
    return ACCEPTING


@pytest.fixture(scope="session")
def refusing() -> Policy:
    """Refuses everything."""
    return REFUSING


@pytest.fixture(scope="session")
def make_restorer() -> Callable[..., Any]:
    """Makes a restorer of a callable; it brightens by default."""
    return BrighteningRestorer


@pytest.fixture(scope="session")
def make_network() -> Callable[..., Any]:
    """Makes a torch network that brightens, or fails."""
    torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")
    return lambda failure=None: network_of(torch, failure)


@pytest.fixture
def stub_weights(monkeypatch: pytest.MonkeyPatch, make_network: Callable[..., Any]) -> Any:
    """Every checkpoint of gfpgan is the network that brightens."""
    network = make_network()
    monkeypatch.setattr("facefidelity.plugin.adapters.gfpgan.load_network", lambda *_: network)
    return network


@pytest.fixture
def face_helper(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes facexlib's own helper, its two networks replaced."""
    torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")
    from facefidelity.restorers.compat import prepare

    prepare()
    module = pytest.importorskip(
        "facexlib.utils.face_restoration_helper", reason="needs facexlib (extra: gfpgan)"
    )

    def detect_faces(image: Any, threshold: float) -> np.ndarray:
        (face,) = OneFaceDetector().detect(image)
        return np.array([[*face.box, 1.0, *face.landmarks.ravel()]])

    def parse(planes: Any) -> Any:
        skin = torch.zeros((1, 19, 512, 512))
        skin[:, 1, 100:480, 60:450] = 1
        return (skin,)

    detector = SimpleNamespace(detect_faces=detect_faces)
    monkeypatch.setattr(module, "init_detection_model", lambda *a, **k: detector)
    monkeypatch.setattr(module, "init_parsing_model", lambda *a, **k: parse)

    def make(upscale: float = 1, use_parse: bool = True) -> Any:
        return module.FaceRestoreHelper(upscale, use_parse=use_parse, device=torch.device("cpu"))

    return make
