"""Guards that do what camera profiles say: one camera, or a folder of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.errors import UnsupportedWeights
from ...core.protocols import Restorer
from ...guards.policy import Policy
from ...restorers.registry import create_restorer, restorer_info
from ..pipeline import Guard
from .profiles import OpenedProfile, open_profile
from .routing import CameraRoutes, load_routes
from .weights import differing_weights, judge_weights, weights_in_use

__all__ = ["RoutedGuards", "guard_of_camera", "guard_of_picture", "guard_of_profiles"]

Warn = Callable[[str], None]


class RoutedGuards:
    """One guard a camera of a folder of profiles; restorers of one name are loaded once.

    Args:
        routes: Which picture belongs to which profile.
        strict: Refuse weights other than a profile's.
        warn: Told of weights that are not a profile's; a Python warning by default.
        run_restorer: Whether the profiles' restorers are loaded.
        **options: Of every guard, as of `Guard`.

    Raises:
        UnsupportedWeights: If weights differ and `strict` is said.
        WeightsMissing: If a restorer's weights are not on this machine; likewise MissingExtra.
    """

    def __init__(
        self,
        routes: CameraRoutes,
        *,
        strict: bool = False,
        warn: Warn | None = None,
        run_restorer: bool = True,
        **options: Any,
    ) -> None:
        self.routes = routes
        loaded: dict[str, Restorer] = {}
        for opened in routes.profiles.values():
            name = restorer_info(opened.profile.restorer).name
            if run_restorer and name not in loaded:
                loaded[name] = create_restorer(name, trust=bool(options.get("trust")))
        self._guards = {
            id(opened): guard_of_camera(
                opened,
                strict=strict,
                warn=warn,
                restorer=loaded.get(restorer_info(opened.profile.restorer).name),
                run_restorer=run_restorer,
                **options,
            )
            for opened in routes.profiles.values()
        }

    @property
    def guards(self) -> tuple[Guard, ...]:
        """Every camera's guard, in the order of the routes."""
        return tuple(self._guards.values())

    @property
    def policy(self) -> Policy:
        """Stands above a report on several cameras; no face is judged by it."""
        said = {"name": "each camera's own", "summary": "Each picture is judged by its camera's."}
        return self.guards[0].policy.model_copy(update=said)

    def guard_for(self, picture: Path) -> Guard:
        """The guard of a picture's camera.

        Raises:
            InvalidInput: If no rule matches and there is no default.
        """
        return self._guards[id(self.routes.profile_of(picture))]


def guard_of_camera(
    opened: OpenedProfile,
    *,
    strict: bool = False,
    warn: Warn | None = None,
    restorer: Restorer | None = None,
    run_restorer: bool = True,
    **options: Any,
) -> Guard:
    """Make the guard that a profile describes.

    Args:
        opened: The profile.
        strict: Refuse weights other than the profile's; otherwise they are warned of.
        warn: Told of them, once a guard; a Python warning by default.
        restorer: The profile's restorer where it was loaded already.
        run_restorer: Whether it is loaded at all; without it only restorations made elsewhere
            can be judged.
        **options: As of `Guard`, without restorer, settings, candidates and policy.

    Raises:
        UnsupportedWeights: If weights differ and `strict` is said.
        InvalidInput: If a setting is wrong.
        WeightsMissing: If the restorer's weights are not on this machine; likewise MissingExtra.
    """
    profile = opened.profile
    if run_restorer:
        options |= {"settings": profile.settings}
    guard = Guard(
        (restorer or profile.restorer) if run_restorer else "identity",
        policy=profile.effective_policy(),
        **options,
    )
    if run_restorer:
        now = weights_in_use(guard.judge_of_pairs, profile.restorer, profile.settings)
    else:
        now = profile.weights.model_copy(update=judge_weights(guard.judge_of_pairs))
    differing = differing_weights(profile.weights, now)
    if differing:
        _tell(opened, differing, strict, warn or _python_warning)
    guard.camera = opened.record
    return guard


def guard_of_profiles(camera: Path, **options: Any) -> Guard | RoutedGuards:
    """The guard of a profile, or those of a folder of profiles.

    Args:
        camera: The profile or the folder.
        **options: As of `guard_of_camera`.

    Raises:
        InvalidInput: If a profile or the rules cannot be read; and as `guard_of_camera`.
    """
    if camera.is_dir():
        return RoutedGuards(load_routes(camera), **options)
    return guard_of_camera(open_profile(camera), **options)


def guard_of_picture(guard: Guard | RoutedGuards, picture: Path) -> Guard:
    """Who guards a picture.

    Raises:
        InvalidInput: If its camera is not known.
    """
    return guard if isinstance(guard, Guard) else guard.guard_for(picture)


def _tell(opened: OpenedProfile, differing: tuple[str, ...], strict: bool, warn: Warn) -> None:
    said = f"weights differ from those of the profile {opened.origin}: {'; '.join(differing)}"
    if strict:
        raise UnsupportedWeights(
            f"expected the profile's weights, {said}; tune and calibrate again, or leave "
            "--strict-profile away"
        )
    bound = opened.profile.calibration is not None
    warn(said + ("; its calibrated bound does not hold for them" if bound else ""))


def _python_warning(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=4)
