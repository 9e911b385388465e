"""Rated pictures from disk, decoded once into one memory-mapped array that training reads.

The array lies in the run's folder, so that a stopped run goes on without decoding again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ...core.errors import FaceFidelityError, InvalidInput, WriteFailed
from ...core.files import write_text_file
from ...core.images import read_picture
from ...core.scores import HEADS
from ..benchmark.evaluation.datasets import RatedPicture
from ..views import FRAME_PX, prepare_face
from .data import FaceSet

__all__ = ["Packed", "pack_pictures", "split_people"]

_HELD_OUT_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """What was packed.

    Attributes:
        faces: Pictures, labels, sources and people.
        problems: Names of pictures that could not be used, and why.
    """

    faces: FaceSet
    problems: tuple[tuple[str, str], ...]


def pack_pictures(
    pictures: Sequence[RatedPicture],
    folder: Path,
    name: str,
    tracked: Callable[[Sequence[RatedPicture]], Iterable[RatedPicture]] = iter,
) -> Packed:
    """Decode rated pictures to 256 px, or take over what an earlier call left.

    Args:
        pictures: Aligned faces with their ratings.
        folder: Where ``NAME.npy`` goes.
        name: Of the array.
        tracked: Wraps the pictures, to show progress.

    Raises:
        InvalidInput: If no picture can be used.
        WriteFailed: If the folder cannot be written or has no space.
    """
    array, note = folder / f"{name}.npy", folder / f"{name}.json"
    fingerprint = _fingerprint(pictures)
    if not (array.is_file() and _fits(note, fingerprint)):
        _require_space(folder, len(pictures))
        _decode(pictures, array, note, fingerprint, tracked)
    done = json.loads(note.read_text(encoding="utf-8"))
    if not done["rows"]:
        raise InvalidInput("expected at least one readable aligned face to train on, got none")
    kept = [pictures[i] for i in done["rows"]]
    pixels = np.asanyarray(np.load(array, mmap_mode="r", allow_pickle=False))[: len(kept)]
    return Packed(_face_set(kept, pixels), tuple((n, why) for n, why in done["problems"]))


def _face_set(kept: Sequence[RatedPicture], pixels: npt.NDArray[np.uint8]) -> FaceSet:
    labels = np.array([[p.ratings.get(head, np.nan) for head in HEADS] for p in kept], np.float32)
    place = {picture.path.resolve(): i for i, picture in enumerate(kept)}
    found = [place.get(p.source.resolve()) if p.source else i for i, p in enumerate(kept)]
    source = np.array([i if s is None else s for i, s in enumerate(found)], np.int64)
    # Of a restored face whose source is not at hand nothing can be learned about the two.
    supported = labels[:, HEADS.index("fidelity")].copy()
    supported[[s is None for s in found]] = np.nan
    return FaceSet([pixels], labels, source, np.array([_person(p) for p in kept]), supported)


def _person(picture: RatedPicture) -> str:
    """Who a picture shows; where the table does not say, nobody but its source shows the same."""
    return picture.facts.get("person") or f"of {(picture.source or picture.path).resolve()}"


def _require_space(folder: Path, count: int) -> None:
    needed = count * FRAME_PX * FRAME_PX * 3
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise WriteFailed(f"expected to be able to write {folder}, got: {error}") from error
    if free < needed:
        raise WriteFailed(
            f"expected {needed >> 20} MiB of space in {folder} for {count} decoded faces, got "
            f"{free >> 20} MiB; choose another folder with -o"
        )


def _decode(
    pictures: Sequence[RatedPicture],
    array: Path,
    note: Path,
    fingerprint: str,
    tracked: Callable[[Sequence[RatedPicture]], Iterable[RatedPicture]],
) -> None:
    note.unlink(missing_ok=True)
    shape = (max(len(pictures), 1), FRAME_PX, FRAME_PX, 3)
    pixels = np.lib.format.open_memmap(array, mode="w+", dtype=np.uint8, shape=shape)
    rows: list[int] = []
    problems: list[tuple[str, str]] = []
    for position, picture in enumerate(tracked(pictures)):
        try:
            pixels[len(rows)] = prepare_face(read_picture(picture.path).pixels)
        except FaceFidelityError as error:
            problems.append((picture.name, str(error)))
            continue
        rows.append(position)
    pixels.flush()
    content = {"fingerprint": fingerprint, "rows": rows, "problems": problems}
    write_text_file(note, json.dumps(content))


def _fingerprint(pictures: Sequence[RatedPicture]) -> str:
    digest = hashlib.sha256()
    for picture in pictures:
        try:
            status = picture.path.stat()
            facts = f"{picture.path}|{status.st_size}|{status.st_mtime_ns}\n"
        except OSError:
            facts = f"{picture.path}|absent\n"
        digest.update(facts.encode())
    return digest.hexdigest()


def _fits(note: Path, fingerprint: str) -> bool:
    try:
        return bool(json.loads(note.read_text(encoding="utf-8"))["fingerprint"] == fingerprint)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def split_people(
    pictures: Sequence[RatedPicture], seed: int
) -> tuple[tuple[RatedPicture, ...], tuple[RatedPicture, ...]]:
    """Keep a tenth of the people, at least one, out of training.

    Returns:
        Those to train on and those held out; no person is in both.

    Raises:
        InvalidInput: If there is only one person.
    """
    names = sorted({_person(picture) for picture in pictures})
    if len(names) < 2:
        raise InvalidInput(
            f"expected pictures of at least 2 people, got {len(names)}; name a --held-out table, "
            "or a person column with --columns person=NAME"
        )
    count = max(1, round(_HELD_OUT_SHARE * len(names)))
    away = set(np.random.default_rng(seed).permutation(names)[:count].tolist())
    return (
        tuple(picture for picture in pictures if _person(picture) not in away),
        tuple(picture for picture in pictures if _person(picture) in away),
    )
