"""How to build the guard of a batch, as plain data.

Any process, here or on another machine, that gets a recipe builds the same guard from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...restorers.registry import DEFAULT_RESTORER

if TYPE_CHECKING:
    from ...core.protocols import RestorerInfo
    from ...guards.policy import Policy
    from ..cameras.guarding import RoutedGuards
    from ..pipeline import Guard
    from ..provenance import Labelling
    from ..review.overrides_file import OverrideBook
    from .picture import PictureWorker

__all__ = ["GuardRecipe"]


@dataclass(frozen=True, slots=True)
class GuardRecipe:
    """Everything that a worker needs to treat a picture; pickles to little.

    Attributes:
        restorer: Registered name.
        settings: Its settings, by name.
        candidates: Instead of both, the command line's text of several.
        policy: Name, path, or the policy itself.
        camera: Profile, or folder of profiles, that decides restorer, settings and policy.
        strict_profile: Refuse weights other than the profile's.
        references: Pictures of the person.
        overrides: What people decided on single faces.
        min_face_px: As of `Guard`; likewise the next three.
        only_center_face: As of `Guard`.
        time_limit_seconds: As of `Guard`.
        trust: As of `Guard`.
        aligned: Every picture is one face in the FFHQ frame.
        upscale: Whole factor by which pictures grow.
        labelling: How results are labelled and signed; labelled unsigned by default.
        redact: Keep file names, free text and people's names out of the records.
        keep_pixels: Whether outcomes hold the guarded pictures, for a report.
    """

    restorer: str = DEFAULT_RESTORER
    settings: dict[str, Any] = field(default_factory=dict)
    candidates: str | None = None
    policy: str | Policy = "balanced"
    camera: Path | None = None
    strict_profile: bool = False
    references: tuple[Path, ...] = ()
    overrides: OverrideBook | None = None
    min_face_px: int = 0
    only_center_face: bool = False
    time_limit_seconds: float = 120.0
    trust: bool = False
    aligned: bool = False
    upscale: int = 1
    labelling: Labelling | None = None
    redact: bool = False
    keep_pixels: bool = False

    def build(self, threads: int = 0, warn: Callable[[str], None] | None = None) -> PictureWorker:
        """Load everything.

        Args:
            threads: Of the judging networks; 0 lets onnxruntime choose.
            warn: Told where weights are not a profile's; a Python warning by default.

        Raises:
            InvalidInput: If something cannot be used; any error of `Guard` and `Guard.enrol`.
        """
        from ..enrolment import enrol_files
        from ..pipeline import Guard
        from .picture import PictureWorker

        guard = self.open_guard(threads, warn)
        one = guard if isinstance(guard, Guard) else guard.guards[0]
        return PictureWorker(
            guard,
            aligned=self.aligned,
            upscale=self.upscale,
            references=enrol_files(one, self.references),
            overrides=self.overrides,
            labelling=self.labelling,
            redact=self.redact,
            keep_pixels=self.keep_pixels,
        )

    def open_guard(
        self, threads: int = 0, warn: Callable[[str], None] | None = None
    ) -> Guard | RoutedGuards:
        """The guard alone, or one a camera; raises as `Guard`."""
        from ..cameras.guarding import guard_of_profiles
        from ..pipeline import Guard

        options: dict[str, Any] = {
            "min_face_px": self.min_face_px,
            "only_center_face": self.only_center_face,
            "time_limit_seconds": self.time_limit_seconds,
            "threads": threads,
            "trust": self.trust,
        }
        if self.camera is not None:
            return guard_of_profiles(self.camera, strict=self.strict_profile, warn=warn, **options)
        return Guard(
            self.restorer,
            settings=self.settings,
            candidates=self.candidates,
            policy=self.policy,
            **options,
        )

    def restorers(self) -> list[RestorerInfo]:
        """Which restorers will run; nothing heavy is loaded.

        Raises:
            NotRegistered: If there is none of a name.
            InvalidInput: If the candidates or the profile cannot be read.
        """
        from ...restorers.registry import restorer_info

        return [restorer_info(name) for name in self._names()]

    def _names(self) -> list[str]:
        from ..cameras.profiles import open_profile
        from ..cameras.routing import load_routes
        from ..candidates import parse_candidates

        if self.camera is not None and self.camera.is_dir():
            opened = load_routes(self.camera).profiles.values()
            return [one.profile.restorer for one in opened]
        if self.camera is not None:
            return [open_profile(self.camera).profile.restorer]
        if self.candidates is not None:
            return [name for name, _ in parse_candidates(self.candidates)]
        return [self.restorer]
