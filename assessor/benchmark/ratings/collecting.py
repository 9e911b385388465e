"""Collects ratings into the raw CSV that `bench mos` reads: whole lines, never half a picture.

Every answer rewrites the file in one step, so that a crash or a full disk loses the answer that was
being given and nothing else. What is in the file is also all that is remembered of a session.
"""

from __future__ import annotations

import csv
import io
import math
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from ....core.errors import InvalidInput
from ....core.files import write_text_file
from ....core.images import printable_path
from .plan import Presentation, StudyPlan

__all__ = ["COLUMNS", "RatingsFile"]

COLUMNS: Final = (
    "rater",
    "image",
    "dimension",
    "score",
    "order",
    "repeat",
    "seconds",
    "time",
    "session",
)
_WRITING: Final = threading.Lock()
_Row = dict[str, str]


class RatingsFile:
    """The ratings of one study.

    Args:
        path: The CSV; made at the first answer.
        plan: Whose ratings it holds.
    """

    def __init__(self, path: Path, plan: StudyPlan) -> None:
        self.path = path
        self.plan = plan

    def answered(self, rater: str) -> int:
        """How many presentations a rater has answered.

        Raises:
            InvalidInput: If the file cannot be read or holds another study's ratings.
        """
        orders = {row["order"] for row in self._read() if row["rater"] == rater}
        return len(orders)

    def progress(self) -> dict[str, int]:
        """Presentations answered by every rater, in order of first appearance; raises likewise."""
        orders: dict[str, set[str]] = {}
        for row in self._read():
            orders.setdefault(row["rater"], set()).add(row["order"])
        return {rater: len(seen) for rater, seen in orders.items()}

    def next_for(self, rater: str) -> Presentation | None:
        """What a rater is shown next, None when all is answered; raises likewise."""
        answered = self.answered(rater)
        shown = self.plan.presentations(rater)
        return shown[answered] if answered < len(shown) else None

    def answer(
        self, rater: str, order: int, scores: Mapping[str, float | None], seconds: float = 0.0
    ) -> Presentation | None:
        """Write down one picture's scores.

        Args:
            rater: As `rater_name` writes it.
            order: Which presentation it was; only the next one is taken, so that a double click
                or a second window never answers for another picture.
            scores: One score a head of the plan.
            seconds: How long the picture was looked at.

        Returns:
            What comes next, None when that was the last.

        Raises:
            InvalidInput: If it is not the next presentation, or a score is missing or off the
                scale; nothing is written.
            WriteFailed: If the disk refuses; the file stays as it was.
        """
        checked = self._check(scores)
        with _WRITING:
            rows = self._read()
            answered = len({row["order"] for row in rows if row["rater"] == rater})
            shown = self.plan.presentations(rater)
            if order != answered or order >= len(shown):
                raise InvalidInput(
                    f"expected an answer to picture {answered + 1}, got one to picture "
                    f"{order + 1}, which has been answered; load the page again to go on"
                )
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            rows += [
                {
                    "rater": rater,
                    "image": shown[order].image,
                    "dimension": head,
                    "score": f"{score:g}",
                    "order": str(order),
                    "repeat": str(shown[order].repeat),
                    "seconds": f"{seconds:.1f}",
                    "time": now,
                    "session": self.plan.key,
                }
                for head, score in checked.items()
            ]
            write_text_file(self.path, _as_csv(rows))
        return shown[order + 1] if order + 1 < len(shown) else None

    def _check(self, scores: Mapping[str, float | None]) -> dict[str, float]:
        low, high = self.plan.limits
        missing = [head for head in self.plan.heads if scores.get(head) is None]
        if missing:
            raise InvalidInput(
                f"expected a score for every dimension, got none for {', '.join(missing)}"
            )
        checked = {head: float(scores[head] or 0.0) for head in self.plan.heads}
        for head, score in checked.items():
            if not (math.isfinite(score) and low <= score <= high):
                raise InvalidInput(f"expected {head} in {low:g}..{high:g}, got {score:g}")
        return checked

    def _read(self) -> list[_Row]:
        if not self.path.exists():
            return []
        shown = printable_path(self.path)
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            told = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise InvalidInput(f"expected ratings at {shown}, got: {told}") from error
        reader = csv.DictReader(io.StringIO(text, newline=""))
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InvalidInput(
                f"expected ratings that this page collected in {shown}, got a file with other "
                "columns; name another file for the ratings"
            )
        rows = list(reader)
        if any(row["session"] != self.plan.key for row in rows):
            raise InvalidInput(
                f"expected ratings of this study in {shown}, got some of another one (other "
                "pictures, dimensions, scale, seed or repeats); name another file for the ratings"
            )
        return rows


def _as_csv(rows: list[_Row]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
