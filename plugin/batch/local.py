"""Guards a batch in this process, picture by picture."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ...core.errors import FaceFidelityError, MissingExtra, WeightsMissing, WriteFailed
from ...core.images import Picture, printable_path, read_picture, write_picture
from ...core.protocols import RGBImage
from ...guards.policy import Policy
from ...guards.references import ReferenceSet
from ..cameras.guarding import RoutedGuards, guard_of_picture
from ..decisions import decision_record
from ..pipeline import Guard
from ..results import GuardedImage
from ..review.overrides_file import OverrideBook
from .plan import PlannedPicture

__all__ = ["PictureOutcome", "delivered_alpha", "guard_pictures"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class PictureOutcome:
    """What became of one picture.

    Attributes:
        plan: Its input and output.
        result: The guarded picture, None where it failed.
        before: (H, W, 3) uint8 RGB, the picture as it was read, None where it failed.
        records: One decision record a face.
        error: Why it failed, in one sentence; None where it did not.
        sha256: Of the input file, empty where it failed.
        policy: Under which was decided, None where it failed.
    """

    plan: PlannedPicture
    result: GuardedImage | None
    before: RGBImage | None = None
    records: tuple[dict[str, Any], ...] = ()
    error: str | None = None
    sha256: str = ""
    policy: Policy | None = None


def guard_pictures(
    plans: Sequence[PlannedPicture],
    guard: Guard | RoutedGuards,
    log: Path,
    *,
    aligned: bool = False,
    upscale: int = 1,
    references: ReferenceSet | None = None,
    overrides: OverrideBook | None = None,
) -> Iterator[PictureOutcome]:
    """Restore, judge and write every picture; a failing one does not stop the rest.

    Args:
        plans: What to do.
        guard: Who does it; with several cameras, each picture's own.
        log: `decisions.jsonl` in an existing folder; a picture's lines follow its written output.
            That of an earlier run is kept beside it as `decisions.previous.jsonl`.
        aligned: Every picture is one face in the FFHQ frame.
        upscale: Whole factor by which pictures grow.
        references: Enrolled pictures of the person, `Guard.enrol`.
        overrides: What people decided on single faces; those that cannot be honoured are in the
            outcome's `result.ignored`, and which pictures had none is for the caller to see.

    Yields:
        One outcome a picture, in order.

    Raises:
        WeightsMissing: If the restorer has no weights here: no picture could be done.
        MissingExtra: If the restorer's packages are not installed.
        WriteFailed: If the log cannot be written; pictures before it are whole.
    """
    if log.exists():
        log.replace(log.with_name("decisions.previous.jsonl"))
    for plan in plans:
        outcome = _guard_picture(plan, guard, aligned, upscale, references, overrides)
        _append(log, outcome.records)
        yield outcome


def _append(log: Path, records: Sequence[dict[str, Any]]) -> None:
    """Add whole lines to the log, or none: what a full disk cut off is taken back."""
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    whole = log.stat().st_size if log.exists() else 0
    try:
        with log.open("a", encoding="utf-8") as lines:
            lines.write(text)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.truncate(log, whole)
        raise WriteFailed(
            f"expected to write {printable_path(log)}, got: {error.strerror}; the batch stops "
            "here, since no decision may go unrecorded"
        ) from error


def _guard_picture(
    plan: PlannedPicture,
    guard: Guard | RoutedGuards,
    aligned: bool,
    upscale: int,
    references: ReferenceSet | None,
    overrides: OverrideBook | None,
) -> PictureOutcome:
    if plan.problem is not None:
        return PictureOutcome(plan, None, error=plan.problem)
    try:
        chosen = guard_of_picture(guard, plan.source)
        picture = read_picture(plan.source)
        result = chosen.restore(
            picture.pixels,
            aligned=aligned,
            upscale=upscale,
            references=references,
            overrides=overrides.of_picture(picture.sha256) if overrides else (),
        )
        plan.target.parent.mkdir(parents=True, exist_ok=True)
        digest = write_picture(plan.target, result.pixels, alpha=delivered_alpha(picture, result))
    except (WeightsMissing, MissingExtra):
        raise
    except FaceFidelityError as error:
        return PictureOutcome(plan, None, error=str(error))
    except Exception as error:
        _logger.exception("unexpected failure on %s", printable_path(plan.source))
        return PictureOutcome(plan, None, error=f"unexpected {type(error).__name__}: {error}")
    facts = {
        "output": printable_path(plan.target),
        "input_sha256": picture.sha256,
        "output_sha256": digest,
    }
    source, provenance = printable_path(plan.source), chosen.provenance()
    records = tuple(
        {**decision_record(source, index, face, provenance, chosen.policy), **facts}
        for index, face in enumerate(result.faces)
    )
    return PictureOutcome(
        plan, result, picture.pixels, records, sha256=picture.sha256, policy=chosen.policy
    )


def delivered_alpha(picture: Picture, result: GuardedImage) -> np.ndarray[Any, Any] | None:
    """The input's alpha at the size of the result, (H, W) uint8; None where it has none."""
    if picture.alpha is None or picture.alpha.shape == result.pixels.shape[:2]:
        return picture.alpha
    size = (result.pixels.shape[1], result.pixels.shape[0])
    return np.asarray(cv2.resize(picture.alpha, size, interpolation=cv2.INTER_LINEAR), np.uint8)
