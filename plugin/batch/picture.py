"""One planned picture, from its file to the bytes of its result; writes nothing.

The same in this process, in a worker process and in any other engine.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from ...core.errors import FaceFidelityError, MissingExtra, WeightsMissing
from ...core.images import Picture, printable_path
from ...guards.references import ReferenceSet
from ..cameras.guarding import RoutedGuards, guard_of_picture
from ..decisions import decision_record
from ..pipeline import Guard
from ..provenance import Labelling, label_of_restoration
from ..redaction import redact_record
from ..results import GuardedImage
from ..review.overrides_file import OverrideBook
from .facts import facts_of, redacted_facts
from .plan import PlannedPicture
from .stores import path_of, read_source
from .worked import BatchFacts, WorkedPicture

__all__ = ["PictureWorker", "delivered_alpha"]

_logger = logging.getLogger(__name__)


class PictureWorker:
    """Guards planned pictures, one after the other.

    Args:
        guard: Who does it; with several cameras, each picture's own.
        aligned: Every picture is one face in the FFHQ frame.
        upscale: Whole factor by which pictures grow.
        references: Enrolled pictures of the person, `Guard.enrol`.
        overrides: What people decided on single faces.
        labelling: How results are labelled and signed; labelled unsigned by default.
        redact: Keep file names, free text and people's names out of the records.
        keep_pixels: Whether outcomes hold the guarded pictures, for a report.
        labelling: How written pictures are labelled and signed; labelled unsigned by default.
        redact: Keep file names, free text and people's names out of the records.
    """

    def __init__(
        self,
        guard: Guard | RoutedGuards,
        *,
        aligned: bool = False,
        upscale: int = 1,
        references: ReferenceSet | None = None,
        overrides: OverrideBook | None = None,
        keep_pixels: bool = False,
        labelling: Labelling | None = None,
        redact: bool = False,
    ) -> None:
        self.guard = guard
        self._aligned = aligned
        self._upscale = upscale
        self._references = references
        self._overrides = overrides
        self._labelling = labelling or Labelling()
        self.redact = redact
        self._keep_pixels = keep_pixels
        self._labelling = labelling or Labelling()
        self._redact = redact

    @property
    def guards(self) -> tuple[Guard, ...]:
        """Every guard that may be asked."""
        return (self.guard,) if isinstance(self.guard, Guard) else self.guard.guards

    def facts(self) -> BatchFacts:
        """What decides the results.

        Raises:
            WeightsMissing: If the weights of a restorer are not here.
        """
        chosen = {
            "aligned": self._aligned,
            "upscale": self._upscale,
            "references": _references_name(self._references),
            "overrides": _overrides_name(self._overrides),
            "labels": self._labelling.labels,
            "signed": self._labelling.identity is not None,
            "redact": self.redact,
        }
        facts = facts_of(self.guards, chosen)
        return redacted_facts(facts) if self.redact else facts

    def patience_seconds(self) -> float:
        """Time in which a face is done or given up, if nothing but a restorer hangs."""
        return max(len(guard.candidates) * guard.time_limit_seconds for guard in self.guards)

    def work(
        self, plan: PlannedPicture, progress: Callable[[int, int], None] | None = None
    ) -> WorkedPicture:
        """Read, restore, judge and encode one picture; a failure is in the outcome.

        Args:
            plan: The picture.
            progress: As of `Guard.restore`.

        Raises:
            WeightsMissing: If the restorer has no weights here: no picture can be done.
            MissingExtra: If the restorer's packages are not installed.
        """
        if plan.problem is not None:
            return WorkedPicture(error=plan.problem)
        started = time.perf_counter()
        try:
            return self._work(plan, progress, started)
        except (WeightsMissing, MissingExtra):
            raise
        except FaceFidelityError as error:
            return WorkedPicture(error=str(error))
        except Exception as error:
            _logger.exception("unexpected failure on %s", printable_path(plan.source))
            return WorkedPicture(error=f"unexpected {type(error).__name__}: {error}")

    def _work(
        self, plan: PlannedPicture, progress: Callable[[int, int], None] | None, started: float
    ) -> WorkedPicture:
        guard = guard_of_picture(self.guard, path_of(plan.source))
        picture = read_source(plan.source)
        overrides = self._overrides.of_picture(picture.sha256) if self._overrides else ()
        result = guard.restore(
            picture.pixels,
            aligned=self._aligned,
            upscale=self._upscale,
            references=self._references,
            overrides=overrides,
            progress=progress,
        )
        alpha, policy = delivered_alpha(picture, result), guard.policy
        label = label_of_restoration(result, picture.pixels, picture.sha256, policy.name)
        data = self._labelling.encode(result.pixels, plan.target.suffix, label, picture, alpha)
        digest = hashlib.sha256(data).hexdigest()
        records = self._records(plan, guard, result, (picture.sha256, digest))
        return WorkedPicture(
            input_sha256=picture.sha256,
            output_sha256=digest,
            data=data,
            records=records,
            ignored=result.ignored,
            policy=policy,
            profile=_profile_name(guard.camera),
            seconds=time.perf_counter() - started,
            result=result if self._keep_pixels else None,
            before=picture.pixels if self._keep_pixels else None,
        )

    def _records(
        self, plan: PlannedPicture, guard: Guard, result: GuardedImage, hashes: tuple[str, str]
    ) -> tuple[dict[str, Any], ...]:
        """One decision record a face."""
        facts = {
            "output": printable_path(plan.target),
            "input_sha256": hashes[0],
            "output_sha256": hashes[1],
        }
        source, provenance = printable_path(plan.source), guard.provenance()
        records = (
            {**decision_record(source, index, face, provenance, guard.policy), **facts}
            for index, face in enumerate(result.faces)
        )
        if not self.redact:
            return tuple(records)
        names = {"path": hashes[0], "output": hashes[1]}
        return tuple(redact_record(record, names) for record in records)


def delivered_alpha(picture: Picture, result: GuardedImage) -> np.ndarray[Any, Any] | None:
    """The input's alpha at the size of the result, (H, W) uint8; None where it has none."""
    if picture.alpha is None or picture.alpha.shape == result.pixels.shape[:2]:
        return picture.alpha
    size = (result.pixels.shape[1], result.pixels.shape[0])
    return np.asarray(cv2.resize(picture.alpha, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _profile_name(camera: dict[str, str | None]) -> str | None:
    if camera["camera"] is None:
        return None
    return f"{camera['camera']} {camera['camera_sha256'] or ''}".strip()


def _references_name(references: ReferenceSet | None) -> str | None:
    if references is None:
        return None
    digest = hashlib.sha256()
    for one in references.embeddings:
        # Rounded: the last digits of an embedding may differ with the number of threads.
        digest.update(np.round(one.vector.astype(np.float64), 3).tobytes())
    return digest.hexdigest()[:16]


def _overrides_name(overrides: OverrideBook | None) -> str | None:
    if not overrides:
        return None
    lines = sorted(one.model_dump_json() for one in overrides.values())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
