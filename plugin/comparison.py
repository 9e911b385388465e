"""Judges restorations made elsewhere: a pair of pictures, or two folders matched by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..core.errors import InvalidInput
from ..core.faces import FACE_SIZE_PX, AlignedFace, paste_face
from ..core.images import find_pictures, require_rgb
from ..core.protocols import Restoration, RGBImage
from ..guards.verdict import Decision, Reason, Verdict
from .pipeline import Guard
from .results import GuardedFace, GuardedImage

__all__ = ["PicturePair", "compare_pictures", "match_pairs"]


@dataclass(frozen=True, slots=True)
class PicturePair:
    """Two pictures of one name; `problem` says why they cannot be compared."""

    before: Path
    after: Path
    problem: str | None = None


def match_pairs(before: Path, after: Path) -> list[PicturePair]:
    """Pair two files, or the pictures of two folders by their name without suffix.

    Args:
        before: File or folder of inputs.
        after: File or folder of restorations, of the same kind.

    Returns:
        One pair per restoration, in order; those without a partner carry the problem.

    Raises:
        InvalidInput: If one is a folder and the other is not, or nothing was found.
    """
    if before.is_dir() != after.is_dir():
        raise InvalidInput(f"expected two files or two folders, got {before} and {after}")
    if not before.is_dir():
        return [PicturePair(before, after)]
    sources = {one.relative.with_suffix(""): one.path for one in find_pictures([before])}
    pairs = []
    for one in find_pictures([after]):
        key = one.relative.with_suffix("")
        partner = sources.pop(key, None)
        problem = None if partner else f"no picture called {key} in {before}"
        pairs.append(PicturePair(partner or before / key, one.path, problem))
    missing = (
        PicturePair(path, after / key, f"no picture called {key} in {after}")
        for key, path in sources.items()
    )
    pairs.extend(missing)
    if not pairs:
        raise InvalidInput(f"expected pictures in {before} and {after}, found none")
    return pairs


def compare_pictures(
    guard: Guard, before: RGBImage, after: RGBImage, *, aligned: bool = False
) -> GuardedImage:
    """Judge every face of a restored picture against the picture that it was made from.

    Args:
        guard: Whose judge and policy apply; its restorer is not run.
        before: (H, W, 3) uint8 RGB.
        after: (H * s, W * s, 3) uint8 RGB, the same view at any scale s.
        aligned: Both are one face in the FFHQ frame.

    Returns:
        `after` with every refused face put back from `before`, and every face's verdict. In
        whole pictures the same affine cuts both, so that people are compared, not alignments.

    Raises:
        InvalidInput: If the two do not show one view.
    """
    before, after = require_rgb(before, "before"), require_rgb(after, "after")
    scale = after.shape[1] / before.shape[1]
    if abs(after.shape[0] - before.shape[0] * scale) > max(2.0, 0.01 * after.shape[0]):
        raise InvalidInput(
            f"expected two pictures of one aspect ratio, got {before.shape[1]}x{before.shape[0]} "
            f"and {after.shape[1]}x{after.shape[0]}"
        )
    faces = list(_compare_faces(guard, before, after, scale, aligned))
    return GuardedImage(_compose(after, faces, scale, aligned), tuple(faces))


def _compare_faces(
    guard: Guard, before: RGBImage, after: RGBImage, scale: float, aligned: bool
) -> Iterator[GuardedFace]:
    for face in guard.assessment.find_faces(before, aligned=aligned):
        problem = guard.assessment.problem_of(face, before)
        if problem is not None:
            yield _unassessable(face, problem, guard)
            continue
        hq = after if aligned else _cut(after, face, scale)
        judgement = guard.judge_pair(face.pixels, hq)
        failed = judgement.verdict.decision is Decision.FAILED
        restoration = None if failed else Restoration(face.pixels, _in_frame(hq))
        yield GuardedFace(face, restoration, judgement.verdict, judgement.pixels)


def _unassessable(face: AlignedFace, problem: Reason, guard: Guard) -> GuardedFace:
    verdict = Verdict(Decision.NOT_ASSESSABLE, 0.0, (problem,), guard.policy.name)
    return GuardedFace(face, None, verdict, face.pixels)


def _scaled_affine(
    face: AlignedFace, scale: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The face's affine for the same view magnified by `scale` (pixel centres kept)."""
    affine = face.affine.copy()
    affine[:, :2] /= scale
    affine[:, 2] -= affine[:, :2] @ np.full(2, (scale - 1) / 2)
    return affine


def _cut(after: RGBImage, face: AlignedFace, scale: float) -> RGBImage:
    size = (FACE_SIZE_PX, FACE_SIZE_PX)
    crop = cv2.warpAffine(after, _scaled_affine(face, scale), size, borderValue=(132, 133, 135))
    return np.asarray(crop, np.uint8)


def _in_frame(hq: RGBImage) -> RGBImage:
    if hq.shape[0] == FACE_SIZE_PX:
        return hq
    interpolation = cv2.INTER_AREA if hq.shape[0] > FACE_SIZE_PX else cv2.INTER_LINEAR
    size = (FACE_SIZE_PX, FACE_SIZE_PX)
    return np.asarray(cv2.resize(hq, size, interpolation=interpolation), np.uint8)


def _compose(after: RGBImage, faces: list[GuardedFace], scale: float, aligned: bool) -> RGBImage:
    """The restored picture, with what was refused taken back."""
    pixels = after
    for one in faces:
        if one.verdict.decision is Decision.ACCEPT:
            continue
        if aligned:
            size = (after.shape[1], after.shape[0])
            interpolation = cv2.INTER_AREA if after.shape[0] < FACE_SIZE_PX else cv2.INTER_CUBIC
            pixels = one.pixels
            if pixels.shape != after.shape:
                pixels = np.asarray(cv2.resize(pixels, size, interpolation=interpolation), np.uint8)
        else:
            moved = AlignedFace(
                pixels=one.face.pixels,
                affine=_scaled_affine(one.face, scale),
                landmarks=one.face.landmarks,
                scheme=one.face.scheme,
                box=one.face.box,
                detector_confidence=one.face.detector_confidence,
            )
            pixels = paste_face(pixels, moved, one.pixels)
    return pixels
