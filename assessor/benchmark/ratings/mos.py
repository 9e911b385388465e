"""Mean opinion scores with 95 % confidence intervals, and the CSV that the other tools read.

A rater counts once per picture: hidden repeats are averaged first. Scores are brought to 0..100.
"""

from __future__ import annotations

import csv
import io
import math
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ....core.errors import MissingExtra
from .screening import Screening
from .table import RatingTable

__all__ = ["MosTable", "average_ratings"]


@dataclass(frozen=True, slots=True, eq=False)
class MosTable:
    """MOS of J pictures in H dimensions.

    Attributes:
        images: J names.
        heads: H names, in the order of `HEADS`.
        mean: (J, H) float64 in 0..100, NaN where nobody rated.
        deviation: (J, H) standard deviation between raters (N - 1), NaN below two raters.
        half_width: (J, H) half the 95 % confidence interval, NaN below two raters.
        raters: (J, H) int64, N, how many raters stand behind the mean.
    """

    images: tuple[str, ...]
    heads: tuple[str, ...]
    mean: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]
    half_width: npt.NDArray[np.float64]
    raters: npt.NDArray[np.int64]

    def rows(self) -> list[dict[str, str | float | int | None]]:
        """One record a picture: file, then head, head_ci, head_sd, head_n per dimension."""
        records: list[dict[str, str | float | int | None]] = []
        for position, image in enumerate(self.images):
            record: dict[str, str | float | int | None] = {"file": image}
            for column, head in enumerate(self.heads):
                record[head] = _rounded(self.mean[position, column])
                record[f"{head}_ci"] = _rounded(self.half_width[position, column])
                record[f"{head}_sd"] = _rounded(self.deviation[position, column])
                record[f"{head}_n"] = int(self.raters[position, column])
            records.append(record)
        return records

    def to_csv(self) -> str:
        """The records of `rows` as CSV with a header; unknown values are empty cells."""
        buffer = io.StringIO(newline="")
        records = self.rows()
        columns = [f"{h}{end}" for h in self.heads for end in ("", "_ci", "_sd", "_n")]
        writer = csv.DictWriter(buffer, ["file", *columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        return buffer.getvalue()


def average_ratings(table: RatingTable, screening: Screening | None = None) -> MosTable:
    """Average the ratings of the raters who passed.

    The interval is mean ± t S / sqrt(N), with t the 97.5 % quantile of Student's distribution at
    N - 1 degrees of freedom. ITU-R BT.500-15, A1-2.2, writes 1.96 for t, which is its limit for
    many raters; with eight raters 1.96 would cover 91 % instead of 95 %.

    Args:
        table: The raw ratings.
        screening: Whose rejected raters are left out, dimension by dimension; None keeps all.

    Raises:
        MissingExtra: If scipy is not installed.
    """
    parts = [_average_head(table, head, screening) for head in table.heads]
    mean, deviation, count = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
    half_width = _student_quantile(count) * deviation / np.sqrt(np.maximum(count, 1))
    return MosTable(table.images, table.heads, mean, deviation, half_width, count)


def _average_head(
    table: RatingTable, head: str, screening: Screening | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    out = screening.rejected(head) if screening else frozenset()
    kept = np.array([name not in out for name in table.raters], bool)
    cube = table.scale.to_hundred(table.cube(head))[kept]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nobody rated: NaN is what is meant
        own = np.nanmean(cube, axis=2)
        mean, deviation = np.nanmean(own, axis=0), np.nanstd(own, axis=0, ddof=1)
    return mean, deviation, np.isfinite(own).sum(axis=0).astype(np.int64)


def _student_quantile(count: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    try:
        from scipy.special import stdtrit
    except ImportError as error:
        raise MissingExtra("the confidence interval of a MOS", "bench") from error
    quantiles = stdtrit(np.maximum(count - 1, 1), 0.975)
    return np.where(count > 1, quantiles, np.nan)


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if math.isfinite(value) else None
