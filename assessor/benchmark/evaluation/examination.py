"""Scoring the pictures of a rated set with the assessor, a baseline, the peers and a recogniser."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ....core.errors import InvalidInput
from ....core.faces import FaceDetector, align_face
from ....core.images import printable_path, read_picture
from ....core.protocols import Embedder, QualityAssessor, RGBImage
from ....core.scores import HEADS, QualityScores
from .correlation import Vector
from .datasets import RatedPicture
from .peers import Peer

__all__ = ["Examined", "ExaminedPicture", "Examiner", "collect"]

_PEER_FAILS: Final = (
    ArithmeticError,
    AssertionError,
    IndexError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, eq=False)
class ExaminedPicture:
    """What every measure says of one picture.

    Attributes:
        rated: The picture and its ratings.
        scores: (6,) predicted by the assessor, in the order of `HEADS`.
        supported: Fidelity given the source; NaN for a picture that was not restored.
        baseline: (6,) predicted by the other assessor, if there is one.
        peers: Each peer's number, higher is better; NaN where it failed.
        vector: Unit vector of the recogniser, if there is one.
        reference: Unit vector of the person's enrolled picture, if there is one.
    """

    rated: RatedPicture
    scores: Vector
    supported: float
    baseline: Vector | None
    peers: dict[str, float]
    vector: npt.NDArray[np.float32] | None
    reference: npt.NDArray[np.float32] | None


@dataclass
class Examiner:
    """Reads and scores one picture after the other.

    Attributes:
        assessor: Whose scores are examined.
        baseline: Another assessor to compare with.
        peers: Simple measures to compare with.
        embedder: Recogniser for the error-versus-discard curve.
        detector: Finds the face to align; None when every picture already is an aligned face.
    """

    assessor: QualityAssessor
    baseline: QualityAssessor | None = None
    peers: Sequence[Peer] = ()
    embedder: Embedder | None = None
    detector: FaceDetector | None = None
    _references: dict[Path, npt.NDArray[np.float32]] = field(default_factory=dict)

    def examine(self, rated: RatedPicture) -> ExaminedPicture:
        """Score one picture.

        Raises:
            InvalidInput: If it, or its reference, cannot be read or is not an aligned face.
            DetectorFailed: If the detector breaks.
        """
        face = self._read_face(rated.path)
        restored = rated.source is not None and rated.source != rated.path
        source = self._read_face(rated.source) if restored and rated.source else face
        (scores,), (supported,) = self.assessor.score_restored([face], [source])
        return ExaminedPicture(
            rated=rated,
            scores=_in_order(scores),
            supported=supported if restored else math.nan,
            baseline=None if self.baseline is None else _vector(self.baseline, face),
            peers={peer.name: _measure(peer, face) for peer in self.peers},
            vector=None if self.embedder is None else self.embedder.embed(face).vector,
            reference=self._reference(rated.reference),
        )

    def _reference(self, path: Path | None) -> npt.NDArray[np.float32] | None:
        if self.embedder is None or path is None:
            return None
        if path not in self._references:
            self._references[path] = self.embedder.embed(self._read_face(path)).vector
        return self._references[path]

    def _read_face(self, path: Path) -> RGBImage:
        pixels = read_picture(path).pixels
        if self.detector is None:
            if pixels.shape[0] != pixels.shape[1]:
                raise InvalidInput(
                    f"expected an aligned face, a square picture, got {pixels.shape[1]}x"
                    f"{pixels.shape[0]}: {printable_path(path)}; run with --align"
                )
            return pixels
        faces = self.detector.detect(pixels)
        if not faces:
            raise InvalidInput(f"expected a face to align, found none in {printable_path(path)}")
        return align_face(pixels, faces[0]).pixels


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """All examined pictures as arrays, row for row.

    Attributes:
        pictures: The rated pictures.
        scores: (N, 6) by the assessor.
        supported: (N,) fidelity given the source; NaN where a picture was not restored.
        baseline: (N, 6) by the other assessor, or None.
        peers: (N,) by peer; NaN where it failed.
        vectors: (N, D) of the recogniser, or None.
        references: (N, D) of the enrolled pictures; None unless every row has one.
    """

    pictures: tuple[RatedPicture, ...]
    scores: npt.NDArray[np.float64]
    supported: Vector
    baseline: npt.NDArray[np.float64] | None
    peers: dict[str, Vector]
    vectors: npt.NDArray[np.float32] | None
    references: npt.NDArray[np.float32] | None

    def ratings(self, head: str) -> Vector:
        """(N,) MOS of one head, 0..100, higher is better; NaN where it was not rated."""
        return np.array([picture.ratings.get(head, math.nan) for picture in self.pictures])

    def half_widths(self, head: str) -> Vector:
        """(N,) half widths of the MOS' intervals; NaN where the table does not say."""
        return np.array([picture.half_widths.get(head, math.nan) for picture in self.pictures])

    def fact(self, name: str) -> list[str]:
        """(N,) what the table says, "" where it says nothing."""
        return [picture.facts.get(name, "") for picture in self.pictures]

    def people(self) -> list[str] | None:
        """(N,) persons; None unless every row names one."""
        people = self.fact("person")
        return people if all(people) else None

    def owners(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.str_] | None:
        """(K,) persons of some rows; None unless every row of the set names one."""
        people = self.people()
        return None if people is None else np.array(people)[rows]


def collect(rows: Sequence[ExaminedPicture]) -> Examined:
    """Put examined pictures into arrays.

    Raises:
        InvalidInput: If there is none.
    """
    if not rows:
        raise InvalidInput("expected at least one picture that can be scored, got none")
    vectors = [row.vector for row in rows if row.vector is not None]
    references = [row.reference for row in rows if row.reference is not None]
    baseline = [row.baseline for row in rows if row.baseline is not None]
    names = rows[0].peers
    return Examined(
        pictures=tuple(row.rated for row in rows),
        scores=np.stack([row.scores for row in rows]),
        supported=np.array([row.supported for row in rows]),
        baseline=np.stack(baseline) if baseline else None,
        peers={name: np.array([row.peers[name] for row in rows]) for name in names},
        vectors=np.stack(vectors) if vectors else None,
        references=np.stack(references) if len(references) == len(rows) else None,
    )


def _vector(assessor: QualityAssessor, face: RGBImage) -> Vector:
    return _in_order(assessor.score(face))


def _in_order(scores: QualityScores) -> Vector:
    values = scores.as_dict()
    return np.array([values[head] for head in HEADS])


def _measure(peer: Peer, face: RGBImage) -> float:
    """A peer's number; NaN where it cannot measure this picture (each of them has such)."""
    try:
        value = peer.score(face)
    except _PEER_FAILS:
        return math.nan
    return value if math.isfinite(value) else math.nan
