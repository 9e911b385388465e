"""Restores a clip; without one, a short clip of the astronaut that is made first.

Usage: python restore.py [clip.mp4 result.mp4]
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage.data import astronaut

import facefidelity as ff
from facefidelity.plugin.video import restore_clip


def make_clip(path: Path, frames: int = 12) -> None:
    """Write a noisy clip in which she drifts to the left."""
    picture, rng = astronaut(), np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(frames):
            seen = picture[0:240, 60 + 2 * number : 380 + 2 * number].astype(np.float32)
            noisy = cv2.GaussianBlur(seen, (0, 0), 0.8) + rng.normal(0, 6, seen.shape)
            pixels = np.clip(noisy, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


names = sys.argv[1:3] or ["astronaut.mp4", "astronaut_restored.mp4"]
source, target = map(Path, names)
if len(sys.argv) == 1:
    make_clip(source)
done = restore_clip(source, target, ff.Guard("classical"))
for track in done.tracks:
    print(f"person {track['track']}: {track['decisions']}, delivered {track['mean_delivered']:.2f}")
print("\n".join(done.problems) or f"{done.frames} frames in {done.seconds:.0f} s: {target}")
