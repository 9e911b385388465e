"""Judges restorations made elsewhere: a pair of pictures, or two folders matched by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..core.errors import InvalidInput
from ..core.faces import (
    FACE_SIZE_PX,
    AlignedFace,
    DetectedFace,
    align_face,
    fit_aligned,
    frame_as_aligned,
    give_back_face,
    keep_box,
    paste_face,
)
from ..core.faces.alignment import BORDER_RGB
from ..core.faces.paste import inverse_affine
from ..core.images import FoundPicture, find_pictures, require_rgb
from ..core.protocols import Restoration, RGBImage
from ..guards.measurement import MeasuredSource
from ..guards.verdict import Decision
from .batch.plan import is_below
from .enrolment import References, measure_with_references
from .pipeline import Guard
from .results import GuardedFace, GuardedImage

__all__ = ["PicturePair", "compare_pictures", "cut_face", "match_pairs"]


@dataclass(frozen=True, slots=True)
class PicturePair:
    """Two pictures of one name; `problem` says why they cannot be compared."""

    before: Path
    after: Path
    problem: str | None = None


def match_pairs(before: Path, after: Path, output: Path | None = None) -> list[PicturePair]:
    """Pair two files, or the pictures of two folders by their name.

    Args:
        before: File or folder of inputs.
        after: File or folder of restorations, of the same kind.
        output: Folder of results; what lies in it is no restoration to compare.

    Returns:
        One pair per restoration, in order; those without a partner carry the problem.

    Raises:
        InvalidInput: If one is a folder and the other is not, or nothing was found.
    """
    if before.is_dir() != after.is_dir():
        raise InvalidInput(f"expected two files or two folders, got {before} and {after}")
    if not before.is_dir():
        return [PicturePair(before, after)]
    sources = {one.relative: one.path for one in find_pictures([before])}
    found = [one for one in find_pictures([after]) if not is_below(one.path, output)]
    by_name = {one.relative: one.relative for one in found if one.relative in sources}
    pairs = [_match(one, before, sources, by_name) for one in found]
    taken = {pair.before for pair in pairs}
    pairs += [
        PicturePair(path, after / name, f"no picture called {name.with_suffix('')} in {after}")
        for name, path in sources.items()
        if path not in taken
    ]
    if not pairs:
        raise InvalidInput(f"expected pictures in {before} and {after}, found none")
    return pairs


def _match(
    one: FoundPicture, before: Path, sources: dict[Path, Path], by_name: dict[Path, Path]
) -> PicturePair:
    """The picture of exactly this name, else the only free one that differs in suffix."""
    stem = one.relative.with_suffix("")
    names = [by_name[one.relative]] if one.relative in by_name else []
    names = names or [n for n in sources if n.with_suffix("") == stem and n not in by_name]
    if len(names) == 1:
        return PicturePair(sources[names[0]], one.path)
    problem = f"no picture called {stem} in {before}"
    if names:
        problem = f"several pictures are called {stem} in {before}; name the two files"
    return PicturePair(before / stem, one.path, problem)


def compare_pictures(
    guard: Guard,
    before: RGBImage,
    after: RGBImage,
    *,
    aligned: bool = False,
    references: References = None,
) -> GuardedImage:
    """Judge every face of a restored picture against the picture that it was made from.

    Args:
        guard: Whose judge and policy apply; its restorer is not run.
        before: (H, W, 3) uint8 RGB.
        after: (H * s, W * s, 3) uint8 RGB, the same view at any scale s.
        aligned: Both are one face in the FFHQ frame.
        references: Pictures of one person; they speak for the face of BEFORE most like them.

    Returns:
        `after` with every refused face put back from `before`, and every face's verdict. In
        whole pictures the same affine cuts both, so that people are compared, not alignments.

    Raises:
        InvalidInput: If the two do not show one view, or a reference has not one face.
    """
    before, after = require_rgb(before, "before"), require_rgb(after, "after")
    scale = after.shape[1] / before.shape[1]
    if abs(after.shape[0] - before.shape[0] * scale) > max(2.0, 0.01 * after.shape[0]):
        raise InvalidInput(
            f"expected two pictures of one aspect ratio, got {before.shape[1]}x{before.shape[0]} "
            f"and {after.shape[1]}x{after.shape[0]}"
        )
    found = guard.assessment.find_faces(before, aligned=aligned)
    if not aligned:
        found += _invented_faces(guard, before, after, scale, found)
    sources = measure_with_references(guard, found, before, references)
    faces = [
        _compare_face(guard, face, before, after, scale, aligned, sources.get(index))
        for index, face in enumerate(found)
    ]
    if guard.policy.changes_pixels:
        after = _compose(before, after, faces, scale, aligned)
    return GuardedImage(after, tuple(faces))


def _invented_faces(
    guard: Guard, before: RGBImage, after: RGBImage, scale: float, known: list[AlignedFace]
) -> list[AlignedFace]:
    """Faces that are found in AFTER only, aligned in BEFORE: none goes unjudged."""
    invented = []
    for face in guard.assessment.detector.detect(after):
        shift = (scale - 1) / 2
        box = tuple((value - shift) / scale for value in face.box)
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        if not any(_contains(one.box, centre) for one in known):
            x0, y0, x1, y1 = box
            landmarks = (face.landmarks - shift) / scale
            moved = DetectedFace((x0, y0, x1, y1), landmarks, face.scheme, face.confidence)
            invented.append(align_face(before, moved))
    return invented


def _contains(box: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _compare_face(
    guard: Guard,
    face: AlignedFace,
    before: RGBImage,
    after: RGBImage,
    scale: float,
    aligned: bool,
    source: MeasuredSource | None,
) -> GuardedFace:
    problem = guard.assessment.problem_of(face, before)
    if problem is not None:
        judgement = guard.unassessable(face.pixels, problem)
        return GuardedFace(face, None, judgement.verdict, judgement.pixels)
    hq = frame_as_aligned(after if aligned else cut_face(after, face, scale)).pixels
    judgement = guard.judge_pair(face.pixels, hq, source=source)
    failed = judgement.verdict.evidence is None
    restoration = None if failed else Restoration(face.pixels, hq)
    found = judgement.verdict, judgement.pixels
    return GuardedFace(face, restoration, *found, maps=judgement.maps)


def cut_face(after: RGBImage, face: AlignedFace, scale: float) -> RGBImage:
    """The face's frame in AFTER, (512, 512, 3) uint8 RGB, cut with the affine of BEFORE.

    Args:
        after: (H * scale, W * scale, 3) uint8 RGB.
        face: As found in BEFORE, (H, W, 3).
        scale: Width of AFTER by width of BEFORE.
    """
    crop = cv2.warpAffine(
        after,
        inverse_affine(face, scale),
        (FACE_SIZE_PX, FACE_SIZE_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BORDER_RGB,
    )
    return np.asarray(crop, np.uint8)


def _give_back(pixels: RGBImage, original: RGBImage, face: AlignedFace, scale: float) -> RGBImage:
    """The whole frame softly, and the face's box to the byte."""
    return keep_box(give_back_face(pixels, original, face, scale), original, face, scale)


def _compose(
    before: RGBImage, after: RGBImage, faces: Sequence[GuardedFace], scale: float, aligned: bool
) -> RGBImage:
    """AFTER, with mixtures put in and what was refused given back from BEFORE."""
    original = before
    if before.shape != after.shape:
        size = (after.shape[1], after.shape[0])
        original = np.asarray(cv2.resize(before, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    pixels = after
    for one in faces:
        if one.verdict.decision is Decision.BLEND and one.restoration is not None:
            hq = one.restoration.hq
            if aligned:
                pixels = fit_aligned(after, hq, one.pixels)
            else:
                pixels = paste_face(pixels, one.face, one.pixels, scale, replaced=hq)
    for one in faces:
        if not one.delivered:
            pixels = original if aligned else _give_back(pixels, original, one.face, scale)
    return pixels
