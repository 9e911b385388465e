"""Pairs of a capture and its restoration, from a table in the layout of ``bench build``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...assessor.benchmark.evaluation.datasets import RowProblem
from ...assessor.benchmark.evaluation.table_files import find_table, read_table
from ...assessor.benchmark.evaluation.tables import find_preset
from ...core.errors import InvalidInput
from ...core.faces import frame_as_aligned
from ...core.images import find_pictures, printable_path, read_picture
from ...core.protocols import RGBImage

__all__ = ["GuardPair", "PairTable", "draw_pairs", "gallery_folder", "read_face", "read_pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class GuardPair:
    """A capture and what a restorer made of it.

    Attributes:
        subset: Name of the set that it belongs to.
        line: Its line in the table.
        name: The restored picture as the table names it.
        person: Whom the capture shows.
        camera: Which camera took it, possibly empty.
        restoration: What made the restored picture.
        source: Name of the capture.
        read_source: Gives the capture, (S, S, 3) uint8 RGB in the FFHQ frame.
        read_restored: Gives the restored picture in the same frame.
    """

    subset: str
    line: int
    name: str
    person: str
    camera: str
    restoration: str
    source: str
    read_source: Callable[[], RGBImage]
    read_restored: Callable[[], RGBImage]


@dataclass(frozen=True, slots=True)
class PairTable:
    """A table that was read.

    Attributes:
        path: The table.
        pairs: Its restored rows.
        problems: Rows that cannot be used.
        references: Pristine picture of each person, as far as the table names it.
        sexes: Sex of each person, as far as the table says it.
    """

    path: Path
    pairs: tuple[GuardPair, ...]
    problems: tuple[RowProblem, ...]
    references: Mapping[str, Path]
    sexes: Mapping[str, str]


def read_pairs(data: Path) -> PairTable:
    """Read a table; rows without a source, or that are their own, are captures.

    Args:
        data: The table, or the folder that holds it.

    Raises:
        InvalidInput: If there is no table, a column is missing, or no row is a restoration.
    """
    path = find_table(data, find_preset("sfiqa-sim").tables)
    table = read_table(path)
    lacking = [name for name in ("file", "person", "source") if name not in table.header]
    if lacking:
        raise InvalidInput(
            f"expected columns file, person and source in {printable_path(path)}, found no "
            f"{', '.join(lacking)}; `facefidelity bench build --restored N` writes such a table"
        )
    pairs: list[GuardPair] = []
    problems: list[RowProblem] = []
    references: dict[str, Path] = {}
    sexes: dict[str, str] = {}
    for line, cells in table.rows:
        file, person, source = cells["file"], cells["person"], cells["source"]
        if not file or not person or "\0" in file + source:
            problems.append(RowProblem(line, file, "expected a file and a person, got none"))
            continue
        sexes.setdefault(person, cells.get("sex", ""))
        if cells.get("reference"):
            references.setdefault(person, path.parent / cells["reference"])
        if source and source != file:
            pairs.append(_pair(path, line, cells))
    if not pairs:
        raise InvalidInput(
            f"expected restored rows, whose source is another picture, in {printable_path(path)}, "
            "found none; `facefidelity bench build --restored N` writes some"
        )
    return PairTable(path, tuple(pairs), tuple(problems), references, sexes)


def draw_pairs(pairs: tuple[GuardPair, ...], limit: int | None) -> tuple[GuardPair, ...]:
    """At most so many pairs, spread over the table, in its order; the same ones every time."""
    if limit is None or limit >= len(pairs):
        return pairs
    chosen = np.random.default_rng(0).permutation(len(pairs))[:limit]
    return tuple(pairs[index] for index in np.sort(chosen))


def gallery_folder(folder: Path) -> dict[str, Path]:
    """The pristine picture of each person: file stem to file.

    Raises:
        InvalidInput: If it is no folder, or two pictures have one stem.
    """
    if not folder.is_dir():
        raise InvalidInput(
            f"expected a folder of pristine faces at {printable_path(folder)}, found none"
        )
    faces: dict[str, Path] = {}
    for found in find_pictures([folder]):
        if found.path.stem in faces:
            raise InvalidInput(
                f"expected one pristine face a person in {printable_path(folder)}, got two of "
                f"{found.path.stem}"
            )
        faces[found.path.stem] = found.path
    return faces


def read_face(path: Path) -> RGBImage:
    """Read an aligned face and bring it to the frame's 512 px.

    Raises:
        InvalidInput: If it cannot be read or is not square.
    """
    pixels = read_picture(path).pixels
    if pixels.shape[0] != pixels.shape[1]:
        raise InvalidInput(
            f"expected an aligned face, a square picture, got {pixels.shape[1]}x{pixels.shape[0]}: "
            f"{printable_path(path)}"
        )
    return frame_as_aligned(pixels).pixels


def _pair(path: Path, line: int, cells: Mapping[str, str]) -> GuardPair:
    folder = path.parent
    return GuardPair(
        subset=path.parent.name if path.stem == "sfiqa_sim" else path.stem,
        line=line,
        name=cells["file"],
        person=cells["person"],
        camera=cells.get("camera", ""),
        restoration=cells.get("restoration", "") or "restored",
        source=cells["source"],
        read_source=partial(read_face, folder / cells["source"]),
        read_restored=partial(read_face, folder / cells["file"]),
    )
