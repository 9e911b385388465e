"""Judges pairs of pictures, one after the other; a failing pair does not stop the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import FaceFidelityError
from ...core.images import printable_path, read_picture
from ...core.protocols import RGBImage
from ...guards.policy import Policy
from ...guards.references import ReferenceSet
from ..cameras.guarding import RoutedGuards, guard_of_picture
from ..comparison import PicturePair, compare_pictures
from ..pipeline import Guard
from ..provenance import Labelling, label_of_pair
from ..results import GuardedImage
from .plan import TargetClaims

__all__ = ["PairOutcome", "compare_pairs"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class PairOutcome:
    """What became of one pair.

    Attributes:
        pair: The two pictures.
        target: Where the guarded result was written, None when nowhere.
        result: The guarded picture, None where it failed.
        before: (H, W, 3) uint8 RGB, the picture before restoration, None where it failed.
        provenance: `Guard.provenance()` of who judged.
        error: Why it failed, in one sentence; None where it did not.
        policy: Under which was decided, None where it failed.
        hashes: SHA-256 of BEFORE's and AFTER's file, empty where it failed.
    """

    pair: PicturePair
    target: Path | None
    result: GuardedImage | None
    before: RGBImage | None = None
    error: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    policy: Policy | None = None
    hashes: tuple[str, ...] = ()


def compare_pairs(
    pairs: Sequence[PicturePair],
    guard: Guard | RoutedGuards,
    after: Path,
    output: Path | None,
    *,
    aligned: bool = False,
    labelling: Labelling | None = None,
    references: ReferenceSet | None = None,
) -> Iterator[PairOutcome]:
    """Judge every pair and write each guarded result under AFTER's name as PNG.

    Args:
        pairs: What to judge.
        guard: Whose judge and policy apply; with several cameras, those of BEFORE's own.
        after: The file or folder of restorations; its structure is kept below `output`.
        output: Folder for the results, None to write nothing.
        aligned: Every picture is one face in the FFHQ frame.
        labelling: How written pictures are labelled and signed; labelled unsigned by default.
        references: Enrolled pictures of the person, `Guard.enrol`.

    Yields:
        One outcome a pair, in order.
    """
    targets = TargetClaims([path for pair in pairs for path in (pair.before, pair.after)])
    for pair in pairs:
        target, problem = None, pair.problem
        if output is not None:
            name = pair.after.relative_to(after) if after.is_dir() else Path(pair.after.name)
            target = (output / name).with_suffix(".png")
            problem = problem or targets.claim(target, pair.after)
        if problem is not None:
            yield PairOutcome(pair, target, None, error=problem)
        else:
            chosen = labelling or Labelling()
            yield _compare_pair(guard, pair, target, aligned, chosen, references)


def _compare_pair(
    guard: Guard | RoutedGuards,
    pair: PicturePair,
    target: Path | None,
    aligned: bool,
    labelling: Labelling,
    references: ReferenceSet | None,
) -> PairOutcome:
    try:
        before, after = read_picture(pair.before), read_picture(pair.after)
        chosen = guard_of_picture(guard, pair.before)
        result = compare_pictures(
            chosen, before.pixels, after.pixels, aligned=aligned, references=references
        )
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            label = label_of_pair(result, before.pixels, before.sha256, chosen.policy.name)
            labelling.write(target, result.pixels, label, before, after.alpha)
    except FaceFidelityError as error:
        return PairOutcome(pair, target, None, error=str(error))
    except Exception as error:
        _logger.exception("unexpected failure on %s", printable_path(pair.after))
        return PairOutcome(pair, target, None, error=f"unexpected {type(error).__name__}: {error}")
    return PairOutcome(
        pair,
        target,
        result,
        before.pixels,
        provenance=chosen.provenance(),
        policy=chosen.policy,
        hashes=(before.sha256, after.sha256),
    )
