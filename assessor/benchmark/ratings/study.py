"""A folder of pictures that people rate, and the file that their ratings go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ....core.errors import InvalidInput
from ....core.images import find_pictures, printable_path, read_picture
from ....core.protocols import RGBImage
from ....core.scores import HEADS
from .collecting import RatingsFile
from .plan import StudyPlan

__all__ = ["RATINGS_NAME", "RatingStudy", "open_study"]

RATINGS_NAME: Final = "ratings.csv"
_PRACTICE: Final = 3


@dataclass(frozen=True, slots=True)
class RatingStudy:
    """One study.

    Attributes:
        folder: Where the plan's pictures lie.
        plan: What is rated, and how.
        ratings: Where the ratings go.
    """

    folder: Path
    plan: StudyPlan
    ratings: RatingsFile

    def picture(self, image: str) -> RGBImage:
        """Read one picture of the plan.

        Returns:
            (H, W, 3) uint8 RGB.

        Raises:
            InvalidInput: If it is not one of the plan's, or cannot be read.
        """
        if image not in self.plan.images:
            raise InvalidInput(f"expected a picture of this study, got {image!r:.80}")
        return read_picture(self.folder / image).pixels


def open_study(
    folder: Path,
    ratings: Path | None = None,
    *,
    heads: Sequence[str] = HEADS,
    scale: str = "1-5",
    seed: int = 0,
    repeat_share: float = 0.1,
) -> RatingStudy:
    """Take the pictures of a folder, those of its sub-folders too, as a study.

    Args:
        folder: The pictures; names in the ratings are relative to it.
        ratings: The CSV; `ratings.csv` in that folder where None.
        heads: Which dimensions are asked, out of `HEADS`.
        scale: One of `SCALES`.
        seed: Of every rater's order.
        repeat_share: Share of pictures that are shown twice.

    Raises:
        InvalidInput: If there are no pictures, a number is out of range, or the ratings file is
            another study's.
        NotRegistered: If a dimension or the scale is unknown.
    """
    if not folder.is_dir():
        raise InvalidInput(f"expected a folder of pictures to rate, got {printable_path(folder)}")
    images = tuple(one.relative.as_posix() for one in find_pictures([folder]))
    if not images:
        raise InvalidInput(f"expected pictures in {printable_path(folder)}, found none")
    plan = StudyPlan(
        images=images,
        heads=tuple(heads),
        scale=scale,
        seed=seed,
        repeat_share=repeat_share,
        training=min(_PRACTICE, len(images)),
    )
    file = RatingsFile(ratings or folder / RATINGS_NAME, plan)
    file.progress()  # refuses another study's file before anybody has rated
    return RatingStudy(folder, plan, file)
