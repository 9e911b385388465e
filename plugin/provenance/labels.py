"""What a delivered picture says of itself: facts about what was done, nothing about who it shows.

No path, no time and no measurement is in it, so that the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from ... import __version__
from ...core.errors import NotRegistered
from ...core.images import printable_path
from ...core.protocols import RGBImage
from ...restorers.registry import restorer_info
from ..results import GuardedFace, GuardedImage

__all__ = [
    "AI_EDITED",
    "ALGORITHM_EDITED",
    "MOST_FACES",
    "TOOL",
    "FaceLabel",
    "PictureLabel",
    "PictureState",
    "label_of_pair",
    "label_of_restoration",
]

TOOL: Final = f"facefidelity {__version__}"
AI_EDITED: Final = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)
"""IPTC: modified using a generative model."""
ALGORITHM_EDITED: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
"""IPTC: modified by an algorithm that is no generative model."""
MOST_FACES: Final = 100
"""Faces that a label lists; it says how many there are."""

_LONGEST_WORD: Final = 80
_MOST_NAMES: Final = 8
_UNKNOWN: Final = "unknown"

PictureState: TypeAlias = Literal["edited", "unchanged", "enlarged"]


@dataclass(frozen=True, slots=True)
class FaceLabel:
    """One face in a label.

    Attributes:
        verdict: What was done in the end: ACCEPT, BLEND, REJECT, FAILED or NOT_ASSESSABLE.
        blend: Share of the restoration that is in the delivered face, 0..1.
        restorer: Who restored it, "unknown" where it was made elsewhere.
        by: Who decided: "guard", or "person".
    """

    verdict: str
    blend: float
    restorer: str
    by: str = "guard"


@dataclass(frozen=True, slots=True)
class PictureLabel:
    """A label.

    Attributes:
        state: "edited": at least one face is not the input's; "unchanged": reviewed, and every
            pixel is the input's; "enlarged": magnified without touching a face.
        tool: Name and version of what wrote it.
        input_sha256: Of the file that it was made from.
        policy: Under which was decided.
        face_count: Faces that were found.
        faces: The first `MOST_FACES` of them, largest first.
        source_type: IPTC's digital source type; None where no face was edited.
    """

    state: PictureState
    tool: str
    input_sha256: str
    policy: str
    face_count: int
    faces: tuple[FaceLabel, ...]
    source_type: str | None

    @property
    def restorers(self) -> tuple[str, ...]:
        """Whose work is in the picture, by name, eight at most; without those not known."""
        names = {one.restorer for one in self.faces if one.blend > 0}
        return tuple(sorted(names - {_UNKNOWN}))[:_MOST_NAMES]

    @property
    def sentence(self) -> str:
        """The label for people, in one line."""
        if self.state != "edited":
            how = (
                "no face was changed, the picture was enlarged"
                if self.state == "enlarged"
                else ("unchanged")
            )
            return f"Reviewed by {self.tool}: {how}."
        means = "AI-edited" if self.source_type == AI_EDITED else "Edited by an algorithm"
        changed = sum(one.blend > 0 for one in self.faces)
        who = ", ".join(self.restorers) or "a program unknown to us"
        many = f"{changed} of {self.face_count} faces restored" if changed else "restored"
        return f"{means}: {many} with {who}, judged by {self.tool} (policy {self.policy})."


def label_of_restoration(
    result: GuardedImage, before: RGBImage, input_sha256: str, policy: str
) -> PictureLabel:
    """Label what `restore` delivers.

    Args:
        result: The picture after the guard.
        before: (H, W, 3) uint8 RGB, the picture as it was read.
        input_sha256: Of its file.
        policy: Name of the policy.
    """
    edited = any(face.delivered for face in result.faces)
    same_size = result.pixels.shape == before.shape
    state: PictureState = "edited" if edited else "unchanged" if same_size else "enlarged"
    return _label(state, result.faces, input_sha256, policy)


def label_of_pair(
    result: GuardedImage, before: RGBImage, input_sha256: str, policy: str
) -> PictureLabel:
    """Label what `compare` delivers: unchanged only where every pixel is that of BEFORE.

    Arguments as for `label_of_restoration`; the hash is of BEFORE's file.
    """
    unchanged = np.array_equal(result.pixels, before)
    return _label("unchanged" if unchanged else "edited", result.faces, input_sha256, policy)


def _label(
    state: PictureState, faces: tuple[GuardedFace, ...], input_sha256: str, policy: str
) -> PictureLabel:
    told = tuple(_face_label(face) for face in faces[:MOST_FACES])
    source_type = None
    if state == "edited":
        generative = _is_generative(face.restorer for face in faces if face.delivered)
        source_type = AI_EDITED if generative else ALGORITHM_EDITED
    return PictureLabel(state, TOOL, input_sha256, _word(policy), len(faces), told, source_type)


def _face_label(face: GuardedFace) -> FaceLabel:
    share = 0.0
    if face.delivered:
        share = 1.0 if face.decision.value == "ACCEPT" else face.verdict.blend
        if face.override is not None and face.override.share is not None:
            share = face.override.share
    by = "guard" if face.override is None else "person"
    return FaceLabel(face.decision.value, round(share, 4), _word(face.restorer), by)


def _is_generative(restorers: Iterable[str]) -> bool:
    """Whether one of them may invent; who is unknown here is taken to be such a one."""
    names = set(restorers)
    return not names or any(_kind(name) != "classical" for name in names)


def _kind(name: str) -> str:
    try:
        return restorer_info(name).kind
    except NotRegistered:
        return _UNKNOWN


def _word(text: str) -> str:
    """A name that fits into any metadata: printable, and not long."""
    return printable_path(text)[:_LONGEST_WORD]
