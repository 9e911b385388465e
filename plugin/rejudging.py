"""Judges again what was restored already, under another policy: no restorer runs."""

from __future__ import annotations

from dataclasses import replace

from ..core.errors import InvalidInput
from ..core.faces import upscale_background
from ..core.images import require_rgb
from ..core.protocols import RGBImage
from ..guards.measurement import MeasuredSource
from ..guards.references import ReferenceSet
from .composition import compose_picture
from .enrolment import measure_sources
from .pipeline import Guard
from .results import GuardedFace, GuardedImage

__all__ = ["judge_again"]


def judge_again(
    guard: Guard,
    image: RGBImage,
    result: GuardedImage,
    *,
    aligned: bool = False,
    upscale: int = 1,
    references: ReferenceSet | None = None,
) -> GuardedImage:
    """Judge the restorations of a guarded picture under this guard's policy.

    The result is what `Guard.restore` of a guard with this policy gives where the restorer
    gives the same again.

    Args:
        guard: Whose judge and policy apply; its restorer is not run.
        image: (H, W, 3) uint8 RGB, the picture before the guard.
        result: What `Guard.restore` made of it, by one restorer.
        aligned: As it was then.
        upscale: As it was then.
        references: As they were then, enrolled.

    Raises:
        InvalidInput: If a face had several candidates: those that lost were not kept.
    """
    image = require_rgb(image)
    if any(len(one.attempts) > 1 for one in result.faces):
        raise InvalidInput(
            "expected faces with one candidate each, got several; restore again to let them compete"
        )
    sources: dict[int, MeasuredSource] = {}
    if references is not None:
        restored = {i: f.face for i, f in enumerate(result.faces) if f.restoration is not None}
        sources = measure_sources(guard.judge_of_pairs, restored, references)
    faces = tuple(_face(guard, one, sources.get(i)) for i, one in enumerate(result.faces))
    pixels = compose_picture(upscale_background(image, upscale), faces, upscale, aligned)
    return GuardedImage(pixels, faces)


def _face(guard: Guard, one: GuardedFace, source: MeasuredSource | None) -> GuardedFace:
    if one.restoration is None:
        verdict, pixels, maps = replace(one.verdict, policy=guard.policy.name), one.pixels, one.maps
    else:
        judgement = guard.judge_of_pairs.judge(one.restoration, guard.policy, source)
        verdict, pixels, maps = judgement.verdict, judgement.pixels, judgement.maps
    attempts = tuple(replace(attempt, verdict=verdict) for attempt in one.attempts)
    return replace(one, verdict=verdict, pixels=pixels, maps=maps, attempts=attempts, override=None)
