"""Enrols reference pictures of a person, and says which face of a picture they speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..core.embedding import Embedding
from ..core.errors import InvalidInput
from ..core.faces import AlignedFace, FaceDetector, align_face
from ..core.images import printable_path, read_picture, require_rgb
from ..core.protocols import Embedder, RGBImage
from ..guards.judgement import FaceJudge
from ..guards.measurement import MeasuredSource
from ..guards.references import ReferenceSet

if TYPE_CHECKING:
    from .pipeline import Guard

__all__ = [
    "References",
    "enrol_files",
    "enrol_person",
    "measure_sources",
    "measure_with_references",
]

References: TypeAlias = ReferenceSet | Sequence[RGBImage] | None
"""Pictures of one person, (H, W, 3) uint8 RGB with one face each, or what `Guard.enrol` says."""


def enrol_person(
    pictures: Sequence[RGBImage],
    detector: FaceDetector,
    embedder: Embedder,
    names: Sequence[str] | None = None,
) -> ReferenceSet:
    """Find, align and embed the face of each reference picture.

    Args:
        pictures: (H, W, 3) uint8 RGB each, one face each, all of one person.
        detector: Who finds the faces.
        embedder: Who embeds them; the judge's `reference_embedder`.
        names: What to call them in an error; their numbers by default.

    Raises:
        InvalidInput: If there is no picture, or one does not show exactly one face.
    """
    labels = names or [f"picture {number}" for number in range(1, len(pictures) + 1)]
    faces = [
        _only_face(require_rgb(picture, f"reference {label}"), detector, label)
        for label, picture in zip(labels, pictures, strict=True)
    ]
    embeddings: Sequence[Embedding] = embedder.embed_batch(faces) if faces else ()
    return ReferenceSet(tuple(embeddings), embedder.calibration)


def enrol_files(guard: Guard, paths: Sequence[Path] | None) -> ReferenceSet | None:
    """Enrol one person's picture files; None where none are named.

    Raises:
        InvalidInput: If a file is no picture, or does not show exactly one face.
    """
    if not paths:
        return None
    names = [printable_path(path) for path in paths]
    return guard.enrol([read_picture(path).pixels for path in paths], names)


def _only_face(picture: RGBImage, detector: FaceDetector, label: str) -> RGBImage:
    found = detector.detect(picture)
    if len(found) != 1:
        cure = "crop it to the person" if found else "take one that shows the face from the front"
        count = len(found) or "none"
        raise InvalidInput(f"expected one face in reference {label}, found {count}; {cure}")
    return align_face(picture, found[0]).pixels


def measure_with_references(
    guard: Guard, faces: Sequence[AlignedFace], image: RGBImage, references: References
) -> Mapping[int, MeasuredSource]:
    """Measure the faces of one picture and give the references to the one most like them.

    Args:
        guard: Who measures, and which faces can be judged.
        faces: As found.
        image: (H, W, 3) uint8 RGB, the picture that they were found in.
        references: Enrolled pictures of one person, or what `Guard.enrol` makes of them.

    Returns:
        By the place of each face that can be judged; one of them holds the references. Empty
        without references.

    Raises:
        InvalidInput: If a reference has not one face.
        EmbedderMismatch: If the references were embedded by another embedder.
    """
    if references is None:
        return {}
    if not isinstance(references, ReferenceSet):
        references = guard.enrol(references)
    problem_of = guard.assessment.problem_of
    clear = {i: face for i, face in enumerate(faces) if not problem_of(face, image)}
    return measure_sources(guard.judge_of_pairs, clear, references)


def measure_sources(
    judge: FaceJudge, faces: Mapping[int, AlignedFace], references: ReferenceSet
) -> dict[int, MeasuredSource]:
    """As `measure_with_references`, of faces of which each can be judged, by any key."""
    sources = {key: judge.measure_source(face.pixels) for key, face in faces.items()}
    if sources:
        found = judge.reference_embedder.embed_batch([faces[key].pixels for key in sources])
        seen = dict(zip(sources, found, strict=True))
        nearest = max(seen, key=lambda key: references.similarity(seen[key]))
        sources[nearest] = replace(
            sources[nearest], references=references, reference_embedding=seen[nearest]
        )
    return sources
