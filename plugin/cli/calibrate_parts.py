"""Does what ``calibrate`` asks: opens profile and pairs, calibrates, writes, and says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InvalidInput
from ...guards.calibration import least_pairs
from ...guards.profile import CalibrationBlock, CameraProfile, save_profile
from ..cameras.calibrating import Calibration, with_calibration
from ..cameras.calibration_run import (
    CalibrationPlan,
    calibrate_camera,
    describe_bound,
    describe_shortfall,
)
from ..cameras.profiles import open_profile
from .bench.evaluation_parts import open_recogniser
from .options import complain
from .stages import StageProgress

__all__ = ["CalibrationRequest", "run_calibration", "say"]


@dataclass(frozen=True, slots=True)
class CalibrationRequest:
    """The options; see ``calibrate --help``."""

    profile: Path
    frames: tuple[Path, ...]
    pairs: Path | None
    self_made: bool
    alpha: float
    delta: float
    recogniser: str
    per_face: int
    output: Path
    plot: Path | None
    aligned: bool
    threads: int

    def require_one_source(self) -> None:
        """Refuse options that do not say where the pairs come from.

        Raises:
            InvalidInput: If neither or both of ``--pairs`` and ``--self`` were given.
        """
        if (self.pairs is None) == (not self.self_made):
            raise InvalidInput("expected --pairs CSV or --self FRAMES, one of the two")
        if self.self_made != bool(self.frames):
            what = "frames with --self" if self.self_made else "frames with --self only"
            raise InvalidInput(f"expected {what}, got {len(self.frames)}")
        least_pairs(self.alpha, self.delta)

    @property
    def plan(self) -> CalibrationPlan:
        """The same for who calibrates."""
        return CalibrationPlan(
            table=self.pairs,
            frames=self.frames,
            alpha=self.alpha,
            delta=self.delta,
            per_face=self.per_face,
            aligned=self.aligned,
            threads=self.threads,
        )


def run_calibration(request: CalibrationRequest) -> Calibration:
    """Calibrate, write the profile where a threshold holds, and draw.

    Raises:
        InvalidInput: If options, profile or pairs cannot be used, or there are too few pairs.
        MissingExtra: If scipy or matplotlib is not installed.
        WriteFailed: If profile or plot cannot be written.
    """
    request.require_one_source()
    opened = open_profile(request.profile)
    with StageProgress() as progress:
        found = calibrate_camera(
            opened,
            request.plan,
            lambda: open_recogniser(request.recogniser, request.threads),
            doubt=complain,
            tell=progress,
        )
    if found.block is not None:
        _save(request, opened.profile, found.block)
    if request.plot is not None:
        from ..cameras.reliability import draw_calibration

        draw_calibration(found, request.alpha, request.delta, request.plot)
    return found


def say(request: CalibrationRequest, found: Calibration, *, quiet: bool) -> int:
    """Print what came of it, and name what failed.

    Returns:
        The exit code: 0 with a threshold and every pair judged, else 1.
    """
    for name, problem in found.problems:
        complain(name, problem)
    if found.block is None:
        complain(str(request.profile), describe_shortfall(found, request.alpha))
        return 1
    if not quiet:
        for sentence in describe_bound(found.block):
            print(sentence)
        print(f"profile in {request.output}")
        if request.plot is not None:
            print(f"plot in {request.plot}")
    return 1 if found.problems else 0


def _save(request: CalibrationRequest, profile: CameraProfile, block: CalibrationBlock) -> None:
    """Write the profile, unless it says all this already."""
    calibrated = with_calibration(profile, block)
    if calibrated != profile or request.output != request.profile:
        save_profile(calibrated, request.output)
