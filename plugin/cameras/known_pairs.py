"""Pairs whose truth is known: from a table of the owner's, or made of the camera's best faces."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from ...assessor.benchmark.evaluation.table_files import read_table
from ...core.errors import InvalidInput
from ...core.faces import frame_as_aligned
from ...core.images import printable_path, read_picture
from ...core.protocols import RGBImage
from ...guards.profile import CameraDescription
from ..assessment import FaceAssessment
from ..comparison import cut_face
from ..tuning.characterise import characterise
from ..tuning.frames import CameraFrames
from ..tuning.self_truth import make_self_pairs

__all__ = ["KnownPair", "KnownPairs", "pairs_of_frames", "pairs_of_table"]

_LOST: Final = {"0": False, "1": True}

Faces = tuple[RGBImage, RGBImage | None]


@dataclass(frozen=True, slots=True, eq=False)
class KnownPair:
    """One pair.

    Attributes:
        name: For people.
        person: Whose truth it is; pairs of one person share it.
        read: Gives LQ and HQ, (512, 512, 3) uint8 RGB each in the FFHQ frame; HQ is None where
            the profile's restorer is to make it.
        read_truth: Gives the true face in that frame, None where `lost` is given.
        lost: Whether the restoration lost the person, None where the truth has to tell.
        line: In its table, 0 without one.
    """

    name: str
    person: str
    read: Callable[[], Faces]
    read_truth: Callable[[], RGBImage] | None
    lost: bool | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """All pairs, and a hash of what they are made of.

    Attributes:
        pairs: In their order.
        people: How many persons they show.
        sha256: Of names, contents and truth.
        given: Whether it is given what is lost.
        restored: Whether every pair has its restoration.
    """

    pairs: tuple[KnownPair, ...]
    people: int
    sha256: str
    given: bool
    restored: bool


def pairs_of_table(
    path: Path,
    assessment: FaceAssessment,
    *,
    aligned: bool = False,
    pictures: Mapping[str, Path] | None = None,
) -> KnownPairs:
    """Read a table with columns lq, hq and truth or lost, and where there is, person.

    Args:
        path: The CSV; files are named relative to its folder.
        assessment: Finds faces where they are not aligned.
        aligned: Every picture already is one face in the FFHQ frame.
        pictures: The only files that are read, by file name, whatever folder the table names; None
            reads what it names.

    Raises:
        InvalidInput: If a column is missing, a cell is wrong or a file is not there.
    """
    table = read_table(path)
    given = "lost" in table.header
    lacking = [name for name in ("lq", "lost" if given else "truth") if name not in table.header]
    if lacking or (given and "hq" not in table.header):
        raise InvalidInput(
            f"expected columns lq,hq,truth or lq,hq,lost in {printable_path(path)}, got "
            f"{', '.join(table.header)}"
        )
    digest = hashlib.sha256()
    pairs = []
    restored = True
    for line, cells in table.rows:
        files = {
            name: _place(path, cells[name], pictures)
            for name in ("lq", "hq", "truth")
            if cells.get(name)
        }
        restored = restored and "hq" in files
        _require_row(line, path, cells, files, given)
        digest.update("|".join([*map(_content, files.values()), cells.get("lost", "")]).encode())
        pairs.append(_pair_of_row(line, cells, files, given, partial(_cut, assessment, aligned)))
    people = len({pair.person for pair in pairs})
    return KnownPairs(tuple(pairs), people, digest.hexdigest(), given, restored)


def pairs_of_frames(
    frames: CameraFrames, camera: CameraDescription | None, per_face: int = 1
) -> KnownPairs:
    """Make pairs of the camera's best faces, degraded again as the camera degrades.

    Args:
        frames: The camera's faces.
        camera: How it degrades; taken from the faces where it is None.
        per_face: Pairs of each of the best faces; more than one are not independent.

    Raises:
        InvalidInput: If there is no face.
    """
    if not frames.faces:
        raise InvalidInput("expected frames with faces, found none; name other frames")
    seed = int(frames.sha256[:16], 16)
    made = make_self_pairs(
        [face.pixels for face in frames.faces],
        camera or characterise(frames.faces),
        np.random.default_rng(seed),
        per_face,
        quality=[face.scores.overall for face in frames.faces],
    )
    pairs = tuple(
        KnownPair(
            name=frames.faces[one.face].name,
            person=str(one.face),
            read=partial(_pass, one.lq),
            read_truth=partial(_give, one.truth),
            lost=None,
        )
        for one in made
    )
    digest = hashlib.sha256(f"{frames.sha256} {per_face}".encode()).hexdigest()
    return KnownPairs(
        pairs, len({pair.person for pair in pairs}), digest, given=False, restored=False
    )


def _place(table: Path, named: str, pictures: Mapping[str, Path] | None) -> Path:
    if pictures is None:
        return table.parent / named
    name = named.replace("\\", "/").rsplit("/", 1)[-1]
    found = pictures.get(name)
    if found is None:
        raise InvalidInput(
            f"expected a picture {name!r:.80} beside the table, got none; give every picture that "
            "the table names"
        )
    return found


def _pass(lq: RGBImage) -> Faces:
    return lq, None


def _give(face: RGBImage) -> RGBImage:
    return face


def _require_row(
    line: int, path: Path, cells: dict[str, str], files: dict[str, Path], given: bool
) -> None:
    wanted = ("lq", "hq") if given else ("lq", "truth")
    where = f"line {line} of {printable_path(path)}"
    lacking = [name for name in wanted if name not in files]
    if lacking:
        raise InvalidInput(f"expected a file under {', '.join(lacking)}, got none: {where}")
    if given and cells["lost"] not in _LOST:
        raise InvalidInput(f"expected lost as 0 or 1, got {cells['lost']!r}: {where}")
    missing = [str(file) for file in files.values() if not file.is_file()]
    if missing:
        raise InvalidInput(f"expected a file at {missing[0]}, found none: {where}")


def _pair_of_row(
    line: int,
    cells: dict[str, str],
    files: dict[str, Path],
    given: bool,
    cut: Callable[[Path, Path | None], Faces],
) -> KnownPair:
    truth = files.get("truth")
    return KnownPair(
        name=printable_path(files["lq"]),
        person=cells.get("person") or str(truth or files["lq"]),
        read=partial(cut, files["lq"], files.get("hq")),
        read_truth=None if given or truth is None else partial(_only, cut, truth),
        lost=_LOST[cells["lost"]] if given else None,
        line=line,
    )


def _only(cut: Callable[[Path, Path | None], Faces], path: Path) -> RGBImage:
    return cut(path, None)[0]


def _content(path: Path) -> str:
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _cut(assessment: FaceAssessment, aligned: bool, path: Path, hq_path: Path | None) -> Faces:
    """The largest face of a picture, and the same frame of another of the same view."""
    before = read_picture(path).pixels
    faces = assessment.find_faces(before, aligned=aligned)
    if not faces:
        raise InvalidInput(f"expected a face in {printable_path(path)}, found none")
    if hq_path is None:
        return faces[0].pixels, None
    after = read_picture(hq_path).pixels
    if not aligned:
        after = cut_face(after, faces[0], after.shape[1] / before.shape[1])
    return faces[0].pixels, frame_as_aligned(after).pixels
