"""GFPGAN, guarded: the usual lines with another import.

Usage: python restore.py GFPGANv1.4.pth photo.jpg result.png
"""

from __future__ import annotations

import sys

import cv2

from facefidelity.plugin.adapters.gfpgan import GFPGANer

model_path, source, target = sys.argv[1:4]
restorer = GFPGANer(model_path=model_path, upscale=2, policy="balanced")
_, _, restored = restorer.enhance(cv2.imread(source, cv2.IMREAD_COLOR), paste_back=True)
cv2.imwrite(target, restored)
for number, verdict in enumerate(restorer.verdicts):
    print(f"face {number}: {verdict.sentence}")
