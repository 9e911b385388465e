"""facexlib's FaceRestoreHelper, guarded, around any restorer of aligned faces.

Usage: python restore.py photo.jpg result.png    (facexlib fetches its own detector)
"""

from __future__ import annotations

import sys

import cv2

from facefidelity.plugin.adapters.facexlib import guard_restore_helper
from facefidelity.restorers.compat import prepare

prepare()  # makes facexlib importable beside today's torch
from facexlib.utils.face_restoration_helper import FaceRestoreHelper  # noqa: E402

source, target = sys.argv[1:3]
helper = FaceRestoreHelper(upscale_factor=1, device="cpu")
guard = guard_restore_helper(helper, policy="balanced")  # the one new line
helper.read_image(source)
helper.get_face_landmarks_5()
helper.align_warp_face()
for face in helper.cropped_faces:
    helper.add_restored_face(cv2.detailEnhance(face))  # your restorer
helper.get_inverse_affine()
cv2.imwrite(target, helper.paste_faces_to_input_image())
for number, verdict in enumerate(guard.verdicts):
    print(f"face {number}: {verdict.sentence}")
