"""The option ``--camera``: guards made from camera profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from .options import complain, parse_pairs

if TYPE_CHECKING:
    from ..cameras.guarding import RoutedGuards
    from ..pipeline import Guard

__all__ = [
    "CameraOption",
    "GuardChoice",
    "StrictProfileOption",
    "guard_of_cameras",
    "open_guard",
    "refuse_beside_camera",
    "some_guard",
]

CameraOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--camera",
        metavar="PROFILE",
        help="A camera's profile, or a folder of profiles with routes.yaml: restorer, settings "
        "and policy come from it.",
        readable=False,
    ),
]
StrictProfileOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--strict-profile", help="With --camera: refuse weights other than the profile's."
    ),
]


@dataclass(frozen=True, slots=True)
class GuardChoice:
    """What the command line says of restorer, settings and policy; None where it says nothing."""

    restorer: str | None
    settings: list[str] | None
    candidates: str | None
    policy: str | None

    def given(self) -> dict[str, object]:
        """By the names of the options."""
        return {
            "--restorer": self.restorer,
            "--set": self.settings,
            "--candidates": self.candidates,
            "--policy": self.policy,
        }


def open_guard(
    camera: Path | None, strict: bool, choice: GuardChoice, **limits: Any
) -> Guard | RoutedGuards:
    """The guard that a command line describes.

    Args:
        camera: Profile or folder of profiles, None without one.
        strict: As of `guard_of_cameras`.
        choice: What is used without a camera, and refused beside one.
        **limits: Of every guard, as of `Guard`.

    Raises:
        InvalidInput: If both a camera and a choice were given, or one cannot be used.
        NotRegistered: If there is no restorer or policy of a name.
    """
    from ...restorers.registry import DEFAULT_RESTORER
    from ..pipeline import Guard

    if camera is not None:
        return guard_of_cameras(camera, strict, choice.given(), **limits)
    return Guard(
        choice.restorer or DEFAULT_RESTORER,
        settings=parse_pairs(choice.settings or []),
        candidates=choice.candidates,
        policy=choice.policy or "balanced",
        **limits,
    )


def guard_of_cameras(
    camera: Path, strict: bool, given: Mapping[str, object], **options: Any
) -> Guard | RoutedGuards:
    """The guard of a profile, or those of a folder of profiles.

    Args:
        camera: The profile or the folder.
        strict: Refuse weights other than the profile's; otherwise they are named on stderr.
        given: Options that the profile decides, and what was given for them.
        **options: As of `guard_of_camera`.

    Raises:
        InvalidInput: If one of `given` was given, or the profile cannot be used.
        UnsupportedWeights: If weights are refused.
    """
    from ..cameras.guarding import RoutedGuards, guard_of_camera
    from ..cameras.profiles import open_profile
    from ..cameras.routing import load_routes

    refuse_beside_camera(given)
    options |= {"strict": strict, "warn": lambda said: complain("--camera", said)}
    if camera.is_dir():
        return RoutedGuards(load_routes(camera), **options)
    return guard_of_camera(open_profile(camera), **options)


def refuse_beside_camera(given: Mapping[str, object]) -> None:
    """Refuse options that a camera's profile decides.

    Args:
        given: By the names of the options; what was not given is empty.

    Raises:
        InvalidInput: If one of them was given.
    """
    from ...core.errors import InvalidInput

    both = [name for name, value in given.items() if value]
    if both:
        raise InvalidInput(
            f"expected --camera or {both[0]}, got both; the profile decides, so change it there "
            "or leave --camera away"
        )


def some_guard(guard: Guard | RoutedGuards) -> Guard:
    """One of the guards, for what is the same in all of them: detector and embedder."""
    from ..pipeline import Guard

    return guard if isinstance(guard, Guard) else guard.guards[0]
