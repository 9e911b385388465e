"""Wraps any callable that takes an aligned face and returns one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from ..core.errors import InvalidInput
from ..core.faces import frame_as_aligned
from ..core.images import require_rgb
from ..core.protocols import RestorerInfo, RGBImage
from ..guards.policy import Policy
from ..guards.verdict import Decision
from ..restorers.settings import NoSettings
from .pipeline import Guard
from .results import GuardedFace

__all__ = ["GuardedRestorer", "guarded"]


class _CallableRestorer:
    """A callable in the shape of the `Restorer` protocol."""

    def __init__(self, call: Callable[[RGBImage], Any], name: str) -> None:
        self._call = call
        self._name = name

    @property
    def info(self) -> RestorerInfo:
        """Facts as far as they can be known of a stranger."""
        return RestorerInfo(
            name=self._name,
            kind="generative",
            input_size=0,
            settings=NoSettings,
            licence="unknown",
            commercial_use="unclear",
            summary="a callable given to facefidelity.guarded",
        )

    def restore(self, face: RGBImage, settings: BaseModel) -> RGBImage:
        """Call it; what it returns is checked by the guard."""
        del settings
        result: RGBImage = self._call(face)
        return result


class GuardedRestorer:
    """A restorer that returns a face only as far as the guard lets it.

    Args:
        guard: A guard around the restorer.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def __call__(self, face: RGBImage) -> RGBImage:
        """Restore one aligned face, guarded.

        Args:
            face: (S, S, 3) uint8 RGB in the FFHQ frame.

        Returns:
            (512, 512, 3) uint8 RGB: the restoration or a mixture, both at 512 px; where neither
            may be delivered, the input itself, untouched and in its own size.

        Raises:
            InvalidInput: If the face is not a square RGB uint8 picture.
        """
        result = self.inspect(face)
        kept = result.verdict.decision in (Decision.ACCEPT, Decision.BLEND)
        return result.pixels if kept else face

    def inspect(self, face: RGBImage) -> GuardedFace:
        """Restore one aligned face and return the verdict with it."""
        pixels = require_rgb(face, "face")
        return self._guard.guard_face(frame_as_aligned(pixels), pixels)


def guarded(
    restorer: Callable[[RGBImage], RGBImage],
    *,
    policy: str | Policy = "balanced",
    name: str | None = None,
    time_limit_seconds: float = 120.0,
) -> GuardedRestorer:
    """Put the guard around any callable.

    Args:
        restorer: Takes a (512, 512, 3) uint8 RGB aligned face, returns a restored one.
        policy: Name, path or `Policy`.
        name: For the records; the callable's own name by default.
        time_limit_seconds: Wall time after which it counts as hanging.

    Returns:
        A callable of the same kind.

    Raises:
        InvalidInput: If it cannot be called.

    Example:
        >>> safe = guarded(my_restorer)  # doctest: +SKIP
        >>> face = safe(face)  # doctest: +SKIP
    """
    if not callable(restorer):
        raise InvalidInput(
            f"expected a callable that takes a face and returns one, got {restorer!r:.60}; "
            "Guard takes the names of registered restorers"
        )
    label = name or str(getattr(restorer, "__name__", type(restorer).__name__))
    wrapped = _CallableRestorer(restorer, label)
    return GuardedRestorer(Guard(wrapped, policy=policy, time_limit_seconds=time_limit_seconds))
