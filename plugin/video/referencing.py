"""What the person of each track looks like, for the judgement of every one of its frames."""

from __future__ import annotations

from typing import Final

from ...guards.references import ReferenceSet
from ..pipeline import Guard
from .analysis import Analysis

__all__ = ["track_references"]

_LEAST_FACES: Final = 2
"""A single face would be compared with itself."""


def track_references(
    analysis: Analysis, guard: Guard, enrolled: ReferenceSet | None = None
) -> dict[int, ReferenceSet]:
    """The reference of each track: the robust mean of its best faces, or pictures of the person.

    Args:
        analysis: What the first pass found.
        guard: Whose embedder made the references.
        enrolled: Pictures of one person; they speak for the track most like them.

    Returns:
        By the track's number; a track of too few faces has none.

    Raises:
        EmbedderMismatch: If the pictures were embedded by another embedder.
    """
    calibration = guard.judge_of_pairs.reference_embedder.calibration
    means = {
        number: track.reference
        for number, track in analysis.tracks.items()
        if track.reference is not None
    }
    references = {
        number: ReferenceSet((mean,), calibration)
        for number, mean in means.items()
        if analysis.tracks[number].pictures >= _LEAST_FACES
    }
    if enrolled is not None and means:
        nearest = max(means, key=lambda number: enrolled.similarity(means[number]))
        references[nearest] = enrolled
    return references
