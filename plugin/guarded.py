"""Wraps any callable that takes an aligned face and returns one, in whatever form it holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from ..core.errors import InvalidInput, RestorerOutputInvalid
from ..core.faces import frame_as_aligned
from ..core.protocols import RestorerInfo, RGBImage
from ..guards.policy import Policy
from ..guards.verdict import Decision
from ..restorers.settings import NoSettings
from .adapters.forms import Colours, Kind, Layout, PictureForm, ValueRange
from .adapters.surround import choose_guard, guard_around
from .pipeline import Guard
from .results import GuardedFace

__all__ = ["GuardedRestorer", "guarded"]


class _CallableRestorer:
    """A callable in the shape of the `Restorer` protocol."""

    def __init__(self, call: Callable[[Any], Any], name: str, form: PictureForm) -> None:
        self._call = call
        self._name = name
        self._form = form

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
        if self._form == PictureForm():
            result: RGBImage = self._call(face)
            return result
        given = self._call(self._form.from_rgb(face))
        try:
            return self._form.to_rgb(given, "restored face")
        except InvalidInput as error:
            raise RestorerOutputInvalid(f"{self._name} failed: {error}") from error


class GuardedRestorer:
    """A restorer that returns a face only as far as the guard lets it.

    Args:
        guard: A guard around the restorer.
        form: How faces come and go; facefidelity's own form by default.
    """

    def __init__(self, guard: Guard, form: PictureForm | None = None) -> None:
        self._guard = guard
        self._form = form or PictureForm()

    def __call__(self, face: Any) -> Any:
        """Restore one aligned face, guarded.

        Args:
            face: Of the form that was said, by default (S, S, 3) uint8 RGB, in the FFHQ frame.

        Returns:
            Of the same form, 512 px a side: the restoration or a mixture; where neither may be
            delivered, the input itself, untouched and in its own size.

        Raises:
            InvalidInput: If the face is not a square picture of that form.
        """
        result = self.inspect(face)
        kept = result.verdict.decision in (Decision.ACCEPT, Decision.BLEND)
        return self._form.from_rgb(result.pixels, face) if kept else face

    def inspect(self, face: Any) -> GuardedFace:
        """Restore one aligned face and return the verdict with it; its pixels are RGB uint8."""
        pixels = self._form.to_rgb(face, "face")
        return self._guard.guard_face(frame_as_aligned(pixels), pixels)


def guarded(
    restorer: Callable[[Any], Any],
    *,
    policy: str | Policy | None = None,
    name: str | None = None,
    time_limit_seconds: float | None = None,
    guard: Guard | None = None,
    kind: Kind = "numpy",
    colours: Colours = "RGB",
    layout: Layout = "HWC",
    value_range: ValueRange = "0..255",
) -> GuardedRestorer:
    """Put the guard around any callable.

    How it holds pictures is never guessed: what is not said is RGB uint8 HWC in numpy. The wrapped
    callable takes and gives faces in the very form of the restorer.

    Args:
        restorer: Takes a 512 px aligned face, returns a restored one of the same form.
        policy: Name, path or `Policy`; "balanced" by default.
        name: For the records; the callable's own name by default.
        time_limit_seconds: Wall time after which it counts as hanging; 120 by default.
        guard: Instead of policy and time limit: a guard whose parts are used.
        kind: "numpy", "torch" or "pil".
        colours: "RGB", or "BGR" as OpenCV has it.
        layout: Order of the axes; with N a batch of one.
        value_range: "0..255" is uint8, the others are floats.

    Returns:
        A callable of the same kind.

    Raises:
        InvalidInput: If it cannot be called, or there is no such form.

    Example:
        >>> safe = guarded(my_restorer)  # doctest: +SKIP
        >>> face = safe(face)  # doctest: +SKIP
        >>> safe = guarded(net, kind="torch", layout="NCHW", value_range="-1..1")  # doctest: +SKIP
    """
    if not callable(restorer):
        raise InvalidInput(
            f"expected a callable that takes a face and returns one, got {restorer!r:.60}; "
            "Guard takes the names of registered restorers"
        )
    form = PictureForm(kind, colours, layout, value_range)
    label = name or str(getattr(restorer, "__name__", type(restorer).__name__))
    wrapped = _CallableRestorer(restorer, label, form)
    chosen = choose_guard(guard, policy, time_limit_seconds=time_limit_seconds)
    return GuardedRestorer(guard_around(chosen, wrapped), form)
