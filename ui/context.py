"""What every tab of the page shares: the server's private folder, its limits and its judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..assessor.benchmark.ratings.study import RatingStudy
from ..guards.judgement import FaceJudge
from ..guards.policy import Policy
from ..plugin.parts import default_judge
from ..plugin.pipeline import Guard
from .sessions import Sessions

__all__ = ["CARD_CLASS", "REPORT_CLASS", "TEXT_CLASS", "PageContext"]

REPORT_CLASS: Final = "ff"
"""Class of every `gr.HTML` that holds the report's markup: below it the report's style holds."""
CARD_CLASS: Final = "ff-card"
"""Class of a `gr.Group` or `gr.Column` that looks like one face's card."""
TEXT_CLASS: Final = "ff-text"
"""Class of a `gr.Markdown` with words that explain something."""


@dataclass(frozen=True, slots=True, eq=False)
class PageContext:
    """Settings and shared parts of one server.

    Attributes:
        work: Private folder (mode 0700) of this server: uploads and everything handed out lie
            below it, and it is deleted when the server stops.
        sessions: The files of every open session.
        max_upload_mb: Largest upload in megabytes.
        review_folders: Results of batches that the operator opened to the page with ``--review``;
            besides the pictures that their records name by hash, the study's and the frames,
            nothing outside `work` is read.
        study: The pictures that are rated (``--rate``), None where there are none.
        frame_folders: Frames of cameras that the operator opened to the page with ``--frames``.
        judge: The shared judge; its networks are loaded at the first call.
    """

    work: Path
    sessions: Sessions
    max_upload_mb: int = 64
    review_folders: tuple[Path, ...] = ()
    study: RatingStudy | None = None
    frame_folders: tuple[Path, ...] = ()
    judge: Callable[[], FaceJudge] = default_judge

    def guard(
        self,
        restorer: str = "identity",
        settings: Mapping[str, Any] | None = None,
        policy: str | Policy = "balanced",
    ) -> Guard:
        """Make a guard around the shared judge; arguments as those of `Guard`.

        Raises:
            NotRegistered: If the restorer or policy is unknown.
            InvalidInput: If a setting is out of range.
            WeightsMissing: If the restorer's weights are not here; likewise MissingExtra.
        """
        return Guard(restorer, settings=settings, policy=policy, judge=self.judge())
