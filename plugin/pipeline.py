"""The guard as a pipeline: find faces, restore each, judge it, and put back what may go back."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from .. import __version__
from ..core.errors import (
    InvalidInput,
    RestorerDidNothing,
    RestorerFailed,
    RestorerOutputInvalid,
    RestorerTimedOut,
)
from ..core.faces import (
    AlignedFace,
    FaceDetector,
    fit_aligned,
    frame_as_aligned,
    keep_box,
    paste_face,
    upscale_background,
)
from ..core.images import require_rgb
from ..core.protocols import Restoration, Restorer, RGBImage
from ..guards.judgement import FaceJudge, Judgement
from ..guards.policy import Policy, load_policy
from ..guards.verdict import Decision, Reason, Verdict
from ..restorers.output import check_restored
from ..restorers.registry import create_restorer
from ..restorers.settings import parse_settings
from .assessment import FaceAssessment, is_blank
from .parts import default_judge
from .results import GuardedFace, GuardedImage
from .timebox import call_restorer

__all__ = ["Guard"]


class Guard:
    """Wraps a restorer and lets nothing out that gained looks at the cost of the person.

    Args:
        restorer: Registered name, or an object with the `Restorer` protocol.
        settings: Its settings, as ``{"name": value}``; strings are parsed.
        policy: Name of a shipped policy, path of an own one, or a `Policy`.
        judge: Who judges; the embedded judge by default.
        detector: Who finds faces; dlib's by default.
        min_face_px: Faces narrower than this are left alone and reported NOT_ASSESSABLE.
        only_center_face: Treat only the face nearest to the picture's centre.
        time_limit_seconds: Wall time for one face after which the restorer counts as hanging.
        threads: Threads of the judging networks; 0 lets onnxruntime choose.

    Raises:
        NotRegistered: If the restorer or policy is unknown.
        InvalidInput: If a setting or number is out of range.
    """

    def __init__(
        self,
        restorer: str | Restorer = "realesrgan",
        *,
        settings: Mapping[str, Any] | None = None,
        policy: str | Policy = "balanced",
        judge: FaceJudge | None = None,
        detector: FaceDetector | None = None,
        min_face_px: int = 0,
        only_center_face: bool = False,
        time_limit_seconds: float = 120.0,
        threads: int = 0,
    ) -> None:
        if not 0 < time_limit_seconds <= threading.TIMEOUT_MAX:
            raise InvalidInput(
                f"expected time_limit_seconds between 0 and {threading.TIMEOUT_MAX:.0f}, "
                f"got {time_limit_seconds}"
            )
        self.restorer = create_restorer(restorer) if isinstance(restorer, str) else restorer
        self.settings = parse_settings(self.restorer.info, dict(settings or {}))
        self.policy = policy if isinstance(policy, Policy) else load_policy(policy)
        self.judge_of_pairs = judge or default_judge(threads)
        self.assessment = FaceAssessment(
            assessor=self.judge_of_pairs.assessor,
            detector=detector,
            min_face_px=min_face_px,
            only_center_face=only_center_face,
        )
        self.time_limit_seconds = time_limit_seconds

    def restore(self, image: RGBImage, *, aligned: bool = False, upscale: int = 1) -> GuardedImage:
        """Restore every face of a picture, guarded.

        Args:
            image: (H, W, 3) uint8 RGB.
            aligned: The picture already is one face in the FFHQ frame.
            upscale: Whole factor, 1..8, by which the picture grows.

        Returns:
            The picture with every accepted or blended face put back, and every face's verdict.

        Raises:
            InvalidInput: If the array is not such a picture.
            DetectorFailed: If the face detector breaks.
            WeightsMissing: If the restorer's weights are not on this machine.
        """
        image = require_rgb(image)
        pixels = upscale_background(image, upscale)
        guarded = [
            self.guard_face(face, image)
            for face in self.assessment.find_faces(image, aligned=aligned)
        ]
        return GuardedImage(_compose(pixels, guarded, upscale, aligned), tuple(guarded))

    def guard_face(self, face: AlignedFace, image: RGBImage) -> GuardedFace:
        """Restore and judge one aligned face of a picture.

        Args:
            face: The face.
            image: (H, W, 3) uint8 RGB, the picture that it was found in.

        Returns:
            The face with exactly one verdict.

        Raises:
            WeightsMissing: If the restorer cannot run on this machine at all; likewise
                ChecksumMismatch, UnsupportedWeights and MissingExtra.
        """
        name, settings = self.restorer.info.name, self.settings.model_dump(mode="json")
        problem = self.assessment.problem_of(face, image)
        restoration = None
        if problem is not None:
            judgement = self.unassessable(face.pixels, problem)
        else:
            try:
                restoration = self._restore_face(face.pixels, name, settings)
                judgement = self.judge_of_pairs.judge(restoration, self.policy)
            except RestorerFailed as error:
                judgement = self._failed(face.pixels, error)
        return GuardedFace(face, restoration, judgement.verdict, judgement.pixels, name, settings)

    def judge(self, lq: RGBImage, hq: RGBImage) -> Verdict:
        """Judge a restoration made elsewhere.

        Args:
            lq: (S, S, 3) uint8 RGB aligned face before.
            hq: (T, T, 3) uint8 RGB the same face after.

        Returns:
            The verdict; FAILED when HQ is LQ again.

        Raises:
            InvalidInput: If one of them is not a square RGB picture.
        """
        return self.judge_pair(lq, hq).verdict

    def judge_pair(self, lq: RGBImage, hq: RGBImage, restorer: str = "unknown") -> Judgement:
        """As `judge`, with the (512, 512, 3) face that the guard would deliver."""
        before = frame_as_aligned(require_rgb(lq, "lq")).pixels
        after = frame_as_aligned(require_rgb(hq, "hq")).pixels
        if is_blank(before):
            return self.unassessable(before, Reason.FACE_WITHOUT_CONTENT)
        try:
            check_restored(before, after, "the restoration")
        except RestorerFailed as error:
            return self._failed(before, error)
        return self.judge_of_pairs.judge(Restoration(before, after, restorer), self.policy)

    def unassessable(self, lq: RGBImage, problem: Reason) -> Judgement:
        """NOT_ASSESSABLE for a stated reason; the (512, 512, 3) face stays."""
        return Judgement(Verdict(Decision.NOT_ASSESSABLE, 0.0, (problem,), self.policy.name), lq)

    def provenance(self) -> dict[str, Any]:
        """What a record needs so that its decision can be repeated, as plain data."""
        judge = self.judge_of_pairs
        return {
            "version": __version__,
            "assessor": judge.assessor.name,
            "detector": self.assessment.detector.name,
            "thresholds": self.policy.model_dump(exclude={"name", "summary"}),
        }

    def _failed(self, lq: RGBImage, error: RestorerFailed) -> Judgement:
        reasons = (_failure(error),)
        verdict = Verdict(Decision.FAILED, 0.0, reasons, self.policy.name, detail=str(error))
        return Judgement(verdict, lq)

    def _restore_face(self, lq: RGBImage, name: str, settings: dict[str, Any]) -> Restoration:
        given = lq.copy()
        restored, seconds = call_restorer(
            name, lambda: self.restorer.restore(given, self.settings), self.time_limit_seconds
        )
        hq = check_restored(lq, restored, name)
        if hq.shape != lq.shape:
            hq = frame_as_aligned(hq).pixels
        return Restoration(lq, hq, name, settings, seconds)


def _failure(error: RestorerFailed) -> Reason:
    if isinstance(error, RestorerTimedOut):
        return Reason.RESTORER_TIMED_OUT
    if isinstance(error, RestorerDidNothing):
        return Reason.RESTORER_DID_NOTHING
    if isinstance(error, RestorerOutputInvalid):
        return Reason.RESTORER_OUTPUT_INVALID
    return Reason.RESTORER_RAISED


def _compose(
    background: RGBImage, faces: Sequence[GuardedFace], upscale: int, aligned: bool
) -> RGBImage:
    """Put back what is delivered; a refused neighbour's box keeps its bytes."""
    pixels = background
    for one in faces:
        if one.delivered and aligned:
            pixels = fit_aligned(background, one.face.pixels, one.pixels)
        elif one.delivered:
            pixels = paste_face(pixels, one.face, one.pixels, upscale)
    if pixels is background:
        return background
    for one in faces:
        if not one.delivered:
            pixels = keep_box(pixels, background, one.face, upscale)
    return pixels
