"""Pictures that a visitor uploads to be rated: a study of the session's own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..assessor.benchmark.ratings import RatingStudy
from ..assessor.benchmark.ratings.study import open_study
from ..core.errors import InvalidInput
from .context import PageContext
from .visitor_files import pictures_by_name

__all__ = ["study_of", "upload_study"]

_TAB: Final = "rate"


def study_of(page: PageContext, session: str) -> RatingStudy | None:
    """What a session rates: its uploads, else the operator's pictures; None without either."""
    own: RatingStudy | None = page.sessions.kept(session, _TAB)
    return own or page.study


def upload_study(page: PageContext, session: str, files: Sequence[str] | None) -> RatingStudy:
    """Make a study of uploads, with the operator's scale and dimensions where there are any.

    Raises:
        InvalidInput: If there are none, or two have one name.
    """
    if not files:
        raise InvalidInput("expected pictures to rate, got none; upload several")
    for file in files:
        page.sessions.claim(session, Path(file))
    folder = page.sessions.new_folder(session, _TAB)
    for name, path in pictures_by_name(files).items():
        shutil.copyfile(path, folder / name)
    if page.study is None:
        study = open_study(folder)
    else:
        plan = page.study.plan
        study = open_study(
            folder,
            heads=plan.heads,
            scale=plan.scale,
            seed=plan.seed,
            repeat_share=plan.repeat_share,
        )
    page.sessions.keep(session, _TAB, study)
    return study
