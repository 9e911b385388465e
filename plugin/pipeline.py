"""The guard as a pipeline: find faces, restore each, judge it, and put back what may go back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from ..core.errors import (
    FaceFidelityError,
    InvalidInput,
    RestorerDidNothing,
    RestorerFailed,
    RestorerTimedOut,
)
from ..core.faces import (
    FACE_SIZE_PX,
    AlignedFace,
    FaceDetector,
    frame_as_aligned,
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
from .assessment import FaceAssessment
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
        if time_limit_seconds <= 0:
            raise InvalidInput(f"expected time_limit_seconds above 0, got {time_limit_seconds}")
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
        for one in guarded:
            if one.verdict.decision in (Decision.ACCEPT, Decision.BLEND):
                pixels = _put_back(pixels, one.face, one.pixels, upscale, aligned)
        return GuardedImage(pixels=pixels, faces=tuple(guarded))

    def guard_face(self, face: AlignedFace, image: RGBImage) -> GuardedFace:
        """Restore and judge one aligned face of a picture."""
        problem = self.assessment.problem_of(face, image)
        if problem is not None:
            verdict = Verdict(Decision.NOT_ASSESSABLE, 0.0, (problem,), self.policy.name)
            return GuardedFace(face, None, verdict, face.pixels)
        try:
            restoration = self._restore_face(face.pixels)
        except RestorerFailed as error:
            verdict = Verdict(
                Decision.FAILED, 0.0, (_failure(error),), self.policy.name, detail=str(error)
            )
            return GuardedFace(face, None, verdict, face.pixels)
        judgement = self.judge_of_pairs.judge(restoration, self.policy)
        return GuardedFace(face, restoration, judgement.verdict, judgement.pixels)

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
        try:
            check_restored(before, after, restorer)
        except RestorerFailed as error:
            verdict = Verdict(
                Decision.FAILED, 0.0, (_failure(error),), self.policy.name, detail=str(error)
            )
            return Judgement(verdict, before)
        return self.judge_of_pairs.judge(Restoration(before, after, restorer), self.policy)

    def _restore_face(self, lq: RGBImage) -> Restoration:
        name = self.restorer.info.name
        given = lq.copy()
        restored, seconds = call_restorer(
            name, lambda: self.restorer.restore(given, self.settings), self.time_limit_seconds
        )
        hq = check_restored(lq, restored, name)
        if hq.shape != lq.shape:
            hq = frame_as_aligned(hq).pixels
        return Restoration(lq, hq, name, self.settings.model_dump(mode="json"), seconds)


def _failure(error: FaceFidelityError) -> Reason:
    if isinstance(error, RestorerTimedOut):
        return Reason.RESTORER_TIMED_OUT
    if isinstance(error, RestorerDidNothing):
        return Reason.RESTORER_DID_NOTHING
    if error.__cause__ is not None:
        return Reason.RESTORER_RAISED
    return Reason.RESTORER_OUTPUT_INVALID


def _put_back(
    pixels: RGBImage, face: AlignedFace, restored: RGBImage, upscale: int, aligned: bool
) -> RGBImage:
    if not aligned:
        return paste_face(pixels, face, restored, upscale)
    if pixels.shape[0] == FACE_SIZE_PX:
        return restored
    interpolation = cv2.INTER_AREA if pixels.shape[0] < FACE_SIZE_PX else cv2.INTER_CUBIC
    return np.asarray(
        cv2.resize(restored, pixels.shape[1::-1], interpolation=interpolation), np.uint8
    )
