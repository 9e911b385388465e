"""The guard as a pipeline: find faces, restore each, judge it, and put back what may go back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.errors import InvalidInput, RestorerFailed
from ..core.faces import (
    AlignedFace,
    FaceDetector,
    frame_as_aligned,
    upscale_background,
)
from ..core.images import require_rgb
from ..core.protocols import Restoration, Restorer, RGBImage
from ..guards.judgement import FaceJudge, Judgement
from ..guards.measurement import MeasuredSource
from ..guards.policy import Policy, load_policy
from ..guards.profile import CameraProfile
from ..guards.references import ReferenceSet
from ..guards.verdict import Decision, Reason, Verdict
from ..restorers.output import check_restored
from ..restorers.registry import DEFAULT_RESTORER
from .assessment import FaceAssessment, is_blank
from .attempts import failed_judgement, try_candidates
from .candidates import CandidateSpec, make_candidates
from .composition import compose_picture
from .enrolment import References, enrol_person, measure_with_references
from .parts import default_judge
from .results import GuardedFace, GuardedImage
from .review.delivery import apply_overrides
from .review.overrides import Override

__all__ = ["Guard"]


class Guard:
    """Wraps a restorer and lets nothing out that gained looks at the cost of the person.

    Args:
        restorer: Registered name, or an object with the `Restorer` protocol.
        settings: Its settings, as ``{"name": value}``; strings are parsed.
        candidates: Instead of one restorer several, the best acceptable of which is delivered:
            ``["classical", ("realesrgan", {"input_size": [64, 128]})]``, or the command line's
            text. A list of values is a grid.
        policy: Name of a shipped policy, path of an own one, or a `Policy`.
        judge: Who judges; the embedded judge by default.
        detector: Who finds faces; dlib's by default.
        min_face_px: Faces narrower than this are left alone and reported NOT_ASSESSABLE.
        only_center_face: Treat only the face nearest to the picture's centre.
        time_limit_seconds: Wall time for one face after which a restorer counts as hanging.
        threads: Threads of the judging networks; 0 lets onnxruntime choose.
        trust: Vouch for weights files that the settings name and whose SHA-256 is not registered.

    Raises:
        NotRegistered: If the restorer or policy is unknown.
        UntrustedWeights: If such a file is named and nobody vouches for it.
        InvalidInput: If a setting or number is out of range.
    """

    def __init__(
        self,
        restorer: str | Restorer = DEFAULT_RESTORER,
        *,
        settings: Mapping[str, Any] | None = None,
        candidates: str | Iterable[CandidateSpec] | None = None,
        policy: str | Policy = "balanced",
        judge: FaceJudge | None = None,
        detector: FaceDetector | None = None,
        min_face_px: int = 0,
        only_center_face: bool = False,
        time_limit_seconds: float = 120.0,
        threads: int = 0,
        trust: bool = False,
    ) -> None:
        if not 0 < time_limit_seconds <= threading.TIMEOUT_MAX:
            raise InvalidInput(
                f"expected time_limit_seconds between 0 and {threading.TIMEOUT_MAX:.0f}, "
                f"got {time_limit_seconds}"
            )
        if candidates is not None and (settings or restorer != DEFAULT_RESTORER):
            raise InvalidInput(
                "expected one restorer with its settings, or candidates, got both; "
                'write the settings into the candidates: "realesrgan:input_size=64"'
            )
        if candidates is None:
            candidates = [(restorer, {name: [one] for name, one in (settings or {}).items()})]
        self.candidates = make_candidates(candidates, trust=trust)
        self.policy = policy if isinstance(policy, Policy) else load_policy(policy)
        self.judge_of_pairs = judge or default_judge(threads)
        self.assessment = FaceAssessment(
            assessor=self.judge_of_pairs.assessor,
            detector=detector,
            min_face_px=min_face_px,
            only_center_face=only_center_face,
        )
        self.time_limit_seconds = time_limit_seconds
        self.camera: dict[str, str | None] = {"camera": None, "camera_sha256": None}

    @classmethod
    def from_profile(
        cls, profile: CameraProfile | Path | str, *, strict_profile: bool = False, **options: Any
    ) -> Guard:
        """Guard as a camera's profile, or its YAML file, says.

        Args:
            profile: Says restorer, settings and policy.
            strict_profile: Refuse weights other than the profile's instead of warning of them.
            **options: The constructor's others.

        Raises:
            InvalidInput: If the file is no profile.
            UnsupportedWeights: If weights are refused.
        """
        from .cameras.guarding import guard_of_camera
        from .cameras.profiles import open_profile

        return guard_of_camera(open_profile(profile), strict=strict_profile, **options)

    def restore(
        self,
        image: RGBImage,
        *,
        aligned: bool = False,
        upscale: int = 1,
        references: References = None,
        overrides: Sequence[Override] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> GuardedImage:
        """Restore every face of a picture, guarded.

        Args:
            image: (H, W, 3) uint8 RGB.
            aligned: The picture already is one face in the FFHQ frame.
            upscale: Whole factor, 1..8, by which the picture grows.
            references: Pictures of one person, (H, W, 3) uint8 RGB with one face each, or what
                `enrol` made of them. They speak for the face of the picture that is most like
                them; the other faces are judged without.
            overrides: What people decided on faces of this very picture; followed instead of the
                verdict, which stays in the result. `GuardedImage.ignored` names those that fit no
                face or another restoration.
            progress: Called before each face with how many are done and how many there are.

        Returns:
            The picture with every accepted or blended face put back, and every face's verdict.

        Raises:
            InvalidInput: If the array is not such a picture, or a reference has not one face.
            DetectorFailed: If the face detector breaks.
            WeightsMissing: If the restorer's weights are not on this machine.
        """
        image = require_rgb(image)
        pixels = upscale_background(image, upscale)
        faces = self.assessment.find_faces(image, aligned=aligned)
        sources = measure_with_references(self, faces, image, references)
        guarded = []
        for index, face in enumerate(faces):
            if progress is not None:
                progress(index, len(faces))
            guarded.append(self.guard_face(face, image, sources.get(index)))
        guarded, ignored = apply_overrides(guarded, tuple(overrides))
        return GuardedImage(
            compose_picture(pixels, guarded, upscale, aligned), tuple(guarded), ignored
        )

    def enrol(
        self, pictures: Sequence[RGBImage], names: Sequence[str] | None = None
    ) -> ReferenceSet:
        """Embed reference pictures of one person once, for many calls of `restore`.

        Args:
            pictures: (H, W, 3) uint8 RGB, one face each.
            names: What to call them in an error; their numbers by default.

        Raises:
            InvalidInput: If there is no picture, or one does not show exactly one face.
        """
        embedder = self.judge_of_pairs.reference_embedder
        return enrol_person(pictures, self.assessment.detector, embedder, names)

    def guard_face(
        self, face: AlignedFace, image: RGBImage, source: MeasuredSource | None = None
    ) -> GuardedFace:
        """Restore and judge one aligned face of a picture, with every candidate.

        Args:
            face: The face.
            image: (H, W, 3) uint8 RGB, the picture that it was found in.
            source: What was measured on the face already, None to have it measured here.

        Returns:
            The face with exactly one verdict.

        Raises:
            WeightsMissing: If no restorer can run on this machine at all; likewise
                ChecksumMismatch, UnsupportedWeights and MissingExtra.
        """
        problem = self.assessment.problem_of(face, image)
        if problem is not None:
            judgement, first = self.unassessable(face.pixels, problem), self.candidates[0]
            found = judgement.verdict, judgement.pixels
            return GuardedFace(face, None, *found, first.name, first.plain_settings)
        # LQ is measured once, however many candidates are judged against it.
        if source is None and len(self.candidates) > 1:
            source = self.judge_of_pairs.measure_source(face.pixels)
        outcome = try_candidates(
            self.candidates,
            face.pixels,
            lambda restoration: self.judge_of_pairs.judge(restoration, self.policy, source),
            self.policy.name,
            self.time_limit_seconds,
        )
        verdict, pixels = outcome.judgement.verdict, outcome.judgement.pixels
        return GuardedFace(
            face,
            outcome.restoration,
            verdict,
            pixels,
            outcome.chosen.restorer,
            outcome.chosen.settings,
            outcome.attempts,
            outcome.judgement.maps,
        )

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

    def judge_pair(
        self,
        lq: RGBImage,
        hq: RGBImage,
        restorer: str = "unknown",
        source: MeasuredSource | None = None,
    ) -> Judgement:
        """As `judge`, with the (512, 512, 3) face that the guard would deliver.

        `source` is what was measured on LQ already, None to have it measured here.
        """
        before = frame_as_aligned(require_rgb(lq, "lq")).pixels
        after = frame_as_aligned(require_rgb(hq, "hq")).pixels
        if is_blank(before):
            return self.unassessable(before, Reason.FACE_WITHOUT_CONTENT)
        try:
            check_restored(before, after, "the restoration")
        except RestorerFailed as error:
            return failed_judgement(before, error, self.policy.name)
        restoration = Restoration(before, after, restorer)
        return self.judge_of_pairs.judge(restoration, self.policy, source)

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
            **self.camera,
        }
