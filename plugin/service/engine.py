"""Does the jobs: decodes what was sent, runs guard, judge or assessor, encodes what is delivered.

One crew (detector, judge and restorers of its own) works on one job at a time, since detectors and
restorers promise nothing about threads; the networks that judge are shared.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import SimpleQueue
from time import monotonic
from typing import Any, Final

import cv2

from ...core.errors import InvalidInput, JobOverdue
from ...core.faces import DlibDetector
from ...core.images import Picture, decode_picture
from ...core.protocols import Restorer, RGBImage
from ...guards.judgement import FaceJudge
from ..assessment import FaceAssessment
from ..batch.local import delivered_alpha
from ..cameras.guarding import guard_of_camera
from ..comparison import compare_pictures
from ..decisions import assessment_record, comparison_record, decision_record
from ..parts import default_judge
from ..pipeline import Guard
from ..provenance import Labelling, PictureLabel, label_of_pair, label_of_restoration
from ..results import GuardedImage
from .exchange import Done, Upload
from .offers import Offer, Order
from .records import public_record
from .settings import ServiceSettings

__all__ = ["Engine"]

_logger: Final = logging.getLogger(__name__)
_LEAST_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Crew:
    judge: FaceJudge
    detector: DlibDetector
    restorers: Mapping[str, Restorer]


class Engine:
    """Everything that a job needs, loaded before the first one comes.

    Args:
        settings: The operator's.
        offer: What clients may choose from.

    Raises:
        WeightsMissing: If a restorer's weights are not here; likewise ChecksumMismatch and
            MissingExtra.
        UnsupportedWeights: If weights are not the camera profile's, and only those are allowed.
        DetectorFailed: If the detector's model is not installed.
    """

    def __init__(self, settings: ServiceSettings, offer: Offer) -> None:
        self._max_pixels = settings.max_pixels
        self._redact = settings.redact
        self._offer = offer
        self._crews: SimpleQueue[_Crew] = SimpleQueue()
        if settings.threads:
            cv2.setNumThreads(settings.threads)
        judge = default_judge(settings.threads)
        for _ in range(settings.workers):
            crew = _make_crew(judge, offer, settings.trust)
            self._crews.put(crew)
        if offer.camera is not None:
            guard_of_camera(
                offer.camera,
                strict=settings.strict_profile,
                warn=_logger.warning,
                restorer=crew.restorers[offer.default_restorer],
                judge=judge,
            )
        self.judge: Final = judge
        self.detector_name: Final = DlibDetector.name

    def restore(
        self,
        picture: Upload,
        references: Sequence[Upload],
        order: Order,
        deadline: float,
        image: bool,
    ) -> Done:
        """Guard the restoration of one picture.

        Args:
            picture: The picture.
            references: Pictures of the person, possibly none.
            order: What the client chose.
            deadline: On the monotonic clock.
            image: Whether the delivered picture is encoded.

        Raises:
            InvalidInput: If a picture cannot be used.
            JobOverdue: If the time is over before the last face.
            WeightsMissing: If the restorer cannot run any more; likewise its kin.
        """
        read = self._read(picture)
        self._require_room(read, order.upscale)
        with self._crew() as crew:
            guard = self._guard(crew, order, deadline)
            known = [self._read(one).pixels for one in references]
            result = guard.restore(
                read.pixels,
                aligned=order.aligned,
                upscale=order.upscale,
                references=guard.enrol(known) if known else None,
                progress=lambda _done, _all: _require_time(deadline),
            )
            facts = guard.provenance()
        name, policy = picture.name or "", guard.policy
        records = [
            decision_record(name, index, face, facts, policy)
            for index, face in enumerate(result.faces)
        ]
        self._log_failures(records)
        label = label_of_restoration(result, read.pixels, read.sha256, policy.name)
        return _done(read, result, records, label if image else None)

    def judge_pair(
        self, before: Upload, after: Upload, order: Order, deadline: float, image: bool
    ) -> Done:
        """Judge a restoration made elsewhere; arguments and errors as for `restore`."""
        first, second = self._read(before), self._read(after)
        with self._crew() as crew:
            guard = self._guard(crew, order, deadline)
            _require_time(deadline)
            result = compare_pictures(guard, first.pixels, second.pixels, aligned=order.aligned)
            facts = guard.provenance()
        names = before.name or "", after.name or ""
        records = [
            comparison_record(*names, index, face, facts, guard.policy)
            for index, face in enumerate(result.faces)
        ]
        self._log_failures(records)
        label = label_of_pair(result, first.pixels, first.sha256, guard.policy.name)
        done = _done(second, result, records, label if image else None)
        return replace(done, before_size=(first.width_px, first.height_px))

    def assess(self, picture: Upload, order: Order, deadline: float) -> Done:
        """Score the faces of one picture; arguments and errors as for `restore`."""
        read = self._read(picture)
        with self._crew() as crew:
            _require_time(deadline)
            assessment = FaceAssessment(
                crew.judge.assessor,
                crew.detector,
                min_face_px=order.min_face_px,
                only_center_face=order.only_center_face,
            )
            faces = assessment.assess(read.pixels, aligned=order.aligned)
        name = picture.name or ""
        records = (assessment_record(name, index, face) for index, face in enumerate(faces))
        return Done((read.width_px, read.height_px), tuple(map(public_record, records)))

    @contextmanager
    def _crew(self) -> Iterator[_Crew]:
        crew = self._crews.get()
        try:
            yield crew
        finally:
            self._crews.put(crew)

    def _guard(self, crew: _Crew, order: Order, deadline: float) -> Guard:
        guard = Guard(
            crew.restorers[order.restorer],
            settings=order.settings,
            policy=order.policy,
            judge=crew.judge,
            detector=crew.detector,
            min_face_px=order.min_face_px,
            only_center_face=order.only_center_face,
            time_limit_seconds=max(_LEAST_SECONDS, deadline - monotonic()),
        )
        if self._offer.camera is not None:
            guard.camera = self._offer.camera.record
        return guard

    def _log_failures(self, records: Sequence[dict[str, Any]]) -> None:
        """Say what failing restorers said; it may hold anything, so not where logs are redacted."""
        for record in records:
            if record["detail"] and not self._redact:
                _logger.warning("%s", record["detail"])

    def _read(self, upload: Upload) -> Picture:
        return decode_picture(upload.data, upload.shown, max_pixels=self._max_pixels)

    def _require_room(self, read: Picture, upscale: int) -> None:
        pixels = read.width_px * read.height_px * upscale**2
        if pixels > self._max_pixels:
            raise InvalidInput(
                f"expected a result of at most {self._max_pixels / 1e6:g} megapixels, got "
                f"{pixels / 1e6:.1f} with upscale {upscale}; choose a smaller one"
            )


def _make_crew(judge: FaceJudge, offer: Offer, trust: bool) -> _Crew:
    from ...restorers.registry import create_restorer

    detector = DlibDetector()
    own = FaceJudge(
        judge.assessor,
        judge.embedder,
        detector,
        judge.risk_model,
        judge.open_reference_embedder,
    )
    return _Crew(
        own, detector, {name: create_restorer(name, trust=trust) for name in offer.restorers}
    )


def _require_time(deadline: float) -> None:
    if monotonic() >= deadline:
        raise JobOverdue("expected every face to be done in time, but they were not")


def _done(
    read: Picture,
    result: GuardedImage,
    records: Sequence[dict[str, Any]],
    label: PictureLabel | None,
) -> Done:
    """The records as clients may see them, and the labelled PNG where there is a label for one."""
    size = read.width_px, read.height_px
    faces = tuple(map(public_record, records))
    if label is None:
        return Done(size, faces)
    pixels: RGBImage = result.pixels
    alpha = delivered_alpha(read, result)
    png = Labelling().encode(pixels, ".png", label, read, alpha)
    return Done(size, faces, png, (pixels.shape[1], pixels.shape[0]))
