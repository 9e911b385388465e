"""Which column of a ratings table means what, for known layouts and for one's own.

A preset is data: column names, table names, scale. What is not public is our assumption and says
so; ``--columns`` overrides any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ....core.errors import InvalidInput, NotRegistered
from ....core.scores import HEADS

__all__ = ["FACTS", "PRESETS", "ColumnMap", "Preset", "find_preset"]

FACTS: Final = ("person", "camera", "restoration", "sex", "ethnicity", "source", "reference")
"""What a table may say of a picture beside its ratings. ``source`` is the picture that a
restoration came from, ``reference`` an enrolled picture of the person."""


class ColumnMap(BaseModel):
    """The columns of a ratings table.

    Columns that `named` lists must be there; others are used where the table has them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(default="file", min_length=1, description="Picture, relative to the table.")
    facts: dict[str, str] = Field(default={name: name for name in FACTS})
    heads: dict[str, str] = Field(default={name: name for name in HEADS})
    half_widths: dict[str, str] = Field(
        default={name: f"{name}_ci" for name in HEADS},
        description="Half of the 95 % confidence interval of each MOS.",
    )
    scale_min: float = Field(default=0.0, allow_inf_nan=False)
    scale_max: float = Field(default=100.0, allow_inf_nan=False)
    lower_is_better: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _check(self) -> ColumnMap:
        heads = {*self.heads, *self.half_widths, *self.lower_is_better}
        unknown = sorted((heads - set(HEADS)) | (set(self.facts) - set(FACTS)))
        if unknown:
            raise ValueError(f"no head or fact is called {', '.join(unknown)}")
        if not self.scale_min < self.scale_max:
            raise ValueError(f"scale_min {self.scale_min} must be below {self.scale_max}")
        return self

    def override(
        self,
        columns: Mapping[str, str] = MappingProxyType({}),
        scale: tuple[float, float] | None = None,
        lower_is_better: frozenset[str] | None = None,
    ) -> ColumnMap:
        """The same map with some entries replaced.

        Args:
            columns: ``file``, a fact, a head, or a head with ``_ci``, to the column's name.
            scale: Lowest and highest rating.
            lower_is_better: Heads whose ratings fall as quality rises.

        Raises:
            InvalidInput: If a key or a head is unknown, or the scale is empty.
        """
        facts, heads, widths = dict(self.facts), dict(self.heads), dict(self.half_widths)
        file = self.file
        for key, column in columns.items():
            head = key.removesuffix("_ci")
            if key == "file":
                file = column
            elif key in FACTS:
                facts[key] = column
            elif key in HEADS:
                heads[key] = column
            elif head in HEADS:
                widths[head] = column
            else:
                known = ", ".join(("file", *FACTS, *HEADS))
                raise InvalidInput(
                    f"expected a column for one of {known} (or a head with _ci), got {key!r}"
                )
        low, high = scale or (self.scale_min, self.scale_max)
        try:
            return ColumnMap(
                file=file,
                facts=facts,
                heads=heads,
                half_widths=widths,
                scale_min=low,
                scale_max=high,
                lower_is_better=self.lower_is_better
                if lower_is_better is None
                else lower_is_better,
                named=self.named | set(columns),
            )
        except ValidationError as error:
            reasons = "; ".join(str(one["msg"]) for one in error.errors())
            raise InvalidInput(f"expected usable columns, got: {reasons}") from error


@dataclass(frozen=True, slots=True)
class Preset:
    """A known layout.

    Attributes:
        columns: Its columns and scale.
        tables: Names of its table below the folder, the first that is there is read.
        pictures: Folder of the pictures, relative to the table.
        note: Where the layout is known from.
    """

    columns: ColumnMap
    tables: tuple[str, ...]
    pictures: str
    note: str


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "sfiqa-sim": Preset(
            ColumnMap(),
            ("sfiqa_sim.csv", "ratings.csv"),
            ".",
            "our own: written by `bench build`; ratings are pseudo-MOS, 0 to 100",
        ),
        "sfiqa-bench": Preset(
            ColumnMap(file="image", scale_min=1.0, scale_max=5.0),
            ("sfiqa_bench.csv", "mos.csv", "ratings.csv"),
            "images",
            "assumed: the data set of arXiv 2602.07403 is not public; we take one row a picture, "
            "columns image, camera and the six heads, MOS 1 to 5, higher is better",
        ),
        "gfiqa-20k": Preset(
            ColumnMap(file="img_name", heads={"overall": "mos"}, scale_min=0.0, scale_max=1.0),
            ("mos_rating.csv", "mos_val_rating.csv", "meta_info_GFIQADataset.csv"),
            "image",
            "column names as public loaders of GFIQA-20k read them; MOS 0 to 1. Its own release "
            "was not at hand",
        ),
        "cgfiqa-40k": Preset(
            ColumnMap(file="Image", heads={"overall": "MOS"}, scale_min=0.0, scale_max=1.0),
            ("label.json",),
            "img",
            "one of the folders train, val, test: label.json with the lists Image and MOS, "
            "pictures in img, as public conversion scripts read them; the range 0 to 1 is assumed",
        ),
    }
)
"""The layouts that ``--preset`` knows."""


def find_preset(name: str) -> Preset:
    """The layout of this name.

    Raises:
        NotRegistered: If there is none.
    """
    if name not in PRESETS:
        raise NotRegistered("preset", name, PRESETS)
    return PRESETS[name]
