"""Any function of your own, guarded, in the form in which it holds faces: here OpenCV's BGR.

Usage: python restore.py      (needs nothing but the test extra: its face is the astronaut's)
"""

from __future__ import annotations

import cv2
import numpy as np
from skimage.data import astronaut

import facefidelity as ff


def sharpen(face: np.ndarray) -> np.ndarray:
    """Stand for your restorer: BGR in, BGR out."""
    return cv2.detailEnhance(face, sigma_s=8, sigma_r=0.12)


def main() -> None:
    """Guard one face and say what was decided."""
    picture = np.ascontiguousarray(astronaut())
    (face,) = ff.Guard("classical").assessment.find_faces(picture)
    soft = cv2.GaussianBlur(face.pixels, (0, 0), 3)
    safe = ff.guarded(sharpen, colours="BGR")  # never guessed: say it
    bgr = cv2.cvtColor(soft, cv2.COLOR_RGB2BGR)
    result = safe(bgr)
    print(safe.inspect(bgr).verdict.sentence)
    print("delivered:", "the face as it was" if result is bgr else "a restoration")


if __name__ == "__main__":
    main()
