"""The Markdown page of ``bench mos``: what was averaged, who was left out, who disagrees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ....assessor.benchmark.ratings.screening import check_consistency

if TYPE_CHECKING:
    from ....assessor.benchmark.ratings import MosTable, RaterConsistency, RatingTable, Screening

__all__ = ["SUMMARY", "summarise", "write_page"]

SUMMARY: Final = ("dimension", "pictures", "raters a picture", "mean CI (±)", "raters rejected")
"""Columns of `summarise`."""
_LOW_AGREEMENT: Final = 0.75


def write_page(table: RatingTable, screening: Screening, means: MosTable, *, screened: bool) -> str:
    """Write the page.

    Args:
        table: The raw ratings.
        screening: Of that table.
        means: The MOS that were written.
        screened: Whether the rejected raters were left out of them.

    Returns:
        Markdown.
    """
    consistency = check_consistency(table)
    parts = [
        "# Mean opinion scores",
        f"{table.score.size} ratings of {len(table.images)} pictures by {len(table.raters)} "
        f"raters on the scale {table.scale.low:g} to {table.scale.high:g}. MOS, deviations and "
        "intervals are in points of 0 to 100, higher is better; an interval is the mean ± "
        "t S / sqrt(N) with Student's t (BT.500 writes 1.96 for it, its limit for many raters). "
        "A rater counts once per picture: hidden repeats are averaged first.",
        "## Dimensions",
        _table(SUMMARY, summarise(means, screening, screened=screened)),
        "## Rejected raters",
        _rejected(screening, screened),
        "## Agreement",
        f"Worth a look: {_doubtful(consistency, screening)}. The screening finds raters who "
        "scatter to both sides; it can miss one who always gives the same score or reads the "
        "scale upside down, and loses its edge when a fifth of the panel does not look. A "
        f"correlation with the others below {_LOW_AGREEMENT} shows these. To leave such a rater "
        "out, take the lines out of the ratings and say so.",
        _agreement(consistency),
    ]
    return "\n\n".join(parts) + "\n"


def summarise(means: MosTable, screening: Screening, *, screened: bool) -> list[tuple[str, ...]]:
    """One row a dimension: its name and the columns of `SUMMARY`."""
    rows: list[tuple[str, ...]] = []
    for column, head in enumerate(means.heads):
        raters, half = means.raters[:, column], means.half_width[:, column]
        known = half[np.isfinite(half)]
        out = str(len(screening.rejected(head)))
        if head in screening.unscreened:
            out = "none can be: under six raters on every picture"
        rows.append(
            (
                head,
                str((raters > 0).sum()),
                f"{raters.min()} to {raters.max()}",
                _number(known.mean() if len(known) else None),
                out if screened else "not screened",
            )
        )
    return rows


def _rejected(screening: Screening, screened: bool) -> str:
    rows = [(c.rater, c.head, c.reason()) for c in screening.checks if c.rejected]
    if not rows:
        return "None by ITU-R BT.500-15, A1-2.3.1."
    fate = "left out" if screened else "kept on request (--no-screening)"
    head = f"By ITU-R BT.500-15, A1-2.3.1, per dimension, applied once; their scores were {fate}."
    return head + "\n\n" + _table(("rater", "dimension", "why"), rows)


def _doubtful(consistency: Iterable[RaterConsistency], screening: Screening) -> str:
    names = [
        f"{_cell(one.rater)} ({one.head})"
        for one in consistency
        if one.rater not in screening.rejected(one.head)
        and (one.correlation is None or one.correlation < _LOW_AGREEMENT)
    ]
    return ", ".join(names) if names else "nobody who passed"


def _agreement(consistency: Iterable[RaterConsistency]) -> str:
    rows = [
        (
            one.rater,
            one.head,
            one.pictures,
            _number(one.correlation, 2),
            _number(one.bias),
            one.repeated,
            _number(one.repeat_deviation),
        )
        for one in consistency
    ]
    columns = ("rater", "dimension", "pictures", "correlation with the others", "bias")
    return _table((*columns, "repeated", "deviation between repeats"), rows)


def _table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    head = list(columns)
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: Any) -> str:
    """A value as it may stand in a Markdown table: one line, no mark-up of its own."""
    text = " ".join(str(value).split())
    return "".join(f"\\{c}" if c in "\\|`*_<>[]" else c for c in text)


def _number(value: float | None, digits: int = 1) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}"
