"""The demo of `make demo`: guard the restoration of a real face with the embedded defaults.

The picture is scikit-image's astronaut (NASA, public domain): as it is, as a poor camera would
have seen it, and from so far away that nobody could say who it is. Nothing is downloaded.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

import facefidelity as ff
from facefidelity.core.images import write_picture
from facefidelity.plugin.report import ReportWriter

OUT = Path(__file__).resolve().parent.parent / "demo"


def photograph(picture: np.ndarray, share: float) -> np.ndarray:
    """See a picture through a poor camera.

    Args:
        picture: (H, W, 3) uint8 RGB.
        share: Its side on the sensor, as a share of its own.

    Returns:
        The same size again, with noise and a strong JPEG in between.
    """
    height, width = picture.shape[:2]
    size = (round(width * share), round(height * share))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    noisy = small + np.random.default_rng(0).normal(0, 6, small.shape)
    levels = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 45])[1]
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(cv2.resize(decoded, (width, height), interpolation=cv2.INTER_CUBIC))


def main() -> int:
    """Guard every picture and say what was decided."""
    OUT.mkdir(exist_ok=True)
    guard = ff.Guard()
    writer = ReportWriter(OUT / "report.html", "facefidelity demo: the astronaut", guard.policy)
    pictures = {
        "astronaut": astronaut(),
        "poor_camera": photograph(astronaut(), 0.5),
        "far_away": photograph(astronaut(), 0.16),
    }
    for name, picture in pictures.items():
        result = guard.restore(picture)
        before, after = OUT / f"{name}_before.png", OUT / f"{name}_after.png"
        write_picture(before, picture)
        write_picture(after, result.pixels)
        writer.add_picture(before.name, after.name, result, before=picture)
        print(f"{name}: {len(result.faces)} face(s)")
        for face in result.faces:
            print(f"  {face.verdict.sentence}")
            describe(face.verdict.evidence)
        print(f"  before {before}\n  after  {after}")
    writer.write()
    print(f"report {OUT / 'report.html'}")
    return 0


def describe(evidence: ff.Evidence | None) -> None:
    """Print the numbers behind a verdict."""
    if evidence is None:
        return
    for head in ff.HEADS:
        before = getattr(evidence.lq_scores, head)
        after = getattr(evidence.hq_scores, head)
        print(f"    {head:13s} {before:5.1f} -> {after:5.1f}")
    print(
        f"    cosine similarity {evidence.cosine_similarity:.3f}, identity risk "
        f"{evidence.identity_risk:.2f}, identity {evidence.identity_state.value}"
    )


if __name__ == "__main__":
    sys.exit(main())
