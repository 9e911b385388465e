"""Clips: faces followed through the frames, judged against their whole track, delivered steadily.

Restoring goes twice over the clip: `analysis` finds and follows the faces and keeps the best of
each track; `restoring` restores every face, judges it with that reference, and delivers shares that
move slowly. `bestshots` needs the first pass only. Frames are streamed: memory does not grow with
the length.
"""

from .bestshots import BestShot, export_best_shots
from .finding import CLIP_SUFFIXES, PlannedClip, part_inputs, plan_clips
from .restoring import RestoredClip, restore_clip
from .settings import ClipSettings

__all__ = [
    "CLIP_SUFFIXES",
    "BestShot",
    "ClipSettings",
    "PlannedClip",
    "RestoredClip",
    "export_best_shots",
    "part_inputs",
    "plan_clips",
    "restore_clip",
]
