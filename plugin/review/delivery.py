"""Puts a person's decision in the place of the guard's, for one face that both have seen."""

from __future__ import annotations

from dataclasses import replace

from ...guards.blending import Mixture, mix
from ...guards.verdict import Decision
from ..results import GuardedFace
from .overrides import IgnoredOverride, Override, match_overrides

__all__ = ["apply_override", "apply_overrides"]


def apply_overrides(
    faces: list[GuardedFace], overrides: tuple[Override, ...]
) -> tuple[list[GuardedFace], tuple[IgnoredOverride, ...]]:
    """Honour the overrides of one picture.

    Args:
        faces: Every face of it, judged.
        overrides: Those of this very file.

    Returns:
        The faces, and the overrides that could not be honoured with the reason; the guard's
        decision stands there.
    """
    matched, ignored = match_overrides(overrides, [one.face for one in faces])
    result = list(faces)
    for index, override in matched.items():
        honoured = apply_override(faces[index], override)
        if isinstance(honoured, str):
            ignored += (IgnoredOverride(override, honoured),)
        else:
            result[index] = honoured
    return result, ignored


def apply_override(guarded: GuardedFace, override: Override) -> GuardedFace | str:
    """Deliver what the person decided: HQ, a mixture, or LQ.

    The mixture is plain pixel alpha, ``lq + share (hq - lq)``, which is what the person saw while
    choosing the share; without a share it is the guard's own mixture, if it is still that one.

    Args:
        guarded: The face as the guard left it; its verdict stays in it.
        override: The decision on this face.

    Returns:
        The face with the override and its pixels, or in one sentence why it cannot be honoured.
    """
    if override.decision is Decision.REJECT:
        return replace(guarded, pixels=guarded.face.pixels, override=override)
    if guarded.restoration is None:
        decision = guarded.verdict.decision.value
        return f"there is no restoration to deliver, the guard says {decision}"
    if not override.is_about(guarded.restorer, guarded.settings):
        return (
            f"it was given for {override.restorer} with the settings {override.settings}, this "
            f"restoration is by {guarded.restorer} with {guarded.settings}; look at it again"
        )
    lq, hq = guarded.restoration.lq, guarded.restoration.hq
    if override.decision is Decision.ACCEPT:
        return replace(guarded, pixels=hq, override=override)
    if override.share is not None:
        return replace(guarded, pixels=mix(lq, hq, Mixture(override.share)), override=override)
    if guarded.verdict.mixture != override.mixture or not guarded.delivered:
        made = guarded.verdict.mixture or "no mixture"
        return f"it approves the guard's mixture {override.mixture}, and there is now {made}"
    return replace(guarded, override=override)
