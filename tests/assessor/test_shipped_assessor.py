"""The shipped weights on a real face: every head answers to its own fault.

Golden scores: golden/shipped_scores.json. `python tests/assessor/test_shipped_assessor.py` writes
it when new weights are shipped, never to make a test pass.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from facefidelity.assessor.runtime import Assessor
from facefidelity.core.faces import DlibDetector, align_face

GOLDEN = Path(__file__).parent / "golden" / "shipped_scores.json"
GREY = (0.299, 0.587, 0.114)


def whole(image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def blurred(face: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(face, (0, 0), sigma)


def noisy(face: np.ndarray, sigma: float) -> np.ndarray:
    """Noise as a sensor has it: at 256 px, where the face is scored."""
    small = cv2.resize(face, (256, 256), interpolation=cv2.INTER_AREA)
    return whole(small + np.random.default_rng(0).normal(0, sigma, small.shape))


def saturated(face: np.ndarray, share: float) -> np.ndarray:
    centre = (face @ GREY)[..., None]
    return whole(centre + share * (face - centre))


def contrasted(face: np.ndarray, share: float) -> np.ndarray:
    return whole((face - face.mean()) * share + face.mean())


def compressed(face: np.ndarray, quality: int) -> np.ndarray:
    small = cv2.resize(face, (128, 128), interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def shrunk(face: np.ndarray, side: int) -> np.ndarray:
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (512, 512), interpolation=cv2.INTER_LINEAR)


FAULTS = {
    "blur": ("sharpness", blurred, (1, 4, 8, 14)),
    "noise": ("noise", noisy, (0, 6, 14, 30)),
    "desaturation": ("colorfulness", saturated, (1.0, 0.6, 0.3, 0.0)),
    # From 0.75 on: the first weights rate this portrait's hard studio light below a softer copy.
    "flatness": ("contrast", contrasted, (0.75, 0.5, 0.35, 0.2)),
    "jpeg": ("overall", compressed, (95, 40, 15, 5)),
    "small": ("overall", shrunk, (256, 96, 48, 24)),
    "blur to overall": ("overall", blurred, (1, 4, 8, 14)),
    "noise to overall": ("overall", noisy, (0, 6, 14, 30)),
    "small to fidelity": ("fidelity", shrunk, (256, 96, 48, 24)),
}
GOLDEN_FACES = {
    "as it is": lambda face: face,
    "blur 6": lambda face: blurred(face, 6),
    "noise 15": lambda face: noisy(face, 15),
    "grey": lambda face: saturated(face, 0),
    "48 px": lambda face: shrunk(face, 48),
    "jpeg 15": lambda face: compressed(face, 15),
}


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor(threads=1)


@pytest.mark.parametrize("fault", FAULTS)
def test_more_of_a_fault_lowers_its_head(assessor, astronaut_face, fault):
    head, degrade, strengths = FAULTS[fault]
    faces = [degrade(astronaut_face.pixels, strength) for strength in strengths]
    found = [getattr(scores, head) for scores in assessor.score_batch(faces)]
    # What the pseudo-MOS itself says: JPEG alone costs 11 points, every other fault 30 or more.
    assert found[0] > found[-1] + (4 if fault == "jpeg" else 15), found
    assert all(b <= a + 3 for a, b in pairwise(found)), found


def test_each_head_answers_to_its_own_fault_more_than_to_anothers(assessor, astronaut_face):
    face = astronaut_face.pixels
    faces = [face, blurred(face, 8), noisy(face, 20), saturated(face, 0.0)]
    before, blur, noise, grey = assessor.score_batch(faces)
    assert before.sharpness - blur.sharpness > before.noise - blur.noise
    assert before.noise - noise.noise > before.contrast - noise.contrast
    assert before.colorfulness - grey.colorfulness > 40
    assert abs(before.contrast - grey.contrast) < 20


def test_a_grey_face_has_hardly_any_colour(assessor, astronaut_face):
    assert assessor.score(saturated(astronaut_face.pixels, 0.0)).colorfulness < 15


def test_mirroring_changes_little(assessor, astronaut_face):
    face = shrunk(astronaut_face.pixels, 128)
    one, other = assessor.score_batch([face, np.ascontiguousarray(face[:, ::-1])])
    for head, value in one.as_dict().items():
        assert abs(value - getattr(other, head)) < 15, head


def golden_scores(assessor: Assessor, face: np.ndarray) -> dict[str, dict[str, float]]:
    return {name: assessor.score(change(face)).as_dict() for name, change in GOLDEN_FACES.items()}


def test_scores_of_known_faces_are_the_golden_ones(assessor, astronaut_face):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert golden["weights_sha256"] == assessor.sha256, "new weights need new golden scores"
    found = golden_scores(assessor, astronaut_face.pixels)
    for name, expected in golden["scores"].items():
        assert found[name] == pytest.approx(expected, abs=golden["tolerance"]), name


def write_golden() -> None:
    data = pytest.importorskip("skimage.data")
    picture = np.ascontiguousarray(data.astronaut())
    (face,) = DlibDetector().detect(picture)
    assessor = Assessor(threads=1)
    content = {
        "weights_sha256": assessor.sha256,
        "tolerance": 1.0,
        "reason": "other builds of onnxruntime and OpenCV round differently, by tenths of a point",
        "scores": golden_scores(assessor, align_face(picture, face).pixels),
    }
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_golden()
