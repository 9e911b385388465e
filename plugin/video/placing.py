"""Where each face lies in every frame: sightings smoothed over time, and the frames missed between.

A straight line is fitted, in time, through the sightings around a frame, the near ones counting
most and those that lie apart counting little. So alignment does not jitter, one wrong sighting does
not turn the crop, a steady motion is not lagged behind, and a face that the detector missed for a
moment keeps its place. A run is never carried on beyond its sightings, nor across a cut.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ...core.faces import DetectedFace
from .analysis import SeenFace

__all__ = ["PlacedSighting", "place_faces"]

_SMOOTHING_SECONDS: Final = 0.06
_LEAST_SIGMA_FRAMES: Final = 1.0
_STRAY_SHARE: Final = 0.03
"""Of the face's width: how far a sighting may lie off before it counts for half."""
_ROUNDS: Final = 3

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlacedSighting:
    """A face's place in one frame.

    Attributes:
        track: Its person.
        run: The unbroken piece of the track.
        face: Where it is, smoothed.
        detected: Whether the detector found it in this very frame.
    """

    track: int
    run: int
    face: DetectedFace
    detected: bool


def place_faces(
    seen: Iterable[SeenFace], frames: int, most_missed: int, frame_rate: float, start: int = 0
) -> Iterator[list[PlacedSighting]]:
    """Place the faces of every frame.

    Args:
        seen: Sightings, frame by frame.
        frames: How many frames there are.
        most_missed: For how many frames a face may be missed within a run.
        frame_rate: Frames per second.
        start: The first frame that is wanted.

    Yields:
        The faces of frame `start` and of each one after it; runs in the order of their numbers.
    """
    sigma = max(_LEAST_SIGMA_FRAMES, _SMOOTHING_SECONDS * frame_rate)
    window: deque[SeenFace] = deque()
    coming = iter(seen)
    ahead = next(coming, None)
    for frame in range(frames):
        while ahead is not None and ahead.frame <= frame + most_missed:
            window.append(ahead)
            ahead = next(coming, None)
        while window and window[0].frame < frame - most_missed:
            window.popleft()
        if frame >= start:
            yield _placed(window, frame, sigma)


def _placed(window: Iterable[SeenFace], frame: int, sigma: float) -> list[PlacedSighting]:
    runs: dict[int, list[SeenFace]] = {}
    for one in window:
        runs.setdefault(one.run, []).append(one)
    placed = []
    for run in sorted(runs):
        seen = runs[run]
        if seen[0].frame <= frame <= seen[-1].frame:
            nearest = min(seen, key=lambda one: abs(one.frame - frame))
            face = _smoothed(seen, nearest.face, frame, sigma)
            detected = nearest.frame == frame
            placed.append(PlacedSighting(nearest.track, run, face, detected))
    return placed


def _smoothed(
    seen: list[SeenFace], nearest: DetectedFace, frame: int, sigma: float
) -> DetectedFace:
    """The face that the line through the sightings has in this frame."""
    times = np.array([one.frame - frame for one in seen], np.float64)
    values = np.stack([np.append(one.face.landmarks.ravel(), one.face.box) for one in seen])
    closeness = -(times**2) / (2 * sigma**2)
    near = np.exp(closeness - closeness.max())
    weights, line = near, values[:1]
    for _ in range(_ROUNDS):
        line = _line(times, values, weights)
        stray = np.abs(line[0] + times[:, None] * line[1] - values)[:, :10].mean(axis=1)
        weights = near / (1 + (stray / (_STRAY_SHARE * nearest.width_px)) ** 2)
    x0, y0, x1, y1 = line[0, 10:].tolist()
    if not (x1 > x0 and y1 > y0):
        return nearest
    landmarks = line[0, :10].reshape(5, 2)
    return DetectedFace((x0, y0, x1, y1), landmarks, nearest.scheme, nearest.confidence)


def _line(times: Values, values: Values, weights: Values) -> Values:
    """(2, N): value at time 0 and slope of the weighted line through the values."""
    total = weights.sum()
    mean_time = float((weights * times).sum() / total)
    mean = (weights[:, None] * values).sum(axis=0) / total
    spread = float((weights * (times - mean_time) ** 2).sum())
    if spread < 1e-9:
        return np.stack([mean, np.zeros_like(mean)])
    slope = (weights * (times - mean_time)) @ (values - mean) / spread
    return np.stack([mean - slope * mean_time, slope])
