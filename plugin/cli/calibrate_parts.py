"""Does what ``calibrate`` asks: opens profile and pairs, calibrates, writes, and says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from ...core.errors import InvalidInput
from ...core.protocols import Embedder
from ...guards.calibration import least_pairs
from ...guards.profile import CalibrationBlock, CameraProfile, save_profile
from ..assessment import FaceAssessment
from ..cameras.calibrating import Calibration, calibrate_profile, with_calibration
from ..cameras.guarding import guard_of_camera
from ..cameras.known_pairs import KnownPairs, pairs_of_frames, pairs_of_table
from ..cameras.profiles import open_profile
from ..pipeline import Guard
from ..tuning.frames import collect_faces
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


def run_calibration(request: CalibrationRequest) -> Calibration:
    """Calibrate, write the profile where a threshold holds, and draw.

    Raises:
        InvalidInput: If options, profile or pairs cannot be used, or there are too few pairs.
        MissingExtra: If scipy or matplotlib is not installed.
        WriteFailed: If profile or plot cannot be written.
    """
    request.require_one_source()
    opened = open_profile(request.profile)
    profile = opened.profile
    with StageProgress() as progress:
        judging = guard_of_camera(
            opened, warn=_complain_of_weights, run_restorer=False, threads=request.threads
        )
        known = _pairs(request, profile, judging.assessment, progress)
        recogniser = None if known.given else _recogniser(request, judging)
        found = calibrate_profile(
            profile,
            judging if known.restored else _restoring(request, opened.profile),
            known,
            recogniser,
            alpha=request.alpha,
            delta=request.delta,
            source="self" if request.self_made else "pairs",
            today=_today().isoformat(),
            tell=progress,
        )
    _warn_of_dependence(known)
    if found.block is not None:
        _save(request, profile, found.block)
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
    block = found.block
    if block is None:
        complain(str(request.profile), _shortfall(request, found))
        return 1
    if not quiet:
        sure = 100 * (1 - block.delta)
        print(
            f"max_identity_risk {block.max_identity_risk:.2f}: of {block.pairs} pairs "
            f"{block.accepted} are delivered, {block.lost} of them lost the person"
        )
        print(
            f"with {sure:g} % confidence at most {100 * block.bound:.1f} % of what is delivered is "
            f"lost (asked: {100 * block.alpha:g} %), for pictures like these; what is lost "
            + ("was given" if block.truth == "given" else f"was told by {block.truth}")
        )
        print(f"profile in {request.output}")
        if request.plot is not None:
            print(f"plot in {request.plot}")
    return 1 if found.problems else 0


def _shortfall(request: CalibrationRequest, found: Calibration) -> str:
    """Why no threshold holds, and what to do."""
    result = found.result
    if result.delivered < result.least:
        if result.delivered == 0:
            need = "the restorer or the policy's other thresholds have to change"
        else:
            need = f"about {-(-result.pairs * result.least // result.delivered)} pairs are needed"
        return (
            f"no threshold can be set: even the laxest delivers {result.delivered} of "
            f"{result.pairs} pairs, {result.least} delivered without a loss are the least; {need}. "
            "The profile is as it was"
        )
    return (
        f"no threshold holds: at the strictest that can be tested {result.lost} of "
        f"{result.delivered} delivered faces lost the person, which bounds the loss at "
        f"{100 * result.bound:.1f} %, not {100 * request.alpha:g} %; choose another restorer or "
        "milder settings, bring more pairs, or allow a larger alpha. The profile is as it was"
    )


def _pairs(
    request: CalibrationRequest,
    profile: CameraProfile,
    assessment: FaceAssessment,
    progress: StageProgress,
) -> KnownPairs:
    if request.pairs is not None:
        return pairs_of_table(request.pairs, assessment, aligned=request.aligned)
    frames = collect_faces(request.frames, assessment, aligned=request.aligned, progress=progress)
    for name, problem in frames.problems:
        complain(name, problem)
    if profile.frames is not None and profile.frames.sha256 == frames.sha256:
        complain(
            str(request.profile),
            "tuned on these very frames: the settings were chosen on them, so what is lost is "
            "understated; take other frames of the camera",
        )
    return pairs_of_frames(frames, profile.camera, request.per_face)


def _recogniser(request: CalibrationRequest, judging: Guard) -> Embedder:
    recogniser = open_recogniser(request.recogniser, request.threads)
    if recogniser.name == judging.judge_of_pairs.embedder.name:
        complain(
            "--recogniser",
            f"{recogniser.name} is the guard's own embedder and shares its mistakes; better name "
            "one that is not in the guard, or say what is lost in a column lost",
        )
    return recogniser


def _restoring(request: CalibrationRequest, profile: CameraProfile) -> Guard:
    """The guard with the profile's restorer; of its weights was told already."""
    opened = open_profile(profile)
    return guard_of_camera(opened, warn=_say_nothing, threads=request.threads)


def _save(request: CalibrationRequest, profile: CameraProfile, block: CalibrationBlock) -> None:
    """Write the profile, unless it says all this already."""
    calibrated = with_calibration(profile, block)
    if calibrated != profile or request.output != request.profile:
        save_profile(calibrated, request.output)


def _warn_of_dependence(known: KnownPairs) -> None:
    if known.people < len(known.pairs):
        complain(
            "pairs",
            f"{len(known.pairs)} pairs of {known.people} faces or people: pairs of one are not "
            "independent, so the bound is surer than it should be",
        )


def _complain_of_weights(said: str) -> None:
    complain("profile", said)


def _say_nothing(said: str) -> None:
    del said


def _today() -> date:
    return datetime.now(timezone.utc).date()
