"""A checkpoint that spandrel recognises, guarded.

Usage: python restore.py codeformer.pth photo.jpg result.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import facefidelity as ff
from facefidelity.core.images import read_picture, write_picture

model, source, target = sys.argv[1:4]
guard = ff.Guard("spandrel", settings={"path": model})
result = guard.restore(read_picture(Path(source)).pixels)
write_picture(Path(target), result.pixels)
for number, face in enumerate(result.faces):
    print(f"face {number}: {face.verdict.sentence}")
