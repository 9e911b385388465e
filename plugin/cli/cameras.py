"""The option ``--camera``: guards made from camera profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from .options import complain, parse_pairs

if TYPE_CHECKING:
    from ..batch.recipe import GuardRecipe
    from ..cameras.guarding import RoutedGuards
    from ..pipeline import Guard

__all__ = [
    "CameraOption",
    "GuardChoice",
    "StrictProfileOption",
    "guard_of_cameras",
    "recipe_of",
    "refuse_beside_camera",
    "warn_of_camera",
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


def recipe_of(camera: Path | None, choice: GuardChoice, **options: Any) -> GuardRecipe:
    """The recipe of the guard that a command line describes; nothing heavy is loaded.

    Args:
        camera: Profile or folder of profiles, None without one.
        choice: What is used without a camera, and refused beside one.
        **options: As of `GuardRecipe`.

    Raises:
        InvalidInput: If both a camera and a choice were given, candidates beside a restorer, or
            one cannot be used.
        NotRegistered: If there is no policy of a name.
    """
    from ...guards.policy import load_policy
    from ...restorers.registry import DEFAULT_RESTORER
    from ..batch.recipe import GuardRecipe

    if camera is not None:
        refuse_beside_camera(choice.given())
        return GuardRecipe(camera=camera, **options)
    return GuardRecipe(
        restorer=choice.restorer or DEFAULT_RESTORER,
        settings=parse_pairs(choice.settings or []),
        candidates=choice.candidates,
        policy=load_policy(choice.policy or "balanced"),
        **options,
    )


def warn_of_camera(said: str) -> None:
    """Say on stderr what is wrong with a camera's profile."""
    complain("--camera", said)


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
    from ..cameras.guarding import guard_of_profiles

    refuse_beside_camera(given)
    options |= {"strict": strict, "warn": warn_of_camera}
    return guard_of_profiles(camera, **options)


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
