"""The report beside a batch: when it cannot be written, that is said and the batch goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .options import complain

if TYPE_CHECKING:
    from ...guards.policy import Policy
    from ..report import ReportWriter

__all__ = ["ReportPage"]


class ReportPage:
    """A report that may be wanted or not, and that never stops the batch.

    Args:
        path: Where the page goes, None when no page is wanted.
        title: Its title.
        policy: Under which was decided.
        pictures: Whether it shows any; without them it holds words and numbers only.
    """

    def __init__(
        self, path: Path | None, title: str, policy: Policy, *, pictures: bool = True
    ) -> None:
        from ..report import ReportWriter

        self._path = path
        self._writer: ReportWriter | None = None
        self.failed = False
        """Whether the page could not be written."""
        if path is not None:
            self._writer = ReportWriter(path, title, policy, pictures=pictures)

    def add(self, entry: Callable[[ReportWriter], None]) -> None:
        """Add one entry by calling it with the writer, where there is one."""
        self._attempt(entry)

    def finish(self) -> None:
        """Write the page with everything that was added."""
        self._attempt(lambda writer: writer.write())

    def _attempt(self, step: Callable[[ReportWriter], None]) -> None:
        from ...core.errors import FaceFidelityError
        from ...core.images import printable_path

        if self._writer is None or self._path is None:
            return
        try:
            step(self._writer)
        except FaceFidelityError as error:
            complain(printable_path(self._path), f"{error}; there will be no report")
            self.failed = True
            self._writer.close()
            self._writer = None
