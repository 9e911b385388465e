"""One predictor, one head, one group: how well it agrees, and how surely."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .bootstrap import MOST_ROWS_FOR_KRCC, Interval, PersonBootstrap
from .correlation import Curve, Vector, fit_curve, krcc, outlier_ratio, plcc, rmse, srcc
from .examination import Examined

__all__ = [
    "GROUPABLE",
    "Agreement",
    "Estimate",
    "Group",
    "groups_of",
    "measure_agreement",
    "rows_with",
]

GROUPABLE: Final = ("camera", "restoration", "sex", "ethnicity")
"""What a table can be grouped by."""
_NONE: Final = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval over persons; NaN where it has none."""

    value: float = math.nan
    interval: Interval = _NONE

    def text(self, digits: int = 3) -> str:
        """The number with its interval, "-" where there is none."""
        if math.isnan(self.value):
            return "-"
        low, high = self.interval
        shown = f"{self.value:.{digits}f}"
        return shown if math.isnan(low) else f"{shown} [{low:.{digits}f}, {high:.{digits}f}]"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are reported together.

    Attributes:
        kind: "all", or what it is grouped by.
        name: The value that its rows share.
        rows: (K,) their indices.
    """

    kind: str
    name: str
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one predictor agrees with the ratings of one head in one group.

    `krcc`, `plcc`, `rmse` and `outlier_ratio` are NaN where only SRCC was asked for; `people` is 0
    where persons are unknown.
    """

    kind: str
    group: str
    head: str
    predictor: str
    pictures: int
    people: int = 0
    srcc: Estimate = Estimate()
    krcc: Estimate = Estimate()
    plcc: Estimate = Estimate()
    rmse: Estimate = Estimate()
    outlier_ratio: Estimate = Estimate()
    curve: str = "none"
    parameters: tuple[float, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """Flat and JSON-ready: NaN becomes None."""
        row: dict[str, Any] = {
            "group_by": self.kind,
            "group": self.group,
            "head": self.head,
            "predictor": self.predictor,
            "pictures": self.pictures,
            "people": self.people or None,
        }
        for name in ("srcc", "krcc", "plcc", "rmse", "outlier_ratio"):
            estimate: Estimate = getattr(self, name)
            low, high = estimate.interval
            row |= {name: estimate.value, f"{name}_low": low, f"{name}_high": high}
        numbers = {k: _plain(v) if isinstance(v, float) else v for k, v in row.items()}
        return numbers | {"curve": self.curve}


def groups_of(examined: Examined, kinds: Sequence[str], least: int) -> Iterator[Group]:
    """All rows, then every group of at least `least` rows; rows that say nothing are left out.

    Args:
        examined: The examined set.
        kinds: What to group by, some of `GROUPABLE`.
        least: Smallest group.
    """
    yield Group("all", "all", np.arange(len(examined.pictures)))
    for kind in kinds:
        values = np.array(examined.fact(kind))
        for name in np.unique(values):
            rows = np.flatnonzero(values == name)
            if name and len(rows) >= least:
                yield Group(kind, str(name), rows)


def measure_agreement(
    group: Group,
    head: str,
    predictor: str,
    predicted: Vector,
    examined: Examined,
    *,
    resamples: int,
    full: bool = True,
) -> Agreement:
    """Measure one predictor on one head in one group.

    Args:
        group: Which rows.
        head: Whose ratings.
        predictor: Its name.
        predicted: (N,) over the whole set; rows where it is NaN are left out.
        examined: The examined set.
        resamples: Of the bootstrap over persons.
        full: Whether more than SRCC is wanted.
    """
    rows = rows_with(group.rows, predicted, examined.ratings(head))
    place = (group.kind, group.name, head, predictor, len(rows))
    if not len(rows):
        return Agreement(*place)
    x, y = predicted[rows], examined.ratings(head)[rows]
    owners = examined.owners(rows)
    bootstrap = PersonBootstrap(owners, len(rows), resamples=resamples)
    curve = fit_curve(x, y)
    ranks = Estimate(srcc(x, y), bootstrap.percentile(bootstrap.srcc(x, y)))
    found = Agreement(
        *place,
        people=0 if owners is None else bootstrap.people,
        srcc=ranks,
        curve=curve.kind,
        parameters=curve.parameters,
    )
    if not full:
        return found
    return _with_rest(found, bootstrap, x, y, curve, examined.half_widths(head)[rows])


def rows_with(
    rows: npt.NDArray[np.int64], predicted: Vector, rated: Vector
) -> npt.NDArray[np.int64]:
    """Those of the rows that have both a prediction and a rating."""
    return rows[np.isfinite(predicted[rows]) & np.isfinite(rated[rows])]


def _with_rest(
    found: Agreement, bootstrap: PersonBootstrap, x: Vector, y: Vector, curve: Curve, widths: Vector
) -> Agreement:
    """Add everything but SRCC."""
    mapped = curve(x)
    pairs = bootstrap.krcc(x, y) if len(x) <= MOST_ROWS_FOR_KRCC else np.empty(0)
    outliers = Estimate()
    if np.isfinite(widths).all():
        outside = (np.abs(mapped - y) > widths).astype(np.float64)
        share = bootstrap.percentile(bootstrap.mean(outside))
        outliers = Estimate(outlier_ratio(mapped, y, widths), share)
    return replace(
        found,
        krcc=Estimate(krcc(x, y), bootstrap.percentile(pairs)),
        plcc=Estimate(plcc(x, y, curve), bootstrap.percentile(bootstrap.plcc(mapped, y))),
        rmse=Estimate(rmse(x, y, curve), bootstrap.percentile(bootstrap.rmse(mapped, y))),
        outlier_ratio=outliers,
    )


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
